import type { AppendResult, LeadershipChange } from '../../../../broker/replication';
import { Errors, type WireError } from '../../../../protocol';
import { fetch } from '../../../../protocol/apis';
import { readAllRecords } from '../../../../protocol/records';
import { records, stateOf, topicPartition } from './support';
import { call, SmallCluster, TOPIC, TOPIC_ID, type SmallBroker } from './small-cluster';

let cluster: SmallCluster;

afterEach(() => cluster.stop());

function append(broker: SmallBroker, count: number, requiredAcks = 1, partition = 0) {
  return broker.replicas.append({
    requiredAcks,
    timeoutMs: 1000,
    origin: 'client',
    internalTopicsAllowed: false,
    entries: [{ topicPartition: { topic: TOPIC, partition }, records: records(count) }],
  });
}

/** The outcome of an append as it becomes known. */
function outcomeOf(appended: AppendResult[] | Promise<AppendResult[]>): { error: WireError | null } {
  const outcome: { error: WireError | null } = { error: null };
  void Promise.resolve(appended).then(([result]) => (outcome.error = result?.error ?? null));
  return outcome;
}

const logOf = (broker: SmallBroker, partition = 0) => broker.replicas.logOf({ topic: TOPIC, partition });

/** A consumer's fetch of partition 0, version 12, without a session. */
function consume(broker: SmallBroker, changes: { fetchOffset?: number; maxWaitMs?: number; minBytes?: number } = {}) {
  const asked = {
    partition: 0,
    currentLeaderEpoch: 0,
    fetchOffset: changes.fetchOffset ?? 0,
    partitionMaxBytes: 1 << 20,
  };
  return call(broker.handlers.fetch, fetch, 12, {
    maxWaitMs: changes.maxWaitMs ?? 0,
    minBytes: changes.minBytes ?? 1,
    sessionEpoch: -1,
    topics: [{ topic: TOPIC, partitions: [asked] }],
  });
}

const answerOf = (response: Awaited<ReturnType<typeof consume>>) => {
  const [answer] = response.responses[0]?.partitions ?? [];
  if (!answer) throw new Error('no answer for the partition');
  return answer;
};

describe('LeaderAndIsr', () => {
  it('makes logs, a leader and followers', async () => {
    cluster = await SmallCluster.start(3);
    expect(await cluster.elect()).toEqual([[0], [0], [0]]);
    const [leader, follower] = cluster.brokers as [SmallBroker, SmallBroker];
    expect(leader.replicas.leaderEpochOf(topicPartition)).toBe(0);
    expect(follower.replicas.leaderEpochOf(topicPartition)).toBeNull();
    expect(logOf(follower)?.topicId).toBe(TOPIC_ID);
  });

  it('is refused from an older controller, as StopReplica and UpdateMetadata are', async () => {
    cluster = await SmallCluster.start(1);
    cluster.controllerEpoch = 5;
    await cluster.elect({ replicas: [1], isr: [1] });
    cluster.controllerEpoch = 4;
    const { replicas } = cluster.broker(1);
    const stale = Errors.STALE_CONTROLLER_EPOCH;
    expect(
      (await replicas.becomeLeaderOrFollower(cluster.leaderAndIsrRequest([stateOf({ leaderEpoch: 1 })]))).error,
    ).toBe(stale);
    expect(await replicas.updateMetadata(cluster.metadataRequest([]))).toBe(stale);
    expect((await replicas.stopReplicas(stopRequest({ controllerEpoch: 4 }))).error).toBe(stale);
    expect(replicas.leaderEpochOf(topicPartition)).toBe(0);
  });

  it('is refused per partition with an epoch that is not newer, another topic id, or without this broker', async () => {
    cluster = await SmallCluster.start(1);
    await cluster.elect({ replicas: [1], isr: [1], leaderEpoch: 3 });
    const { replicas } = cluster.broker(1);
    const ask = async (state: Partial<ReturnType<typeof stateOf>>, topicId = TOPIC_ID) => {
      const request = cluster.leaderAndIsrRequest([stateOf({ replicas: [1], isr: [1], ...state })]);
      const topicStates = request.topicStates.map((topic) => ({ ...topic, topicId }));
      const { outcomes } = await replicas.becomeLeaderOrFollower({ ...request, topicStates });
      return outcomes[0]?.error.name;
    };
    expect(await ask({ leaderEpoch: 2 })).toBe('STALE_CONTROLLER_EPOCH');
    expect(await ask({ leaderEpoch: 3 })).toBe('STALE_CONTROLLER_EPOCH');
    expect(await ask({ leaderEpoch: 4 }, 'AAAAAAAAAAAAAAAAAAAAAQ')).toBe('INCONSISTENT_TOPIC_ID');
    expect(await ask({ leaderEpoch: 4, replicas: [2, 3] })).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await ask({ leaderEpoch: 4 })).toBe('NONE');
  });

  it('leaves a partition as it is when its new leader is not known to be alive', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ replicas: [1, 2], isr: [1, 2] });
    expect(await cluster.elect({ leader: -1, leaderEpoch: 1, replicas: [1, 2], isr: [1, 2] })).toEqual([[0], [0]]);
    expect(cluster.broker(1).replicas.leaderEpochOf(topicPartition)).toBe(0);
  });

  it('tells listeners who leads, who follows, and what is gone', async () => {
    cluster = await SmallCluster.start(2);
    const { replicas } = cluster.broker(1);
    const seen: LeadershipChange[] = [];
    replicas.onLeadershipChange((change) => seen.push(change));
    await cluster.elect({ replicas: [1, 2], isr: [1, 2] });
    await cluster.elect({ replicas: [1, 2], isr: [1, 2], leaderEpoch: 1 });
    await cluster.elect({ leader: 2, replicas: [1, 2], isr: [1, 2], leaderEpoch: 2 });
    await replicas.stopReplicas(stopRequest({ leaderEpoch: -2, deletePartition: true }));
    expect(seen.map(({ role, leaderEpoch }) => [role, leaderEpoch])).toEqual([
      ['leader', 0],
      ['follower', 2],
      ['none', -2],
    ]);
  });
});

