/** A follower against a scripted leader. */
import type { Log } from '../../../../broker/log';
import type { FetchAssignment } from '../../../../broker/replication/fetcher-manager';
import { fetcherIdOf } from '../../../../broker/replication/fetcher-manager';
import type { LeaderEndpoint } from '../../../../broker/replication/leader-endpoint';
import { ReplicaFetcher } from '../../../../broker/replication/replica-fetcher';
import { Errors, KafkaError, type InputOf } from '../../../../protocol';
import type { FetchRequest, FetchResponse } from '../../../../protocol/apis';
import { batch } from '../../../../protocol/records';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { openLogs, records } from './support';

const TOPIC_ID = 'TP9cSBN7ShaBGIn-e4c3tw';

type ResponsePartition = FetchResponse['responses'][number]['partitions'][number];
type Partition = Partial<Omit<ResponsePartition, 'records'>> & { records?: Buffer };

/** Answers requests only when the test says so. */
class ScriptedLeader implements LeaderEndpoint {
  readonly requests: { version: number; body: InputOf<FetchRequest> }[] = [];
  offsets: { end: number; start: number } = { end: 0, start: 0 };
  private settle: ((response: FetchResponse | Error) => void) | null = null;

  fetch(version: number, body: InputOf<FetchRequest>): Promise<FetchResponse> {
    this.requests.push({ version, body });
    return new Promise((resolve, reject) => {
      this.settle = (response) => (response instanceof Error ? reject(response) : resolve(response));
    });
  }

  offsetAt(timestamp: bigint): Promise<number> {
    return Promise.resolve(timestamp === -1n ? this.offsets.end : this.offsets.start);
  }

  interrupt(): void {
    this.settle?.(new Error('interrupted'));
  }

  close(): void {
    this.settle?.(new Error('closed'));
  }

  get latest() {
    return this.requests.at(-1)?.body;
  }

  async answer(partitions: Partition[], changes: Partial<FetchResponse> = {}): Promise<void> {
    const full = partitions.map((partition) => ({
      partitionIndex: 0,
      errorCode: 0,
      highWatermark: 0,
      lastStableOffset: -1,
      logStartOffset: 0,
      divergingEpoch: { epoch: -1, endOffset: -1 },
      currentLeader: { leaderId: -1, leaderEpoch: -1 },
      snapshotId: { endOffset: -1, epoch: -1 },
      abortedTransactions: null,
      preferredReadReplica: -1,
      records: null,
      ...partition,
    }));
    const partitionsOnWire = full as unknown as ResponsePartition[];
    const responses = full.length > 0 ? [{ topic: '', topicId: TOPIC_ID, partitions: partitionsOnWire }] : [];
    await this.give({ throttleTimeMs: 0, errorCode: 0, sessionId: 77, responses, nodeEndpoints: [], ...changes });
  }

