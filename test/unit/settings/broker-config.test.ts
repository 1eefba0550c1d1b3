import { BrokerConfig, ConfigException, describeBroker, parseProperties, type WarningLog } from '../../../settings';

const base = { 'broker.id': '1', 'zookeeper.connect': 'localhost:2181/kafka' };

function recordingLog(): WarningLog & { warnings: string[]; errors: string[] } {
  const warnings: string[] = [];
  const errors: string[] = [];
  return { warnings, errors, warn: (text) => warnings.push(text), error: (text) => errors.push(text) };
}

function httpListenerAt(text: string) {
  return BrokerConfig.parse({ ...base, 'gregor.http.listener': text }).httpListener;
}

function entry(config: BrokerConfig, name: string) {
  return describeBroker(config, [name])[0];
}

describe('a broker configuration', () => {
  it('answers with typed values and defaults', () => {
    const config = BrokerConfig.parse({ ...base, 'log.dirs': '/a, /b' });
    expect(config.brokerId).toBe(1);
    expect(config.zookeeperConnect).toBe('localhost:2181/kafka');
    expect(config.zookeeperConnectionTimeoutMs).toBe(18_000);
    expect(config.logDirs).toEqual(['/a', '/b']);
    expect(config.int('num.io.threads')).toBe(8);
    expect(config.bigint('log.flush.interval.messages')).toBe(9_223_372_036_854_775_807n);
    expect(config.long('log.flush.interval.messages')).toBe(2 ** 63);
    expect(config.httpListener).toBeNull();
    expect(config.tailCacheBytes).toBe(32 * 1024 * 1024);
  });

  it('takes the finest unit that is set for a time', () => {
    expect(BrokerConfig.parse(base).logRetentionMs).toBe(168 * 3_600_000);
    expect(BrokerConfig.parse({ ...base, 'log.retention.minutes': '3' }).logRetentionMs).toBe(180_000);
    const all = { ...base, 'log.retention.hours': '1', 'log.retention.minutes': '3', 'log.retention.ms': '7' };
    expect(BrokerConfig.parse(all).logRetentionMs).toBe(7);
    expect(BrokerConfig.parse({ ...base, 'log.retention.ms': '-5' }).logRetentionMs).toBe(-1);
  });

  it('reads listeners, and advertises them when nothing else is said', () => {
    const config = BrokerConfig.parse({
      ...base,
      listeners: 'inside://127.0.0.1:9092, OUTSIDE://[::1]:9093',
      'advertised.listeners': 'INSIDE://broker:9092',
      'listener.security.protocol.map': 'INSIDE:PLAINTEXT,OUTSIDE:plaintext',
      'inter.broker.listener.name': 'inside',
    });
    expect(config.listeners).toEqual([
      { name: 'INSIDE', securityProtocol: 'PLAINTEXT', host: '127.0.0.1', port: 9092 },
      { name: 'OUTSIDE', securityProtocol: 'PLAINTEXT', host: '::1', port: 9093 },
    ]);
    expect(config.advertisedListeners.map(({ host }) => host)).toEqual(['broker']);
    expect(config.interBrokerListenerName).toBe('INSIDE');
    expect(BrokerConfig.parse(base).advertisedListeners).toEqual(BrokerConfig.parse(base).listeners);
  });

  it('allows one port twice when one address is IPv4 and the other IPv6', () => {
    const map = { 'listener.security.protocol.map': 'A:PLAINTEXT,B:PLAINTEXT', 'inter.broker.listener.name': 'A' };
    expect(
      BrokerConfig.parse({ ...base, ...map, listeners: 'A://127.0.0.1:9092,B://[::1]:9092' }).listeners,
    ).toHaveLength(2);
    expect(() => BrokerConfig.parse({ ...base, ...map, listeners: 'A://127.0.0.1:9092,B://127.0.0.2:9092' })).toThrow(
      'one needs to be IPv4 and the other IPv6',
    );
  });

  it('warns of keys that nobody knows, and only of those', () => {
    const log = recordingLog();
    BrokerConfig.parse(
      {
        ...base,
        'num.io.treads': '3',
        'listener.name.plaintext.ssl.client.auth': 'none',
        'gregor.http.listener': ':0',
      },
      log,
    );
    expect(log.warnings).toEqual(["The configuration 'num.io.treads' was supplied but isn't a known config."]);
  });

  it('refuses what Gregor does not do yet, saying so', () => {
    expect(() => BrokerConfig.parse({ 'process.roles': 'broker', 'node.id': '1' })).toThrow('ZooKeeper mode only');
    expect(() => BrokerConfig.parse({ ...base, listeners: 'SSL://:9093,PLAINTEXT://:9092' })).toThrow(
      'listener SSL speaks SSL, but only PLAINTEXT is supported so far',
    );
    expect(() => BrokerConfig.parse({ ...base, 'inter.broker.protocol.version': '2.8' })).toThrow(
      'only 3.9 is supported',
    );
    expect(() => BrokerConfig.parse({ ...base, 'zookeeper.metadata.migration.enable': 'true' })).toThrow(
      ConfigException,
    );
  });

  it('reads its optional HTTP listener', () => {
    expect(httpListenerAt('127.0.0.1:8080')).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(httpListenerAt(':0')).toEqual({ host: '127.0.0.1', port: 0 });
    expect(() => httpListenerAt('nonsense')).toThrow('Invalid value nonsense for configuration gregor.http.listener');
  });
});

