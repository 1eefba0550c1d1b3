/** Asks for committed offsets when all brokers agree on who leads what, so that no stale coordinator can answer. */
import type { ClusterClient } from '../../../client';
import { errorForCode, KafkaError } from '../../../protocol';
import { offsetFetch } from '../../../protocol/apis';
import { GROUPS, nowUs, type ReadCommitted } from './operations';

/** The newest version that asks for one group. */
const ONE_GROUP_VERSION = 7;

/** What each group's coordinator has. */
export async function settledOffsets(
  client: ClusterClient,
  topic: string,
  partitions: number,
): Promise<ReadCommitted[]> {
  const topics = [{ name: topic, partitionIndexes: Array.from({ length: partitions }, (_, each) => each) }];
  return Promise.all(
    GROUPS.map(async (group): Promise<ReadCommitted> => {
      const beginUs = nowUs();
      const request = { groupId: group, topics, requireStable: false };
      const options = { highestVersion: ONE_GROUP_VERSION };
      const answer = await client.toCoordinator(group, offsetFetch, request, ({ errorCode }) => errorCode, options);
      const failed = [answer, ...(answer.topics[0]?.partitions ?? [])].find(({ errorCode }) => errorCode !== 0);
      const error = errorForCode(failed?.errorCode ?? 0);
      if (failed) throw new KafkaError(error, `offsets of ${group}: ${error.name}`);
      const offsets = (answer.topics[0]?.partitions ?? []).map(
        ({ partitionIndex, committedOffset }): [number, number | null] => [
          partitionIndex,
          committedOffset < 0 ? null : committedOffset,
        ],
      );
      return { op: 'committed', process: 'settled', group, settled: true, offsets, beginUs, endUs: nowUs() };
    }),
  );
}
