import { factOf, pictureOf, type Fact } from '../../../../coordinator/faults/cluster-facts';
import { ClusterReader } from '../../../../coordinator/observe/cluster-state';
import { ManualClock } from '../../../../runtime/manual-clock';
import { ClusterInMemory } from './support';

describe('what of a cluster a fault can break', () => {
  const make = (): { cluster: ClusterInMemory; facts: (Fact | null)[] } => {
    const cluster = new ClusterInMemory(new ManualClock());
    cluster.register(1);
    cluster.elect(1, 4);
    cluster.partition('orders', 1, [1, 2]);
    cluster.tree.markReady();
    const facts: (Fact | null)[] = [];
    cluster.tree.onChange((change) => facts.push(factOf(change)));
    return { cluster, facts };
  };

  it('is pictured as it stands in ZooKeeper', () => {
    const { cluster } = make();
    const { registered, controllerId, partitions } = pictureOf(new ClusterReader(cluster.tree).read());
    expect([...registered.keys()]).toEqual([1]);
    expect(controllerId).toBe(1);
    expect([...partitions]).toEqual([
      ['orders-0', { topic: 'orders', partition: 0, internal: false, leader: 1, isr: [1, 2] }],
    ]);
  });

  it('changes with the znodes, and a broken payload is no fact', () => {
    const { cluster, facts } = make();
    cluster.unregister(1);
    cluster.register(1);
    cluster.elect(2, 5);
    cluster.partition('orders', 2, [2]);
    cluster.put('/brokers/topics/orders/partitions/0/state', Buffer.from('{"leader":'));
    cluster.put('/brokers/topics/orders', Buffer.from('{}'));
    cluster.tree.remove('/brokers/topics/orders/partitions/0/state');
    expect(facts).toEqual([
      { kind: 'broker-gone', brokerId: 1 },
      { kind: 'broker-registered', brokerId: 1, epoch: expect.any(BigInt) as bigint },
      { kind: 'controller', brokerId: null },
      { kind: 'controller', brokerId: 2 },
      { kind: 'controller-epoch', epoch: 5 },
      { kind: 'partition', topic: 'orders', partition: 0, leader: 2, isr: [2] },
      null,
      null,
      { kind: 'partition-gone', topic: 'orders', partition: 0 },
    ]);
  });
});