  async give(response: FetchResponse | Error): Promise<void> {
    this.settle?.(response);
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Setup {
  leader: ScriptedLeader;
  fetcher: ReplicaFetcher;
  clock: ManualClock;
  logs: Log[];
  advanced: number[];
  failed: number[];
  assignment(partition: number, leaderEpoch?: number): FetchAssignment;
}

const stops: AbortController[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort(new Error('the test is over'));
});

async function setUp(partitions = 1, prepare: (log: Log) => void = () => undefined): Promise<Setup> {
  const clock = new ManualClock();
  const manager = await openLogs(clock);
  const logs = Array.from({ length: partitions }, (_, partition) =>
    manager.getOrCreate({ topic: 'orders', partition }, { isNew: true }),
  );
  for (const log of logs) prepare(log);
  const leader = new ScriptedLeader();
  const advanced: number[] = [];
  const failed: number[] = [];
  const fetcher = new ReplicaFetcher(
    'fetcher',
    {
      settings: {
        brokerId: 2,
        maxWaitMs: 500,
        minBytes: 1,
        responseMaxBytes: 1 << 20,
        partitionMaxBytes: 1 << 16,
        backoffMs: 1000,
      },
      clock,
      logger: silentLogger,
      leader,
      brokerEpoch: () => 25,
      advanced: ({ partition }) => advanced.push(partition),
      fetched: () => undefined,
      quota: { isThrottled: () => false, isExceeded: false },
    },
    ({ topicPartition }) => failed.push(topicPartition.partition),
  );
  const assignment = (partition: number, leaderEpoch = 0): FetchAssignment => ({
    topicPartition: { topic: 'orders', partition },
    topicId: TOPIC_ID,
    leaderId: 1,
    leaderEpoch,
    log: logs[partition] as Log,
  });
  const stop = new AbortController();
  stops.push(stop);
  for (let i = 0; i < partitions; i++) fetcher.add(assignment(i));
  void fetcher.run(stop.signal);
  await settled();
  return { leader, fetcher, clock, logs, advanced, failed, assignment };
}

function batchAt(offset: number, count: number, leaderEpoch = 0): Buffer {
  const bytes = records(count);
  batch.setBaseOffset(bytes, 0, offset);
  batch.setPartitionLeaderEpoch(bytes, 0, leaderEpoch);
  return bytes;
}

describe('a follower’s fetch', () => {
  it('asks as Kafka’s followers do, then appends what comes and takes over the high watermark', async () => {
    const { leader, logs, advanced } = await setUp();
    const [log] = logs as [Log];
    expect(leader.requests[0]?.version).toBe(17);
    expect(leader.latest).toMatchObject({
      replicaState: { replicaId: 2, replicaEpoch: 25 },
      maxWaitMs: 500,
      minBytes: 1,
      sessionId: 0,
      sessionEpoch: 0,
      topics: [
        {
          topicId: TOPIC_ID,
          partitions: [
            { partition: 0, currentLeaderEpoch: 0, fetchOffset: 0, lastFetchedEpoch: -1, logStartOffset: 0 },
          ],
        },
      ],
    });
    await leader.answer([{ records: batchAt(0, 3), highWatermark: 2 }]);
    expect([log.logEndOffset, log.highWatermark, log.latestEpoch]).toEqual([3, 2, 0]);
    expect(advanced).toEqual([0]);
    expect(leader.latest).toMatchObject({
      sessionId: 77,
      sessionEpoch: 1,
      topics: [{ partitions: [{ fetchOffset: 3, lastFetchedEpoch: 0 }] }],
    });
  });

  it('names no partition when nothing changed since the last one', async () => {
    const { leader } = await setUp(2);
    await leader.answer([{ partitionIndex: 0 }, { partitionIndex: 1 }]);
    expect(leader.latest).toMatchObject({ sessionEpoch: 1, topics: [] });
    await leader.answer([]);
    expect(leader.latest).toMatchObject({ sessionEpoch: 2, topics: [] });
  });

  it('takes the high watermark only as far as its own log goes', async () => {
    const { leader, logs } = await setUp();
    await leader.answer([{ records: batchAt(0, 3), highWatermark: 100 }]);
    expect(logs[0]?.highWatermark).toBe(3);
  });

  it('leaves a batch that was cut off for the next time', async () => {
    const { leader, logs } = await setUp();
    const two = Buffer.concat([batchAt(0, 2), batchAt(2, 2)]);
    await leader.answer([{ records: two.subarray(0, two.length - 5) }]);
    expect(logs[0]?.logEndOffset).toBe(2);
  });

  it('follows the leader’s log start', async () => {
    const { leader, logs } = await setUp();
    await leader.answer([{ records: batchAt(0, 5), highWatermark: 5, logStartOffset: 3 }]);
    expect(logs[0]?.logStartOffset).toBe(3);
  });

  it('begins a full fetch anew when the leader has lost the session', async () => {
    const { leader } = await setUp();
    await leader.answer([{}]);
    await leader.answer([], { errorCode: Errors.FETCH_SESSION_ID_NOT_FOUND.code, sessionId: 0 });
    expect(leader.latest).toMatchObject({
      sessionId: 0,
      sessionEpoch: 0,
      topics: [{ partitions: [{ partition: 0 }] }],
    });
  });

  it('closes the old session with the first fetch after a lost connection', async () => {
    const { leader, clock } = await setUp();
    await leader.answer([{}]);
    await leader.give(new Error('connection lost'));
    const before = leader.requests.length;
    await clock.advanceAsync(1000);
    expect(leader.requests.length).toBeGreaterThan(before);
    expect(leader.latest).toMatchObject({ sessionId: 77, sessionEpoch: 0 });
  });
});

describe('a follower whose log diverges', () => {
  const twoEpochs = (log: Log): void => {
    log.appendAsFollower(batchAt(0, 3, 0));
    log.appendAsFollower(batchAt(3, 2, 0));
    log.appendAsFollower(batchAt(5, 5, 1));
  };

  it('truncates to what it shares with the leader before it takes anything', async () => {
    const { leader, logs } = await setUp(1, twoEpochs);
    expect(leader.latest?.topics?.[0]?.partitions?.[0]).toMatchObject({ fetchOffset: 10, lastFetchedEpoch: 1 });
    await leader.answer([{ divergingEpoch: { epoch: 0, endOffset: 3 }, highWatermark: 3 }]);
    expect([logs[0]?.logEndOffset, logs[0]?.highWatermark]).toEqual([3, 0]);
    expect(leader.latest?.topics?.[0]?.partitions?.[0]).toMatchObject({ fetchOffset: 3, lastFetchedEpoch: 0 });
  });

  it('takes several rounds when the leader’s epoch is unknown to it', async () => {
    const { leader, logs } = await setUp(1, (log) => {
      log.appendAsFollower(batchAt(0, 5, 0));
      log.appendAsFollower(batchAt(5, 5, 3));
    });
    await leader.answer([{ divergingEpoch: { epoch: 2, endOffset: 8 } }]);
    expect(logs[0]?.logEndOffset).toBe(5);
    expect(leader.latest?.topics?.[0]?.partitions?.[0]).toMatchObject({ fetchOffset: 5, lastFetchedEpoch: 0 });
  });

  it('cuts a log without epochs at its high watermark first', async () => {
    const { leader } = await setUp(1);
    expect(leader.latest?.topics?.[0]?.partitions?.[0]).toMatchObject({ fetchOffset: 0, lastFetchedEpoch: -1 });
  });
});

describe('a fetch offset out of the leader’s range', () => {
  const tenRecords = (log: Log): void => void log.appendAsFollower(batchAt(0, 10));

  it('is cut to the end of the leader’s log', async () => {
    const { leader, logs } = await setUp(1, tenRecords);
    leader.offsets = { end: 0, start: 0 };
    await leader.answer([{ errorCode: Errors.OFFSET_OUT_OF_RANGE.code }]);
    await leader.answer([], { sessionId: 0 });
    expect(logs[0]?.logEndOffset).toBe(0);
    expect(leader.latest?.topics?.[0]?.partitions?.[0]).toMatchObject({ fetchOffset: 0 });
  });

  it('starts over where the leader’s log begins', async () => {
    const { leader, logs } = await setUp(1, tenRecords);
    leader.offsets = { end: 90, start: 50 };
    await leader.answer([{ errorCode: Errors.OFFSET_OUT_OF_RANGE.code }]);
    await leader.answer([], { sessionId: 0 });
    expect([logs[0]?.logStartOffset, logs[0]?.logEndOffset]).toEqual([50, 50]);
    expect(leader.latest?.topics?.[0]?.partitions?.[0]).toMatchObject({ fetchOffset: 50 });
  });

  it('waits before it asks again when the leader cannot tell', async () => {
    const { leader, clock } = await setUp(1, tenRecords);
    leader.offsetAt = () => Promise.reject(new KafkaError('NOT_LEADER_OR_FOLLOWER'));
    await leader.answer([{ errorCode: Errors.OFFSET_OUT_OF_RANGE.code }]);
    await leader.answer([], { sessionId: 0 });
    const before = leader.requests.filter(({ body }) => (body.topics?.length ?? 0) > 0).length;
    await clock.advanceAsync(1001);
    expect(leader.requests.filter(({ body }) => (body.topics?.length ?? 0) > 0).length).toBe(before + 1);
  });
});

describe('errors of one partition', () => {
  it('delay that one and not the others', async () => {
    const { leader, clock, logs } = await setUp(2);
    await leader.answer([
      { partitionIndex: 0, errorCode: Errors.KAFKA_STORAGE_ERROR.code },
      { partitionIndex: 1, records: batchAt(0, 1) },
    ]);
    expect(leader.latest).toMatchObject({
      topics: [{ partitions: [{ partition: 1, fetchOffset: 1 }] }],
      forgottenTopicsData: [{ topicId: TOPIC_ID, partitions: [0] }],
    });
    await leader.answer([{ partitionIndex: 1, records: batchAt(1, 1) }]);
    expect(logs[1]?.logEndOffset).toBe(2);
    await clock.advanceAsync(1000);
    await leader.answer([]);
    expect(leader.latest).toMatchObject({ topics: [{ partitions: [{ partition: 0, fetchOffset: 0 }] }] });
  });

  it('are tried again soon when they usually pass, as right after a topic’s creation', async () => {
    const { leader, clock } = await setUp(1);
    await leader.answer([{ errorCode: Errors.UNKNOWN_TOPIC_ID.code }]);
    await leader.answer([], { sessionId: 0 });
    const before = leader.requests.length;
    await clock.advanceAsync(30);
    expect(leader.requests.length).toBe(before + 1);
    expect(leader.latest?.topics?.[0]?.partitions?.[0]).toMatchObject({ partition: 0 });
  });

  it('end the following when the leader epoch is too old, until LeaderAndIsr brings another', async () => {
    const { leader, fetcher, failed, assignment } = await setUp(1);
    await leader.answer([{ errorCode: Errors.FENCED_LEADER_EPOCH.code }]);
    expect(failed).toEqual([0]);
    expect(fetcher.size).toBe(0);
    fetcher.add(assignment(0, 1));
    await leader.answer([]);
    expect(leader.latest).toMatchObject({ topics: [{ partitions: [{ partition: 0, currentLeaderEpoch: 1 }] }] });
  });

  it('concern what was damaged on the way only for a while', async () => {
    const { leader, logs, failed } = await setUp(1);
    const damaged = batchAt(0, 2);
    damaged.writeUInt8(damaged.readUInt8(70) ^ 0xff, 70);
    await leader.answer([{ records: damaged }]);
    expect(logs[0]?.logEndOffset).toBe(0);
    expect(failed).toEqual([]);
  });
});

describe('a partition that is added while a fetch waits', () => {
  it('is asked for within moments, by giving the waiting fetch up', async () => {
    const { leader, fetcher, clock, assignment } = await setUp(2);
    fetcher.remove({ topic: 'orders', partition: 1 });
    await leader.answer([{}]);
    fetcher.add(assignment(1, 1));
    await clock.advanceAsync(19);
    expect(leader.latest?.topics).toEqual([]);
    await clock.advanceAsync(1);
    expect(leader.latest).toMatchObject({ sessionId: 77, sessionEpoch: 0 });
    expect(leader.latest?.topics?.[0]?.partitions?.map(({ partition }) => partition)).toEqual([0, 1]);
  });

  it('goes with the next fetch when the answer comes by itself', async () => {
    const { leader, fetcher, clock, assignment } = await setUp(1);
    await leader.answer([{}]);
    fetcher.add(assignment(0, 1));
    await leader.answer([]);
    expect(leader.latest).toMatchObject({ sessionEpoch: 2, topics: [{ partitions: [{ currentLeaderEpoch: 1 }] }] });
    await clock.advanceAsync(100);
    expect(leader.latest).toMatchObject({ sessionEpoch: 2 });
  });
});

describe('a partition that is taken away while its fetch is under way', () => {
  it('gets nothing of the answer', async () => {
    const { leader, fetcher, logs } = await setUp(1);
    fetcher.remove({ topic: 'orders', partition: 0 });
    await leader.answer([{ records: batchAt(0, 3) }]);
    expect(logs[0]?.logEndOffset).toBe(0);
  });

  it('and given back gets only what was asked for since', async () => {
    const { leader, fetcher, logs, assignment } = await setUp(1);
    fetcher.remove({ topic: 'orders', partition: 0 });
    fetcher.add(assignment(0, 1));
    await leader.answer([{ records: batchAt(0, 3) }]);
    expect(logs[0]?.logEndOffset).toBe(0);
    await leader.answer([{ records: batchAt(0, 2, 1) }]);
    expect(logs[0]?.logEndOffset).toBe(2);
  });
});

describe('fetcherIdOf', () => {
  it('spreads partitions by Java’s hash of the topic', () => {
    expect(fetcherIdOf({ topic: 'orders', partition: 0 }, 1)).toBe(0);
    // "orders".hashCode() is -1008770331 in Java; 31 times that overflows to -1207109189.
    expect(fetcherIdOf({ topic: 'orders', partition: 0 }, 1000)).toBe(189);
  });
});
