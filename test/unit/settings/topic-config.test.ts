import {
  alterConfigs,
  AlterOperation,
  BrokerConfig,
  checkDynamicConfigs,
  checkTopicConfigs,
  ConfigException,
  InvalidConfiguration,
  TopicConfig,
  topicKeys,
} from '../../../settings';

const broker = BrokerConfig.parse({
  'broker.id': '1',
  'zookeeper.connect': 'localhost:2181',
  'log.retention.hours': '2',
});
const topic = (overrides: Record<string, string>) => new TopicConfig(broker, new Map(Object.entries(overrides)));
const check = (overrides: Record<string, string>) => checkTopicConfigs(broker, new Map(Object.entries(overrides)));

const { SET, DELETE, APPEND, SUBTRACT } = AlterOperation;
const alter = (current: Record<string, string>, name: string, operation: number, value: string | null) =>
  Object.fromEntries(alterConfigs(new Map(Object.entries(current)), [{ name, operation, value }], topicKeys));

const change = (name: string, value: string, perBroker: boolean) => () =>
  checkDynamicConfigs(new Map([[name, value]]), perBroker);

describe('a topic configuration', () => {
  it('follows the broker where it sets nothing', () => {
    expect(topic({}).long('retention.ms')).toBe(7_200_000);
    expect(topic({}).texts.get('max.message.bytes')).toBe('1048588');
    expect(topic({ 'retention.ms': '-1' }).long('retention.ms')).toBe(-1);
  });

  it('follows what changes on the broker', () => {
    const config = BrokerConfig.parse({ 'broker.id': '1', 'zookeeper.connect': 'localhost:2181' });
    config.updateDynamicDefaults(new Map([['min.insync.replicas', '2']]));
    expect(new TopicConfig(config, new Map()).int('min.insync.replicas')).toBe(2);
  });

  it('lives with a value in ZooKeeper that it cannot use', () => {
    expect(topic({ 'segment.bytes': 'big' }).int('segment.bytes')).toBe(1_073_741_824);
  });

  it('is refused for an unknown name, a bad value and a contradiction', () => {
    expect(() => check({ 'retention.sm': '1' })).toThrow(
      new InvalidConfiguration('Unknown topic config name: retention.sm'),
    );
    expect(() => check({ 'retention.ms': 'abc' })).toThrow(
      new ConfigException('Invalid value abc for configuration retention.ms: Not a number of type LONG'),
    );
    expect(() => check({ 'min.compaction.lag.ms': '10', 'max.compaction.lag.ms': '5' })).toThrow(
      'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)',
    );
    expect(() => check({ 'leader.replication.throttled.replicas': '1-2' })).toThrow("must be the literal '*'");
    expect(() =>
      check({ 'leader.replication.throttled.replicas': '0:1,1:2', 'cleanup.policy': 'compact' }),
    ).not.toThrow();
  });
});

describe('altering configurations step by step', () => {
  it('sets and deletes', () => {
    expect(alter({}, 'retention.ms', SET, '5')).toEqual({ 'retention.ms': '5' });
    expect(alter({ 'retention.ms': '5' }, 'retention.ms', DELETE, null)).toEqual({});
  });

  it('appends to a list and takes away from it, the default included', () => {
    expect(alter({}, 'cleanup.policy', APPEND, 'compact')).toEqual({ 'cleanup.policy': 'delete,compact' });
    expect(alter({ 'cleanup.policy': 'delete,compact' }, 'cleanup.policy', SUBTRACT, 'delete')).toEqual({
      'cleanup.policy': 'compact',
    });
  });

  it('refuses to append to what is no list', () => {
    expect(() => alter({}, 'retention.ms', APPEND, '5')).toThrow(
      'Config value append is not allowed for config key: retention.ms',
    );
  });
});

describe('a change of dynamic broker keys', () => {
  it('is refused for keys that only a restart can change', () => {
    expect(change('num.partitions', '3', true)).toThrow('Cannot update these configs dynamically: Set(num.partitions)');
  });

  it('is refused for all brokers when the key belongs to one', () => {
    expect(change('advertised.listeners', 'PLAINTEXT://h:1', false)).toThrow('broker id must be specified');
    expect(change('advertised.listeners', 'PLAINTEXT://h:1', true)).not.toThrow();
  });

  it('is refused for values of the wrong type', () => {
    expect(change('num.io.threads', 'many', false)).toThrow('Not a number of type INT');
    expect(change('leader.replication.throttled.rate', '-1', true)).toThrow('Value must be at least 0');
  });
});
