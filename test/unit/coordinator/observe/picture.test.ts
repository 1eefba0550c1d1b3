/** The picture of the cluster that is made of the znodes, the probes and the readings. */
import { expectedOf } from './expected';
import { groupsFreshness, topicsFreshness } from '../../../../coordinator/observe/freshness';
import { OffsetStore } from '../../../../coordinator/observe/offset-store';
import { pictureOf, type Picture } from '../../../../coordinator/observe/picture';
import { partitionView } from '../../../../coordinator/observe/topic-view';
import type { Knowledge } from '../../../../coordinator/observe/knowledge';
import { CLUSTER_ID, GivenCluster, heard, listed, NOW_MS } from './known-cluster';

const picture = (knowledge: Knowledge): Picture => pictureOf(knowledge, expectedOf(knowledge));
const three = (): GivenCluster =>
  new GivenCluster()
    .register(0, 1, 2)
    .controller(1, 4)
    .topic('orders', [{ replicas: [0, 1] }, { replicas: [1, 2] }], { 'retention.ms': '1000' })
    .topic('__consumer_offsets', [{ replicas: [2] }]);

describe('the picture', () => {
  it('of a whole cluster is healthy, with who leads and holds what', () => {
    const { verdict, controller, brokers, counts } = picture(three().knowledge());
    expect(verdict).toEqual({ verdict: 'healthy', reasons: [] });
    expect(controller).toMatchObject({ brokerId: 1, controllerEpoch: 4, sessionId: '0x0000000000001001' });
    expect(
      brokers.map(({ brokerId, isController, leaders, replicas, inSync }) => [
        brokerId,
        isController,
        leaders,
        replicas,
        inSync,
      ]),
    ).toEqual([
      [0, false, 1, 1, 1],
      [1, true, 1, 2, 2],
      [2, false, 1, 2, 2],
    ]);
    expect(counts).toMatchObject({ brokers: 3, topics: 2, internalTopics: 1, partitions: 3, offline: 0 });
  });

  it('gives a broker’s epoch and session from its registration', () => {
    const cluster = new GivenCluster();
    const czxid = cluster.put('/brokers/ids', null);
    cluster.register(7);
    const [broker] = picture(cluster.knowledge()).brokers;
    expect(BigInt(broker?.brokerEpoch ?? 0)).toBeGreaterThan(czxid);
    expect(broker).toMatchObject({
      sessionId: '0x0000000000001007',
      endpoints: [{ listener: 'PLAINTEXT', host: 'host7', port: 9092 }],
    });
  });

  it('shows a broker that nobody has ever seen when replicas are assigned to it', () => {
    const { brokers } = picture(
      three()
        .topic('lost', [{ replicas: [9], isr: [9], leader: -1 }])
        .knowledge(),
    );
    expect(brokers.at(-1)).toMatchObject({ brokerId: 9, registered: false, replicas: 1, endpoints: [] });
    expect(brokers.at(-1)?.verdict.verdict).toBe('unhealthy');
  });

  it('counts what lacks when a broker has left', () => {
    const cluster = three().leave(2);
    cluster.state('orders', 1, { replicas: [1, 2], isr: [1] });
    const { counts, verdict } = picture(cluster.knowledge());
    expect(counts).toMatchObject({ brokers: 2, offline: 1, underReplicated: 1 });
    expect(verdict.verdict).toBe('unhealthy');
    expect(verdict.reasons.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['PARTITION_OFFLINE', 'BROKER_NOT_REGISTERED', 'UNDER_REPLICATED']),
    );
  });

  it('goes by min.insync.replicas of the topic, else of the leader, else of all brokers, else of the leader’s file', () => {
    const minIsrs = (cluster: GivenCluster): (number | undefined)[] => {
      const knowledge = cluster.knowledge({ readOf: (id) => heard({ minIsr: id === 0 ? 2 : 1 }) });
      return (
        picture(knowledge)
          .topics.get('orders')
          ?.conditions.map(({ minIsr }) => minIsr) ?? []
      );
    };
    const cluster = new GivenCluster().register(0, 1, 2, 3).controller(0);
    const replicas = [0, 1, 2, 3];
    cluster.topic('orders', [{ replicas }, { replicas: [1, 0, 2, 3] }]);
    expect(minIsrs(cluster)).toEqual([2, 1]);
    expect(minIsrs(cluster.configure('brokers/<default>', { 'min.insync.replicas': '3' }))).toEqual([3, 3]);
    expect(minIsrs(cluster.configure('brokers/1', { 'min.insync.replicas': '2' }))).toEqual([3, 2]);
    expect(minIsrs(cluster.configure('topics/orders', { 'min.insync.replicas': '4' }))).toEqual([4, 4]);
  });

  it('leaves out what cannot be decoded, and shows all else', () => {
    const cluster = three();
    cluster.put('/brokers/ids/5', Buffer.from('{broken'));
    cluster.put('/brokers/topics/torn', Buffer.from('7'));
    const { brokers, topics } = picture(cluster.knowledge());
    expect(brokers.map(({ brokerId }) => brokerId)).toEqual([0, 1, 2]);
    expect([...topics.keys()]).toEqual(['__consumer_offsets', 'orders']);
  });

  it('is unknown before ZooKeeper has been read, with nothing made up', () => {
    const { tree } = new GivenCluster();
    const empty = new GivenCluster().knowledge({ state: { ...new GivenCluster().knowledge().state, ready: false } });
    expect(tree.ready).toBe(true);
    expect(picture({ ...empty, readOf: () => heard({ groupsAtMs: null }) })).toMatchObject({
      verdict: { verdict: 'unknown' },
      counts: { groups: null, totalLag: null },
    });
  });

  it('gives a controller that has just registered time to listen, and blames one that refuses later', () => {
    const knowledge = three().knowledge();
    const probe = { ...knowledge.probeOf(1), state: 'refused' as const, seesBrokers: null };
    const probeOf = (id: number) => (id === 1 ? probe : knowledge.probeOf(id));
    expect(picture({ ...knowledge, probeOf }).controller.verdict.verdict).toBe('healthy');
    const later = { ...knowledge, probeOf, nowMs: knowledge.nowMs + 60_000 };
    expect(picture(later).controller.verdict.reasons.map(({ code }) => code)).toEqual(['CONTROLLER_DOES_NOT_ANSWER']);
  });

  it('holds what a broker sees against ZooKeeper', () => {
    const knowledge = three().knowledge();
    const probe = { ...knowledge.probeOf(0), seesControllerId: 2, controllerDiffers: 2 };
    const { brokers } = picture({ ...knowledge, probeOf: (id) => (id === 0 ? probe : knowledge.probeOf(id)) });
    expect(brokers[0]).toMatchObject({
      probe: { staleView: true, seesClusterId: CLUSTER_ID },
      verdict: { verdict: 'degraded', reasons: [{ code: 'BROKER_SEES_OTHER_CONTROLLER' }] },
    });
  });
});

