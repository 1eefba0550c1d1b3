import { explainChange, explainSession, type Explainable } from '../../../../coordinator/recorder/explain';

interface Told extends Partial<Omit<Explainable, 'before' | 'after'>> {
  before?: unknown;
  after?: unknown;
}

function told(kind: Explainable['kind'], path: string, { before, after, ...rest }: Told = {}): string {
  const data = (value: unknown): Buffer | null =>
    value === undefined ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const plain = { beforeKnown: true, aclOnly: false, missedVersions: 0 };
  return explainChange({ kind, path, ...plain, ...rest, before: data(before), after: data(after) });
}

const state = (leader: number, leader_epoch: number, isr: number[]): object => ({ leader, leader_epoch, isr });
const orders0 = '/brokers/topics/orders/partitions/0/state';

describe('the sentence about a change', () => {
  it.each<[string, string]>([
    [
      told('created', '/brokers/ids/1', { after: { endpoints: ['PLAINTEXT://a:9092'] } }),
      'Broker 1 registered at PLAINTEXT://a:9092.',
    ],
    [told('deleted', '/brokers/ids/1', { before: {} }), 'Broker 1 is no longer registered.'],
    [told('created', '/controller', { after: { brokerid: 2 } }), 'Broker 2 became the controller.'],
    [
      told('deleted', '/controller', { before: { brokerid: 2 } }),
      'Broker 2 is no longer the controller; there is none until the next election.',
    ],
    [told('changed', '/controller_epoch', { before: '1', after: '2' }), 'The controller epoch is now 2.'],
    [
      told('created', orders0, { after: state(1, 0, [1, 2]) }),
      'Partition orders-0 begins: broker 1 leads (leader epoch 0, ISR 1, 2).',
    ],
    [
      told('changed', orders0, { before: state(1, 2, [1, 2]), after: state(2, 3, [2]) }),
      'Broker 2 became the leader of orders-0 (leader epoch 3, ISR 2).',
    ],
    [
      told('changed', orders0, { before: state(1, 2, [1]), after: state(-1, 3, [1]) }),
      'Partition orders-0 has no leader (leader epoch 3, ISR 1).',
    ],
    [
      told('changed', orders0, { before: state(1, 2, [1, 2, 0]), after: state(1, 2, [1]) }),
      'Brokers 2, 0 left the ISR of orders-0, which is now 1.',
    ],
    [
      told('changed', orders0, { before: state(1, 2, [1]), after: state(1, 2, [1, 0]) }),
      'Broker 0 joined the ISR of orders-0, which is now 1, 0.',
    ],
    [
      told('changed', orders0, { before: state(1, 2, [1]), after: state(1, 3, [1]) }),
      'The leader epoch of orders-0 rose to 3.',
    ],
    [
      told('created', '/brokers/topics/orders', { after: { partitions: { 0: [1] } } }),
      'Topic orders was created with 1 partition.',
    ],
    [
      told('changed', '/brokers/topics/orders', {
        before: { partitions: { 0: [1] } },
        after: { partitions: { 0: [1], 1: [2] } },
      }),
      'Topic orders now has 2 partitions.',
    ],
    [told('deleted', '/brokers/topics/orders'), 'Topic orders is gone.'],
    [told('created', '/admin/delete_topics/orders'), 'Topic orders is to be deleted.'],
    [
      told('changed', '/config/topics/orders', {
        before: { config: { 'retention.ms': '1', a: 'b' } },
        after: { config: { 'retention.ms': '2', a: 'b' } },
      }),
      'Settings of topic orders were changed: retention.ms.',
    ],
    [
      told('created', '/config/topics/orders', { after: { config: {} } }),
      'Topic orders begins without settings of its own.',
    ],
    [
      told('changed', '/latest_producer_id_block', { after: { broker: 1, block_start: '0', block_end: '999' } }),
      'Broker 1 got the producer ids 0 to 999.',
    ],
    [told('created', '/gregor/suspects/1-64-2'), 'Broker 2 agrees: broker 1 refuses all connections.'],
    [told('created', '/brokers/topics'), '/brokers/topics was created, without data.'],
    [told('changed', '/elsewhere', { before: '1', after: '1' }), '/elsewhere was written again with the same data.'],
    [told('changed', '/elsewhere', { aclOnly: true }), 'The access control list of /elsewhere was changed.'],
  ])('reads: %s', (sentence, expected) => {
    expect(sentence).toBe(expected);
  });

  it('does not claim what it does not know: a leader that was there before, perhaps', () => {
    expect(told('changed', orders0, { beforeKnown: false, after: state(2, 3, [2]) })).toBe(
      'Broker 2 leads orders-0 (leader epoch 3, ISR 2).',
    );
  });

  it('says when versions in between were not seen', () => {
    expect(told('changed', '/a', { missedVersions: 2, before: '1', after: '4' })).toBe(
      '/a was changed (2 versions in between nobody saw).',
    );
    expect(told('created', '/brokers/ids/1', { missedVersions: 1 })).toBe('Broker 1 registered.');
  });

  it('is made for any payload', () => {
    const oddities = [
      '',
      'null',
      '[]',
      '{',
      '{"leader":"x"}',
      '{"partitions":7}',
      '{"config":null}',
      '{"config":3}',
      '\u0000',
    ];
    const paths = [
      orders0,
      '/controller',
      '/brokers/ids/1',
      '/brokers/topics/t',
      '/config/topics/t',
      '/config/changes/c',
      '/cluster/id',
    ];
    for (const path of paths) {
      for (const before of oddities) {
        for (const after of oddities) expect(told('changed', path, { before, after })).toMatch(/^.+\.$/s);
      }
    }
  });

  it('tells of sessions', () => {
    expect(explainSession('session-opened', '0x01', 18_000)).toBe(
      'Session 0x01 was opened; it lasts while ZooKeeper hears from its owner every 18 s.',
    );
    expect(explainSession('session-closed', '0x01', null)).toContain('Session 0x01 ended');
  });
});