function stopRequest({ controllerEpoch = 9, leaderEpoch = 0, deletePartition = false }) {
  return {
    controllerId: 1,
    isKRaftController: false,
    controllerEpoch,
    brokerEpoch: -1,
    deletePartitions: false,
    ungroupedPartitions: [],
    topics: [],
    topicStates: [{ topicName: TOPIC, partitionStates: [{ partitionIndex: 0, leaderEpoch, deletePartition }] }],
  };
}

describe('the end', () => {
  it('comes although a state change waits for a ZooKeeper that is gone', async () => {
    cluster = await SmallCluster.start(1);
    cluster.topicConfig = () => new Promise(() => undefined);
    void cluster.elect({ replicas: [1], isr: [1] });
    await cluster.pass();
    let stopped = false;
    const stopping = cluster
      .broker(1)
      .replicas.shutdown()
      .then(() => (stopped = true));
    await cluster.pass(4_000);
    expect(stopped).toBe(false);
    await cluster.pass(1_000);
    await stopping;
  });

  it('leaves no ISR change behind that is tried again and again', async () => {
    cluster = await SmallCluster.start(2);
    cluster.decide = () => ({ accepted: false, error: Errors.UNKNOWN_SERVER_ERROR });
    await cluster.elect({ replicas: [1, 2], isr: [1] });
    await cluster.pass(500);
    expect(cluster.proposals.length).toBeGreaterThan(2);
    await cluster.stop();
    await cluster.pass(100);
    const { length } = cluster.proposals;
    await cluster.pass(1_000);
    expect(cluster.proposals).toHaveLength(length);
  });
});

describe('StopReplica', () => {
  it('deletes the log, and is fenced by the leader epoch unless the topic is being deleted', async () => {
    cluster = await SmallCluster.start(1);
    await cluster.elect({ replicas: [1], isr: [1], leaderEpoch: 5 });
    const { replicas, logs } = cluster.broker(1);
    const fenced = await replicas.stopReplicas(stopRequest({ leaderEpoch: 4, deletePartition: true }));
    expect(fenced.outcomes[0]?.error).toBe(Errors.FENCED_LEADER_EPOCH);
    const deleted = await replicas.stopReplicas(stopRequest({ leaderEpoch: -2, deletePartition: true }));
    expect(deleted.outcomes[0]?.error).toBe(Errors.NONE);
    expect(logs.get(topicPartition)).toBeNull();
    const again = await replicas.stopReplicas(stopRequest({ leaderEpoch: -2, deletePartition: true }));
    expect(again.outcomes[0]?.error).toBe(Errors.NONE);
  });

  it('answers who waits for the partition', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ replicas: [1, 2], isr: [1, 2] });
    cluster.broker(2).isUp = false;
    const waiting = outcomeOf(append(cluster.broker(1), 1, -1));
    await cluster.pass();
    expect(waiting.error).toBeNull();
    await cluster.broker(1).replicas.stopReplicas(stopRequest({ leaderEpoch: -2, deletePartition: true }));
    await cluster.pass();
    expect(waiting.error).toBe(Errors.NOT_LEADER_OR_FOLLOWER);
  });
});