describe('a topic', () => {
  it('has its records and bytes only when those of all partitions are known', () => {
    const offsets = new OffsetStore();
    const shown = () => picture(three().knowledge({ offsets })).topics.get('orders')?.summary;
    offsets.take('latest', listed({ orders: { 0: 10, 1: 20 } }), NOW_MS);
    offsets.take('earliest', listed({ orders: { 0: 4 } }), NOW_MS);
    expect(shown()?.records).toBeNull();
    offsets.take('earliest', listed({ orders: { 1: 0 } }), NOW_MS);
    expect(shown()?.records).toBe(26);
    expect(shown()?.sizeBytes).toBeNull();
  });

  it('shows of each partition what ZooKeeper, its leader and its replicas’ brokers say', () => {
    const offsets = new OffsetStore();
    offsets.take('latest', listed({ orders: { 0: 10 } }), NOW_MS);
    const partitions = [{ partitionIndex: 0, partitionSize: 512, offsetLag: 3, isFutureKey: false }];
    const results = [
      { errorCode: 0, logDir: '/d', topics: [{ name: 'orders', partitions }], totalBytes: -1, usableBytes: -1 },
    ];
    offsets.takeSizes(1, { throttleTimeMs: 0, errorCode: 0, results });
    const knowledge = three().leave(0).knowledge({ offsets });
    const [condition] = picture(knowledge).topics.get('orders')?.conditions ?? [];
    expect(condition && partitionView(condition, knowledge)).toMatchObject({
      leader: 0,
      preferredLeader: 0,
      replicas: [0, 1],
      offlineReplicas: [0],
      partitionEpoch: 0,
      highWatermark: 10,
      logStartOffset: null,
      sizeBytes: { 1: 512 },
      offsetLag: { 1: 3 },
      verdict: { verdict: 'unhealthy' },
    });
  });
});

describe('freshness', () => {
  it('is that of the tree while all brokers are heard', () => {
    expect(topicsFreshness(three().knowledge())).toEqual({ asOfMs: NOW_MS, ageMs: 0, stale: false, why: null });
  });

  it('names the broker whose offsets are old, and why', () => {
    const readOf = (id: number) => (id === 1 ? heard({ offsetsAtMs: NOW_MS - 9_000, error: 'it hangs' }) : heard());
    expect(topicsFreshness(three().knowledge({ readOf }))).toMatchObject({
      stale: true,
      why: 'Broker 1 told its offsets last 9 s ago: it hangs.',
    });
  });

  it('of groups is that of the broker heard longest ago', () => {
    const readOf = (id: number) => heard({ groupsAtMs: NOW_MS - id * 1_000 });
    expect(groupsFreshness(three().knowledge({ readOf }))).toMatchObject({ ageMs: 2_000, stale: false });
    expect(groupsFreshness(new GivenCluster().knowledge())).toMatchObject({ asOfMs: null, stale: true });
  });
});
