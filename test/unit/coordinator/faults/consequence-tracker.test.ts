import type { Fact, PartitionPicture, Picture } from '../../../../coordinator/faults/cluster-facts';
import { ConsequenceTracker } from '../../../../coordinator/faults/consequence-tracker';
import type { Target } from '../../../../coordinator/faults/targets';
import type { FaultAction } from '../../../../coordinator/schemas';

const START_MS = 1_000_000;

const partition = (topic: string, index: number, leader: number, isr: number[]): [string, PartitionPicture] => [
  `${topic}-${index}`,
  { topic, partition: index, internal: topic.startsWith('__'), leader, isr },
];

/** Three brokers, 1 is the controller; each leads one partition. */
const before: Picture = {
  registered: new Map([
    [0, 10n],
    [1, 11n],
    [2, 12n],
  ]),
  controllerId: 1,
  partitions: new Map([
    partition('orders', 0, 1, [1, 2, 0]),
    partition('orders', 1, 2, [2, 0, 1]),
    partition('orders', 2, 0, [0, 1, 2]),
    partition('alone', 0, 2, [2]),
    partition('__consumer_offsets', 0, 0, [0, 1, 2]),
  ]),
};

const broker1: Target = { kind: 'process', process: 1 };

describe('what follows a fault', () => {
  const track = (target: Target, action: FaultAction): ConsequenceTracker =>
    new ConsequenceTracker({ target, action, startedAtMs: START_MS, before });
  const texts = ({ consequences }: ConsequenceTracker): string[] => consequences.list().map(({ text }) => text);
  const told = (tracker: ConsequenceTracker, ...facts: [number, Fact][]): void => {
    for (const [afterMs, fact] of facts) tracker.apply(fact, START_MS + afterMs);
  };
  const state = (topic: string, index: number, leader: number, isr: number[]): Fact => {
    return { kind: 'partition', topic, partition: index, leader, isr };
  };

  it('is told from the end of the session to the whole ISR when the controller is killed and started again', () => {
    const tracker = track(broker1, 'kill');
    tracker.targetIs('stopped');
    told(
      tracker,
      [6_000, { kind: 'broker-gone', brokerId: 1 }],
      [6_010, { kind: 'controller', brokerId: null }],
      [6_100, { kind: 'controller', brokerId: 2 }],
      [6_101, { kind: 'controller-epoch', epoch: 5 }],
      [6_200, state('orders', 0, 2, [2, 0])],
      [6_210, state('orders', 1, 2, [2, 0])],
      [6_220, state('orders', 2, 0, [0, 2])],
    );
    tracker.recordsCommitted([
      { topic: 'orders', partition: 0, appendedMs: START_MS + 6_390, committedMs: START_MS + 6_400, from: 'traces' },
    ]);
    expect(tracker.isWhole).toBe(false);
    tracker.repaired('start', START_MS + 20_000);
    tracker.targetIs('running');
    told(tracker, [21_000, { kind: 'broker-registered', brokerId: 1, epoch: 99n }]);
    expect(tracker.isWhole).toBe(false);
    told(tracker, [22_000, state('orders', 0, 2, [2, 0, 1])], [22_100, state('orders', 1, 2, [2, 0, 1])]);
    expect(tracker.isWhole).toBe(false);
    told(tracker, [22_200, state('orders', 2, 0, [0, 2, 1])]);
    expect(texts(tracker)).toEqual([
      'ZooKeeper closed the session of broker 1 after 6.0 s',
      'Broker 2 became controller after 6.1 s (epoch 5)',
      'orders-0: leader 1 → 2 after 6.2 s',
      'orders-0: ISR 1,2,0 → 2,0, orders-1: ISR 2,0,1 → 2,0, orders-2: ISR 0,1,2 → 0,2 after 6.2 s',
      'orders-0 acknowledges acks=all again after 6.4 s',
      'Broker 1 was started again after 20.0 s',
      'Broker 1 registered again after 21.0 s',
      'Every ISR is whole again after 22.2 s',
    ]);
    expect(tracker.isWhole).toBe(true);
  });

  it('finds the epoch of the new controller also when it hears of that first', () => {
    const tracker = track(broker1, 'kill');
    told(tracker, [400, { kind: 'controller-epoch', epoch: 7 }], [401, { kind: 'controller', brokerId: 0 }]);
    expect(texts(tracker)).toEqual(['Broker 0 became controller after 0.4 s (epoch 7)']);
  });

  it('does not count what concerns other brokers', () => {
    const tracker = track({ kind: 'process', process: 0 }, 'kill');
    told(
      tracker,
      [100, { kind: 'broker-gone', brokerId: 2 }],
      [200, state('orders', 1, 1, [0, 1])],
      [300, { kind: 'broker-registered', brokerId: 2, epoch: 50n }],
      [400, state('orders', 1, 1, [0, 1, 2])],
      [500, { kind: 'controller', brokerId: 2 }],
    );
    expect(texts(tracker)).toEqual([]);
  });

  it('says of an orderly stop that the broker itself closed its session', () => {
    const tracker = track(broker1, 'stop');
    told(tracker, [800, { kind: 'broker-gone', brokerId: 1 }]);
    expect(texts(tracker)).toEqual(['Broker 1 closed its session with ZooKeeper after 0.8 s']);
  });

  it('is not over before a killed broker has registered anew, even if its old registration is still there', () => {
    const tracker = track(broker1, 'restart');
    tracker.targetIs('running');
    expect(tracker.isWhole).toBe(false);
    told(tracker, [1_000, { kind: 'broker-registered', brokerId: 1, epoch: 44n }]);
    expect(tracker.isWhole).toBe(true);
  });

  it('is over at once when a broker was paused so shortly that nobody noticed', () => {
    const tracker = track(broker1, 'pause');
    tracker.targetIs('paused');
    expect(tracker.isWhole).toBe(false);
    tracker.targetIs('running');
    expect(tracker.isWhole).toBe(true);
    expect(texts(tracker)).toEqual([]);
  });

  it('tells when a paused broker no longer answers, and when it does again', () => {
    const tracker = track(broker1, 'pause');
    tracker.brokerAnswers(1, true, 'answers', START_MS + 100);
    tracker.brokerAnswers(2, false, 'silent', START_MS + 150);
    tracker.brokerAnswers(1, false, 'silent', START_MS + 2_000);
    tracker.brokerAnswers(1, false, 'silent', START_MS + 3_000);
    tracker.targetIs('running');
    expect(tracker.isWhole).toBe(false);
    tracker.brokerAnswers(1, true, 'answers', START_MS + 4_000);
    expect(texts(tracker)).toEqual([
      'Broker 1 no longer answers (silent) after 2.0 s',
      'Broker 1 answers again after 4.0 s',
    ]);
    expect(tracker.isWhole).toBe(true);
  });

  it('tells of a link between brokers who left whose ISR and returned', () => {
    const tracker = track({ kind: 'link', broker: 0, other: 2 }, 'cut');
    tracker.targetIs('cut');
    told(tracker, [2_300, state('orders', 1, 2, [2, 1])], [2_900, state('orders', 2, 0, [0, 1])]);
    tracker.repaired('heal', START_MS + 9_000);
    tracker.targetIs('whole');
    expect(tracker.isWhole).toBe(false);
    told(tracker, [9_500, state('orders', 1, 2, [2, 1, 0])], [9_600, state('orders', 2, 0, [0, 1, 2])]);
    expect(texts(tracker)).toEqual([
      'orders-1: ISR 2,0,1 → 2,1, orders-2: ISR 0,1,2 → 0,1 after 2.3 to 2.9 s',
      'The link between broker 0 and broker 2 was healed after 9.0 s',
      'Every ISR is whole again after 9.6 s',
    ]);
    expect(tracker.isWhole).toBe(true);
  });

  it('tells of partitions that have no leader until they have one', () => {
    const tracker = track({ kind: 'process', process: 2 }, 'kill');
    tracker.targetIs('running');
    told(
      tracker,
      [500, { kind: 'broker-gone', brokerId: 2 }],
      [600, state('alone', 0, -1, [2])],
      [9_000, { kind: 'broker-registered', brokerId: 2, epoch: 70n }],
    );
    tracker.timePasses(START_MS + 1_500);
    expect(texts(tracker)).not.toContain('alone-0 has no leader after 0.6 s');
    tracker.timePasses(START_MS + 9_050);
    tracker.timePasses(START_MS + 9_060);
    expect(tracker.isWhole).toBe(false);
    told(tracker, [9_100, state('alone', 0, 2, [2])]);
    expect(texts(tracker)).toEqual([
      'ZooKeeper closed the session of broker 2 after 0.5 s',
      'alone-0 has no leader after 0.6 s',
      'Broker 2 registered again after 9.0 s',
      'alone-0: broker 2 leads it again after 9.1 s',
    ]);
    expect(tracker.isWhole).toBe(true);
  });

  it('tells of a new leader alone when a new controller writes for a moment that there is none', () => {
    const tracker = track(broker1, 'kill');
    told(tracker, [500, state('orders', 0, -1, [2, 0])], [520, state('orders', 0, 2, [2, 0])]);
    tracker.timePasses(START_MS + 5_000);
    expect(texts(tracker)).toEqual(['orders-0: ISR 1,2,0 → 2,0 after 0.5 s', 'orders-0: leader 1 → 2 after 0.5 s']);
  });

  it('does not blame the fault for a broker that was silent before', () => {
    const tracker = new ConsequenceTracker({
      target: { kind: 'process', process: 'zookeeper' },
      action: 'pause',
      startedAtMs: START_MS,
      before: { ...before, registered: new Map([[0, 10n]]) },
      silentBefore: [2],
    });
    tracker.targetIs('running');
    tracker.brokerAnswers(2, false, 'refused', START_MS + 10);
    expect(texts(tracker)).toEqual([]);
    expect(tracker.isWhole).toBe(true);
    tracker.brokerAnswers(2, true, 'answers', START_MS + 5_000);
    tracker.brokerAnswers(2, false, 'silent', START_MS + 6_000);
    expect(texts(tracker)).toEqual(['Broker 2 no longer answers (silent) after 6.0 s']);
  });

  it('counts every broker as concerned by a fault of ZooKeeper, and waits for all of them', () => {
    const tracker = track({ kind: 'process', process: 'zookeeper' }, 'kill');
    tracker.targetIs('stopped');
    tracker.zookeeperAnswers(false, START_MS + 300);
    tracker.targetIs('running');
    tracker.zookeeperAnswers(true, START_MS + 8_000);
    told(tracker, [8_100, { kind: 'broker-gone', brokerId: 0 }]);
    expect(tracker.isWhole).toBe(false);
    told(tracker, [8_900, { kind: 'broker-registered', brokerId: 0, epoch: 80n }]);
    expect(texts(tracker)).toEqual([
      'ZooKeeper no longer answers after 0.3 s',
      'ZooKeeper answers again after 8.0 s',
      'ZooKeeper closed the session of broker 0 after 8.1 s',
      'Broker 0 registered again after 8.9 s',
    ]);
    expect(tracker.isWhole).toBe(true);
  });

  it('does not take a preferred leader that took over meanwhile for a consequence of what ZooKeeper did', () => {
    const tracker = track({ kind: 'process', process: 'zookeeper' }, 'pause');
    told(
      tracker,
      [100, state('orders', 0, 2, [1, 2, 0])],
      [200, { kind: 'broker-gone', brokerId: 0 }],
      [300, state('orders', 2, 1, [1, 2])],
    );
    expect(texts(tracker)).toEqual([
      'ZooKeeper closed the session of broker 0 after 0.2 s',
      'orders-2: leader 0 → 1 after 0.3 s',
      'orders-2: ISR 0,1,2 → 1,2 after 0.3 s',
    ]);
  });

  it('takes a record as acknowledged again only under the new leader or the smaller ISR', () => {
    const tracker = track(broker1, 'kill');
    const record = (topic: string, afterMs: number) => {
      const atMs = START_MS + afterMs;
      return { topic, partition: 0, appendedMs: atMs, committedMs: atMs + 10, from: 'traces' } as const;
    };
    expect(tracker.awaitingRecords()).toEqual([]);
    tracker.recordsCommitted([record('orders', 20)]);
    told(tracker, [600, state('orders', 0, 2, [2, 0])], [610, state('__consumer_offsets', 0, 0, [0, 2])]);
    expect(tracker.awaitingRecords().map(({ topic }) => topic)).toEqual(['orders']);
    // Before the fault, before the new leader, in another topic: none of them tells that anything resumed.
    tracker.recordsCommitted([record('orders', -50), record('orders', 100), record('alone', 700)]);
    expect(texts(tracker).join()).not.toContain('acknowledges');
    tracker.recordsCommitted([record('orders', 900), record('orders', 640)]);
    expect(texts(tracker).at(-1)).toBe('orders-0 acknowledges acks=all again after 0.7 s');
    expect(tracker.awaitingRecords()).toEqual([]);
  });

  it('does not wait for a partition that was deleted or moved to other brokers meanwhile', () => {
    const tracker = track(broker1, 'kill');
    told(
      tracker,
      [500, { kind: 'broker-gone', brokerId: 1 }],
      [600, state('orders', 0, 2, [2, 0])],
      [610, state('orders', 1, 2, [2, 0])],
      [5_000, { kind: 'broker-registered', brokerId: 1, epoch: 60n }],
    );
    tracker.targetIs('running');
    told(tracker, [6_000, { kind: 'partition-gone', topic: 'orders', partition: 0 }]);
    tracker.forgetMoved(() => true, START_MS + 6_500);
    expect(tracker.isWhole).toBe(false);
    tracker.forgetMoved(({ topic }, brokerId) => topic !== 'orders' || brokerId !== 1, START_MS + 7_000);
    expect(tracker.isWhole).toBe(true);
  });
});