describe('replicas', () => {
  it('become equal, and acks=-1 is answered when all of the ISR has the batch', async () => {
    cluster = await SmallCluster.start(3);
    await cluster.elect();
    const written = outcomeOf(append(cluster.broker(1), 5, -1));
    expect(written.error).toBeNull();
    await cluster.pass();
    expect(written.error).toBe(Errors.NONE);
    const reads = await Promise.all(
      cluster.brokers.map(async (broker) =>
        logOf(broker)?.read(0, 1 << 20, { isolation: 'log_end', minOneBatch: true }),
      ),
    );
    const [first, ...others] = reads.map((read) => Buffer.concat(read?.records ?? []));
    expect(readAllRecords(first as Buffer)).toHaveLength(5);
    for (const other of others) expect(other).toEqual(first);
  });

  it('learn the high watermark with the fetch after the one that raised it', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ replicas: [1, 2], isr: [1, 2] });
    void append(cluster.broker(1), 5, 1);
    await cluster.pass();
    expect(logOf(cluster.broker(1))?.highWatermark).toBe(5);
    expect(logOf(cluster.broker(2))?.highWatermark).toBe(0);
    await cluster.pass(510);
    expect(logOf(cluster.broker(2))?.highWatermark).toBe(5);
  });

  it('end a write with acks=-1 after its timeout when one of the ISR is silent', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ replicas: [1, 2], isr: [1, 2] });
    cluster.broker(2).isUp = false;
    const written = outcomeOf(append(cluster.broker(1), 5, -1));
    await cluster.pass(1005);
    expect(written.error).toBe(Errors.REQUEST_TIMED_OUT);
  });

  it('shrink the ISR by a silent one, and take it back when it has caught up', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ replicas: [1, 2], isr: [1, 2] });
    cluster.broker(2).isUp = false;
    void append(cluster.broker(1), 5, 1);
    await cluster.pass(46_000);
    expect(cluster.proposals.map(({ newIsr }) => newIsr)).toEqual([[1]]);
    expect(logOf(cluster.broker(1))?.highWatermark).toBe(5);
    cluster.broker(2).isUp = true;
    await cluster.pass(2_000);
    expect(cluster.proposals.map(({ newIsr }) => newIsr)).toEqual([[1], [1, 2]]);
    expect(logOf(cluster.broker(2))?.logEndOffset).toBe(5);
  });

  it('truncate what a new leader does not have', async () => {
    cluster = await SmallCluster.start(3);
    await cluster.elect();
    await append(cluster.broker(1), 4, -1);
    await cluster.pass();
    cluster.broker(1).isUp = false;
    void append(cluster.broker(1), 3, 1);
    await cluster.elect({ leader: 2, leaderEpoch: 1, isr: [2, 3], partitionEpoch: 1, isNew: false });
    await append(cluster.broker(2), 1, -1);
    await cluster.pass();
    expect(logOf(cluster.broker(1))?.logEndOffset).toBe(7);
    cluster.broker(1).isUp = true;
    await cluster.elect({ leader: 2, leaderEpoch: 2, isr: [2, 3], partitionEpoch: 2, isNew: false });
    await cluster.pass(1_000);
    expect(logOf(cluster.broker(1))?.logEndOffset).toBe(5);
    expect(logOf(cluster.broker(1))?.latestEpoch).toBe(1);
  });

  it('follow the log start that DeleteRecords sets, which is answered when they have', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ replicas: [1, 2], isr: [1, 2] });
    await append(cluster.broker(1), 5, 1);
    await cluster.pass();
    const deleted = cluster.broker(1).replicas.deleteRecords([{ topicPartition, offset: -1 }], 30_000);
    expect(deleted).toBeInstanceOf(Promise);
    await cluster.pass(1_500);
    expect(await deleted).toMatchObject([{ error: Errors.NONE, lowWatermark: 5 }]);
    expect(logOf(cluster.broker(2))?.logStartOffset).toBe(5);
  });

  it('out of sync copy throttled partitions at the rate that was set, and the others as ever', async () => {
    cluster = await SmallCluster.start(2);
    cluster.decide = () => ({ accepted: false, error: Errors.INVALID_REQUEST });
    await cluster.elect({ replicas: [1, 2], isr: [1], partitions: [0, 1] });
    const batchBytes = records(50).length;
    for (const { replicas } of cluster.brokers) {
      replicas.updateTopicConfig(TOPIC, { 'leader.replication.throttled.replicas': '0:1' });
      replicas.updateThrottleRates({ leader: batchBytes / 4, follower: Infinity });
    }
    cluster.broker(2).isUp = false;
    await cluster.pass(2_000);
    for (const partition of [0, 1]) for (let i = 0; i < 3; i++) void append(cluster.broker(1), 50, 1, partition);
    cluster.broker(2).isUp = true;
    await cluster.pass(2_000);
    expect(logOf(cluster.broker(2), 1)?.logEndOffset).toBe(150);
    void append(cluster.broker(1), 50, 1, 0);
    const copied = logOf(cluster.broker(2), 0)?.logEndOffset;
    await cluster.pass(2_000);
    expect(logOf(cluster.broker(2), 0)?.logEndOffset).toBe(copied);
    await cluster.pass(30_000);
    expect(logOf(cluster.broker(2), 0)?.logEndOffset).toBe(200);
  });

  it('keep fetching sparse partitions among many idle ones', async () => {
    cluster = await SmallCluster.start(2);
    const partitions = Array.from({ length: 50 }, (_, i) => i);
    await cluster.elect({ replicas: [1, 2], isr: [1, 2], partitions });
    await cluster.pass(1_000);
    for (const partition of [7, 31, 7]) {
      const written = outcomeOf(append(cluster.broker(1), 1, -1, partition));
      await cluster.pass();
      expect(written.error).toBe(Errors.NONE);
    }
    expect(logOf(cluster.broker(2), 7)?.logEndOffset).toBe(2);
    await cluster.pass(60_000);
    expect(cluster.proposals).toEqual([]);
  });
});