describe('dynamic keys', () => {
  it('count in the order broker, cluster, file, default', () => {
    const config = BrokerConfig.parse({ ...base, 'num.io.threads': '2' });
    expect(config.int('num.io.threads')).toBe(2);
    config.updateDynamicDefaults(new Map([['num.io.threads', '3']]));
    expect(config.int('num.io.threads')).toBe(3);
    config.updateDynamicBroker(new Map([['num.io.threads', '4']]));
    expect(config.int('num.io.threads')).toBe(4);
    expect(entry(config, 'num.io.threads')).toMatchObject({
      value: '4',
      source: 2,
      readOnly: false,
      synonyms: [
        { name: 'num.io.threads', value: '4', source: 2 },
        { name: 'num.io.threads', value: '3', source: 3 },
        { name: 'num.io.threads', value: '2', source: 4 },
        { name: 'num.io.threads', value: '8', source: 5 },
      ],
    });
    config.updateDynamicBroker(new Map());
    config.updateDynamicDefaults(new Map());
    expect(config.int('num.io.threads')).toBe(2);
  });

  it('hide the same time in another unit in the file', () => {
    const config = BrokerConfig.parse({ ...base, 'log.retention.ms': '1000' });
    expect(config.logRetentionMs).toBe(1000);
    config.updateDynamicDefaults(new Map([['log.retention.ms', '5000']]));
    expect(config.logRetentionMs).toBe(5000);
  });

  it('tell who listens what changed', () => {
    const config = BrokerConfig.parse(base);
    const seen: string[][] = [];
    const stop = config.onChange((changed) => seen.push([...changed]));
    config.updateDynamicBroker(new Map([['num.io.threads', '4']]));
    config.updateDynamicBroker(new Map([['num.io.threads', '4']]));
    stop();
    config.updateDynamicBroker(new Map());
    expect(seen).toEqual([['num.io.threads']]);
  });

  it('that cannot be used are left out and logged, as a broker must run with what it finds', () => {
    const log = recordingLog();
    const config = BrokerConfig.parse(base, log);
    config.updateDynamicDefaults(
      new Map([
        ['num.io.threads', 'many'],
        ['num.partitions', '7'],
        ['advertised.listeners', 'PLAINTEXT://x:1'],
        ['ssl.keystore.location', '/x'],
        ['log.cleaner.threads', '2'],
      ]),
    );
    expect([...config.dynamicDefaultConfigs]).toEqual([['log.cleaner.threads', '2']]);
    expect(log.errors).toHaveLength(4);
  });

  it('that would make no sense together leave everything as it was', () => {
    const log = recordingLog();
    const config = BrokerConfig.parse(base, log);
    config.updateDynamicBroker(new Map([['advertised.listeners', 'SSL://x:1']]));
    expect(config.advertisedListeners).toEqual(config.listeners);
    expect(log.errors[0]).toContain('was not taken over');
  });
});

test('the shipped server.properties is a valid configuration without unknown keys', async () => {
  const { readFile } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const text = await readFile(join(__dirname, '../../../config/server.properties'), 'utf8');
  const log = recordingLog();
  const config = BrokerConfig.parse(parseProperties(text), log);
  expect(log.warnings).toEqual([]);
  expect(config.brokerId).toBe(0);
  expect(config.logDirs).toEqual(['/tmp/kafka-logs']);
});
