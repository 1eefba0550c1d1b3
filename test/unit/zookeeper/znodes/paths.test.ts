import * as fc from 'fast-check';
import * as znodes from '../../../../zookeeper/znodes';

describe('paths', () => {
  it('are where Kafka looks for them', () => {
    expect([
      znodes.brokerPath(3),
      znodes.topicPath('orders'),
      znodes.partitionsPath('orders'),
      znodes.partitionPath('orders', 2),
      znodes.partitionStatePath('orders', 2),
      znodes.deleteTopicPath('orders'),
      znodes.configPath(znodes.topicConfigEntity('orders')),
      znodes.configPath(znodes.brokerConfigEntity(0)),
      znodes.configPath(znodes.brokerConfigEntity(null)),
      znodes.CONFIG_CHANGE_CREATE_PATH,
    ]).toEqual([
      '/brokers/ids/3',
      '/brokers/topics/orders',
      '/brokers/topics/orders/partitions',
      '/brokers/topics/orders/partitions/2',
      '/brokers/topics/orders/partitions/2/state',
      '/admin/delete_topics/orders',
      '/config/topics/orders',
      '/config/brokers/0',
      '/config/brokers/<default>',
      '/config/changes/config_change_',
    ]);
  });

  it('of quotas name users, client ids, both, or addresses, each possibly the default', () => {
    expect(znodes.quotaConfigEntity({ user: 'al ice@x' })).toBe('users/al%20ice%40x');
    expect(znodes.quotaConfigEntity({ user: null })).toBe('users/<default>');
    expect(znodes.quotaConfigEntity({ clientId: 'a/b' })).toBe('clients/a%2Fb');
    expect(znodes.quotaConfigEntity({ user: 'bob', clientId: null })).toBe('users/bob/clients/<default>');
    expect(znodes.quotaConfigEntity({ ip: '10.0.0.1' })).toBe('ips/10.0.0.1');
    expect(znodes.quotaConfigEntity({ ip: null })).toBe('ips/<default>');
  });

  it('that every broker makes sure of come in Kafka’s order', () => {
    expect(znodes.TOP_LEVEL_PATHS).toEqual([
      '/consumers',
      '/brokers/ids',
      '/brokers/topics',
      '/config/changes',
      '/admin/delete_topics',
      '/brokers/seqid',
      '/isr_change_notification',
      '/latest_producer_id_block',
      '/log_dir_event_notification',
      '/config/topics',
      '/config/clients',
      '/config/users',
      '/config/brokers',
      '/config/ips',
    ]);
  });
});

describe('sanitize', () => {
  it('encodes as Kafka does', () => {
    expect(znodes.sanitize("a b+c*d~e!f'(g)h-i_j.k/l:m%n")).toBe('a%20b%2Bc%2Ad%7Ee%21f%27%28g%29h-i_j.k%2Fl%3Am%25n');
    expect(znodes.sanitize('CN=ü,O=x')).toBe('CN%3D%C3%BC%2CO%3Dx');
    expect(znodes.sanitize('a\ud800b')).toBe('a%3Fb');
  });

  it('is undone by desanitize', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(znodes.desanitize(znodes.sanitize(name))).toBe(name);
      }),
    );
  });
});

describe('sequenceNumber', () => {
  it('reads the digits after the prefix', () => {
    expect(znodes.sequenceNumber('config_change_0000000042', znodes.CONFIG_CHANGE_PREFIX)).toBe(42);
    expect(znodes.sequenceNumber('/config/changes/config_change_0000000042', znodes.CONFIG_CHANGE_PREFIX)).toBe(42);
    expect(znodes.sequenceNumber('other', znodes.CONFIG_CHANGE_PREFIX)).toBe(-1);
  });
});

describe('generatedBrokerId', () => {
  it('starts above the ids that people may choose', () => {
    expect(znodes.generatedBrokerId({ version: 1 } as never, 1000)).toBe(1001);
  });
});
