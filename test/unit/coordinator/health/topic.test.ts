/** How partitions and topics are judged by their replicas. */
import { conditionOf, judgePartition, judgeTopic, skewOf } from '../../../../coordinator/health/topic';
import { condition, partition, told, type Given } from './support';

const ALL = [0, 1, 2];
const judged = (given: Given, live = ALL, minIsr = 1) => judgePartition(condition(given, live, minIsr));

describe('a partition', () => {
  it('with all replicas in sync and its preferred leader is healthy', () => {
    expect(judged({ replicas: [0, 1, 2] })).toEqual({ verdict: 'healthy', reasons: [] });
  });

  it('without a leader is offline, and says whom it waits for', () => {
    const verdict = judged({ replicas: [0, 1], isr: [1], leader: -1 }, [0, 2]);
    expect(told(verdict)).toBe('unhealthy: PARTITION_OFFLINE critical');
    expect(verdict.reasons[0]?.text).toContain('until one of the brokers 1 is back');
  });

  it('whose leader has left the cluster is offline before the controller has said so', () => {
    expect(told(judged({ replicas: [2, 1], leader: 2 }, [0, 1]))).toBe('unhealthy: PARTITION_OFFLINE critical');
  });

  it('whose leader is gone waits for the controller when another replica can lead, not for the brokers', () => {
    const { reasons } = judged({ replicas: [2, 1], isr: [2, 1], leader: 2 }, [0, 1]);
    expect(reasons[0]?.text).toContain('until the controller has elected one');
  });

  it('with replicas out of sync is under-replicated, and names their brokers', () => {
    const verdict = judged({ replicas: [0, 1, 2], isr: [0, 2] });
    expect(told(verdict)).toBe('degraded: UNDER_REPLICATED warning');
    expect(verdict.reasons[0]?.text).toContain('on broker 1');
  });

  it('with fewer in sync than min.insync.replicas refuses acks=all', () => {
    expect(told(judged({ replicas: [0, 1, 2], isr: [0] }, ALL, 2))).toBe(
      'unhealthy: UNDER_MIN_ISR critical UNDER_REPLICATED warning',
    );
  });

  it('with just min.insync.replicas in sync is one loss from refusing', () => {
    expect(told(judged({ replicas: [0, 1, 2], isr: [0, 1] }, ALL, 2))).toBe(
      'degraded: UNDER_REPLICATED warning AT_MIN_ISR warning',
    );
  });

  it('with one replica is always at min ISR, which is counted as Kafka counts it and is no finding', () => {
    const alone = condition({ replicas: [1] }, ALL, 1);
    expect(alone.atMinIsr).toBe(true);
    expect(judgePartition(alone).reasons).toEqual([]);
  });

  it('asks for no more in sync than it has replicas, whatever min.insync.replicas says', () => {
    expect(condition({ replicas: [1] }, ALL, 3)).toMatchObject({ minIsr: 1, underMinIsr: false });
  });

  it('that is being reassigned needs no more copies than before', () => {
    expect(condition({ replicas: [0, 1, 2], isr: [0, 1], adding: [2] }, ALL)).toMatchObject({ underReplicated: false });
  });

  it('that was just made is new, and offline only when no leader is elected for long', () => {
    const unled = { ...partition({ replicas: [0, 1] }), state: null, partitionEpoch: null };
    const after = (ageMs: number) =>
      told(judgePartition(conditionOf(unled, { isRegistered: () => true, minIsr: 1, ageMs })));
    expect([after(200), after(9_999), after(10_000)]).toEqual([
      'healthy: PARTITION_NEW info',
      'healthy: PARTITION_NEW info',
      'unhealthy: PARTITION_OFFLINE critical',
    ]);
  });

  it('of a topic that is being deleted counts as nothing while its replicas vanish', () => {
    const vanishing = condition({ replicas: [0, 1], isr: [], leader: -1 }, ALL, 2, { deleting: true });
    expect(vanishing).toMatchObject({ offline: false, underReplicated: false, underMinIsr: false, isNew: false });
  });

  it('led by another than its first replica is healthy, with a word on it', () => {
    expect(told(judged({ replicas: [0, 1], leader: 1 }))).toBe('healthy: LEADER_NOT_PREFERRED info');
  });
});

describe('a topic', () => {
  const topic = (...given: Given[]) => ({
    topic: 'orders',
    deleting: false,
    conditions: given.map((each, number) => condition({ partition: number, ...each }, ALL)),
    brokers: 3,
  });

  it('has one reason for many partitions with the same finding, and names the first of them', () => {
    const bad = Array.from({ length: 7 }, () => ({ replicas: [0, 1], isr: [0] }));
    const good = { replicas: [1, 2] };
    const { reasons } = judgeTopic(topic(...bad, good, { replicas: [2, 0] }));
    expect(reasons.filter(({ code }) => code === 'UNDER_REPLICATED')).toHaveLength(1);
    expect(reasons[0]?.text).toContain(
      '7 of 9 partitions of orders (0, 1, 2, 3, 4, …) have replicas that are not in sync',
    );
  });

  it('that is being deleted is not judged by the replicas that it loses', () => {
    const facts = topic({ replicas: [0, 1], isr: [], leader: -1 });
    expect(told(judgeTopic({ ...facts, deleting: true }))).toBe('healthy: TOPIC_BEING_DELETED info');
  });

  it('whose leaders sit on one broker is skewed', () => {
    const facts = topic(...Array.from({ length: 6 }, () => ({ replicas: [1, 2] })));
    expect(skewOf(facts.conditions, 3)).toMatchObject({ broker: 1, leads: 6, fairShare: 2, skew: 2 });
    expect(told(judgeTopic(facts))).toBe('healthy: LEADER_SKEW info');
    expect(judgeTopic(facts).reasons[0]?.text).toContain('6 of 6 partitions of orders');
  });

  it('with as even a spread as its number of partitions allows is not skewed', () => {
    const facts = topic({ replicas: [0] }, { replicas: [1] }, { replicas: [2] }, { replicas: [0] });
    expect(skewOf(facts.conditions, 3).skew).toBe(0);
    expect(judgeTopic(facts).reasons).toEqual([]);
  });
});