describe('appends', () => {
  it('are refused by acks other than -1, 0 and 1, to internal topics, and where nobody knows the partition', async () => {
    cluster = await SmallCluster.start(1);
    await cluster.elect({ replicas: [1], isr: [1] });
    const { replicas } = cluster.broker(1);
    const ask = async (requiredAcks: number, topic: string, partition = 0) => {
      const entries = [{ topicPartition: { topic, partition }, records: records(1) }];
      const [result] = await replicas.append({
        requiredAcks,
        timeoutMs: 1,
        origin: 'client',
        internalTopicsAllowed: false,
        entries,
      });
      return result?.error.name;
    };
    expect(await ask(2, TOPIC)).toBe('INVALID_REQUIRED_ACKS');
    expect(await ask(1, '__consumer_offsets')).toBe('INVALID_TOPIC_EXCEPTION');
    expect(await ask(1, 'nowhere')).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await ask(1, TOPIC)).toBe('NONE');
  });

  it('make no promise where nothing waits', async () => {
    cluster = await SmallCluster.start(1);
    await cluster.elect({ replicas: [1], isr: [1] });
    expect(append(cluster.broker(1), 1, 1)).not.toBeInstanceOf(Promise);
    expect(append(cluster.broker(1), 1, -1)).not.toBeInstanceOf(Promise);
  });
});

