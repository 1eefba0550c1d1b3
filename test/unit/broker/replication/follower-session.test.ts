import { FollowedPartition } from '../../../../broker/replication/followed-partition';
import { FollowerSession } from '../../../../broker/replication/follower-session';
import type { ReplicaLog } from '../../../../broker/replication/replica-log';
import type { FetchResponse } from '../../../../protocol/apis';

const TOPIC_ID = 'JL1ISlCZQx2Pq0bkGU_0Mg';

function follow(partition: number, leaderEpoch: number): FollowedPartition {
  const log = { latestEpoch: 0, logEndOffset: 5, highWatermark: 5, logStartOffset: 0 } as unknown as ReplicaLog;
  return new FollowedPartition({
    topicPartition: { topic: 'orders', partition },
    topicId: TOPIC_ID,
    leaderId: 1,
    leaderEpoch,
    log,
  });
}

const granted = { errorCode: 0, sessionId: 7, responses: [] } as unknown as FetchResponse;

test('a partition that is followed anew in the next leader epoch is not forgotten in the same request', () => {
  // Kafka's leader removes what is to be forgotten after it has added what is fetched.
  const session = new FollowerSession(1000);
  const [first, second] = [follow(0, 0), follow(1, 0)];
  session.build([first, second], new Set());
  session.accept(granted);

  session.remove(first);
  const again = follow(0, 1);
  const request = session.build([again, second], new Set([again]));

  expect(request?.topics[0]?.partitions?.map(({ partition }) => partition)).toEqual([0]);
  expect(request?.forgottenTopicsData).toEqual([]);
});

test('a partition that is no longer followed is forgotten', () => {
  const session = new FollowerSession(1000);
  const [first, second] = [follow(0, 0), follow(1, 0)];
  session.build([first, second], new Set());
  session.accept(granted);

  session.remove(first);

  expect(session.build([second], new Set())?.forgottenTopicsData).toEqual([
    { topic: 'orders', topicId: TOPIC_ID, partitions: [0] },
  ]);
});