describe('a consumer’s fetch', () => {
  it('reads up to the high watermark', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ replicas: [1, 2], isr: [1, 2] });
    cluster.broker(2).isUp = false;
    void append(cluster.broker(1), 5, 1);
    const answer = answerOf(await consume(cluster.broker(1)));
    expect([answer.errorCode, answer.highWatermark, answer.records?.length]).toEqual([0, 0, 0]);
  });

  it('waits for records, for its time, or for the end of the leadership', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ replicas: [1], isr: [1] });
    const byRecords = consume(cluster.broker(1), { maxWaitMs: 10_000 });
    await cluster.pass(100);
    void append(cluster.broker(1), 2, 1);
    expect(readAllRecords(answerOf(await byRecords).records as Buffer)).toHaveLength(2);

    const byTime = consume(cluster.broker(1), { fetchOffset: 2, maxWaitMs: 300 });
    await cluster.pass(310);
    expect(answerOf(await byTime)).toMatchObject({ errorCode: 0, highWatermark: 2 });

    const byRole = consume(cluster.broker(1), { fetchOffset: 2, maxWaitMs: 10_000 });
    await cluster.pass();
    await cluster.elect({ leader: 2, leaderEpoch: 1, replicas: [1, 2], isr: [2], partitionEpoch: 1 });
    expect(answerOf(await byRole).errorCode).toBe(Errors.FENCED_LEADER_EPOCH.code);
  });

  it('waits until min.bytes are there, over several appends', async () => {
    cluster = await SmallCluster.start(1);
    await cluster.elect({ replicas: [1], isr: [1] });
    const size = records(1).length;
    let answered = false;
    const waiting = consume(cluster.broker(1), { maxWaitMs: 10_000, minBytes: 3 * size }).then((response) => {
      answered = true;
      return response;
    });
    for (let i = 0; i < 2; i++) {
      void append(cluster.broker(1), 1, 1);
      await cluster.pass(10);
    }
    expect(answered).toBe(false);
    void append(cluster.broker(1), 1, 1);
    expect(answerOf(await waiting).records?.length).toBe(3 * size);
  });

  it('is told by name what is wrong with it', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ leader: 2, replicas: [1, 2], isr: [1, 2], leaderEpoch: 4 });
    const ask = async (changes: object, topic = TOPIC) => {
      const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000, ...changes };
      const body = { maxWaitMs: 0, minBytes: 1, sessionEpoch: -1, topics: [{ topic, partitions: [partition] }] };
      return answerOf(await call(cluster.broker(2).handlers.fetch, fetch, 12, body)).errorCode;
    };
    expect(await ask({ fetchOffset: 5 })).toBe(Errors.OFFSET_OUT_OF_RANGE.code);
    expect(await ask({ currentLeaderEpoch: 3 })).toBe(Errors.FENCED_LEADER_EPOCH.code);
    expect(await ask({ currentLeaderEpoch: 5 })).toBe(Errors.UNKNOWN_LEADER_EPOCH.code);
    expect(await ask({}, 'nowhere')).toBe(Errors.UNKNOWN_TOPIC_OR_PARTITION.code);
    expect(await ask({})).toBe(Errors.NONE.code);
  });

  it('may read from a follower since version 11, and is sent to the leader before', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ leader: 2, replicas: [1, 2], isr: [1, 2] });
    const body = {
      maxWaitMs: 0,
      minBytes: 1,
      topics: [{ topic: TOPIC, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
    };
    const ask = async (version: number) =>
      answerOf(await call(cluster.broker(1).handlers.fetch, fetch, version, body)).errorCode;
    expect(await ask(10)).toBe(Errors.NOT_LEADER_OR_FOLLOWER.code);
    expect(await ask(11)).toBe(Errors.NONE.code);
  });

  it('learns from version 16 on who leads, with the address', async () => {
    cluster = await SmallCluster.start(2);
    await cluster.elect({ leader: 2, replicas: [1, 2], isr: [1, 2], leaderEpoch: 4 });
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000, currentLeaderEpoch: 3 };
    const body = {
      maxWaitMs: 0,
      minBytes: 1,
      sessionEpoch: -1,
      topics: [{ topicId: TOPIC_ID, partitions: [partition] }],
    };
    const response = await call(cluster.broker(1).handlers.fetch, fetch, 16, body);
    expect(answerOf(response)).toMatchObject({
      errorCode: Errors.FENCED_LEADER_EPOCH.code,
      currentLeader: { leaderId: 2, leaderEpoch: 4 },
    });
    expect(response.nodeEndpoints).toEqual([{ nodeId: 2, host: 'localhost', port: 9092, rack: null }]);
  });
});
