/** Our declarations of configuration keys, our answers and our complaints beside those of Apache Kafka 3.9.1. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BrokerConfig,
  brokerKeys,
  type ConfigEntry,
  type ConfigKey,
  describeBroker,
  describeTopic,
  formatProperty,
  parseProperties,
  topicKeys,
  topicSynonyms,
} from '../../settings';
import { parseType, valueText } from '../../settings/values';
import { type Fact, settingsFacts } from '../support/kafka-settings';

jest.setTimeout(600_000);

/** Kafka describes this validator with a whole sentence, and checks two KRaft keys that Gregor refuses anyway. */
const OTHER_VALIDATOR = new Set([
  'remote.log.manager.copier.thread.pool.size',
  'remote.log.manager.expiration.thread.pool.size',
  'controller.quorum.voters',
  'controller.quorum.bootstrap.servers',
]);

function keyFact(kind: string, key: ConfigKey): Fact {
  return [
    kind,
    key.name,
    key.type.toUpperCase(),
    valueText(parseType(key.name, key.defaultText, key.type), key.type),
    OTHER_VALIDATOR.has(key.name) ? '' : (key.validator?.describe() ?? null),
    key.importance.toUpperCase(),
    key.update,
    String(key.internal),
  ];
}

function ourEntries(kind: string, entries: readonly ConfigEntry[]): Fact[] {
  return entries.map((entry) => [
    kind,
    entry.name,
    entry.value,
    String(entry.readOnly),
    String(entry.sensitive),
    String(entry.source),
    String(entry.configType),
    entry.synonyms.map(({ name, value, source }) => `${name}=${value}@${source}`).join(' '),
  ]);
}

/** As SettingsFacts.java writes what is not plain ASCII. */
const escaped = (value: string): string =>
  value.replace(/[^!-~]/g, (char) => `<${char.charCodeAt(0).toString(16).padStart(4, '0')}>`);

const sorted = (facts: readonly Fact[]): string[] => facts.map((fact) => fact.join(' | ')).toSorted();

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gregor-settings-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function propertiesFile(name: string, properties: Record<string, string>): Promise<string> {
  const file = join(directory, name);
  const lines = Object.entries(properties).map(([key, value]) => formatProperty(key, value));
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

describe('the declarations of configuration keys', () => {
  let facts: Fact[];
  beforeAll(async () => {
    facts = await settingsFacts('definitions');
  });

  const theirs = (kind: string): Fact[] =>
    facts
      .filter((fact) => fact[0] === kind)
      .map((fact) => fact.map((cell, column) => (column === 4 && OTHER_VALIDATOR.has(fact[1] ?? '') ? '' : cell)));

  it('are those of Apache Kafka for a broker, key by key', () => {
    const ours = [...brokerKeys.values()].filter(({ name }) => !name.startsWith('gregor.'));
    expect(sorted(ours.map((key) => keyFact('broker', key)))).toEqual(sorted(theirs('broker')));
  });

  it('are those of Apache Kafka for a topic, key by key', () => {
    expect(sorted([...topicKeys.values()].map((key) => keyFact('topic', key)))).toEqual(sorted(theirs('topic')));
  });

  it('name the same broker keys behind each topic key', () => {
    const ours = Object.entries(topicSynonyms).map(([name, names]) => ['synonyms', name, names?.join(',') ?? null]);
    expect(sorted(ours)).toEqual(sorted(theirs('synonyms')));
  });
});

describe('the description of a broker and a topic', () => {
  it('is the one that Apache Kafka gives', async () => {
    const broker = {
      'broker.id': '3',
      'zookeeper.connect': 'localhost:2181',
      'log.retention.hours': '5',
      'log.roll.ms': '123456',
      'some.plugin.key': 'x',
      'ssl.keystore.password': 'secret',
      'listener.name.plaintext.ssl.keystore.location': '/somewhere',
      'log.cleaner.min.cleanable.ratio': '0.25',
      'log.message.timestamp.difference.max.ms': '1000',
      'server.max.startup.time.ms': '5000',
      'metric.reporters': '',
      'log.cleanup.policy': 'compact , delete',
    };
    const topic = { 'retention.ms': '777', 'segment.ms': '9223372036854775807', 'cleanup.policy': 'compact,delete' };
    const facts = await settingsFacts(
      'describe',
      await propertiesFile('broker.properties', broker),
      await propertiesFile('topic.properties', topic),
    );
    const config = BrokerConfig.parse(broker);
    const ours = [
      ...ourEntries('broker', describeBroker(config)),
      ...ourEntries('topic', describeTopic(config, new Map(Object.entries(topic)))),
    ];
    expect(sorted(ours)).toEqual(sorted(facts));
  });
});

describe('a configuration that cannot work', () => {
  const base = { 'broker.id': '0', 'zookeeper.connect': 'localhost:2181' };
  const bad: Record<string, Record<string, string>> = {
    'a number that is none': { ...base, 'num.partitions': 'abc' },
    'a number that is too big for its type': { ...base, 'num.io.threads': '99999999999' },
    'a number below its limit': { ...base, 'num.io.threads': '0' },
    'a number above its limit': { ...base, 'compression.lz4.level': '18' },
    'a boolean that is none': { ...base, 'delete.topic.enable': 'yes' },
    'a text that is not among those allowed': { ...base, 'compression.type': 'brotli' },
    'a list entry that is not among those allowed': { ...base, 'log.cleanup.policy': 'delete,shrink' },
    'a gzip level out of range': { ...base, 'compression.gzip.level': '0' },
    'a version that does not exist': { ...base, 'inter.broker.protocol.version': '9.9' },
    'no zookeeper.connect': { 'broker.id': '0' },
    'a broker id above the reserved ones': { ...base, 'broker.id': '1001' },
    'a negative broker id without generation': { ...base, 'broker.id': '-1', 'broker.id.generation.enable': 'false' },
    'two names for one node': { ...base, 'node.id': '7' },
    'a retention of nothing': { ...base, 'log.retention.ms': '0' },
    'a roll time of nothing': { ...base, 'log.roll.ms': '0' },
    'two listeners with one name': { ...base, listeners: 'PLAINTEXT://:9092,PLAINTEXT://:9093' },
    'two listeners on one port': {
      ...base,
      listeners: 'A://:9092,B://:9092',
      'listener.security.protocol.map': 'A:PLAINTEXT,B:PLAINTEXT',
      'inter.broker.listener.name': 'A',
    },
    'a listener that is no address': { ...base, listeners: 'PLAINTEXT:9092' },
    'a listener without a protocol': { ...base, listeners: 'FRONT://:9092' },
    'an advertised listener that does not exist': {
      ...base,
      'advertised.listeners': 'PLAINTEXT://h:1,SSL://h:2',
    },
    'an advertised address that nobody can reach': { ...base, 'advertised.listeners': 'PLAINTEXT://0.0.0.0:9092' },
    'an inter-broker listener that does not exist': {
      ...base,
      'listener.security.protocol.map': 'A:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      'inter.broker.listener.name': 'A',
    },
    'an inter-broker listener without a protocol': { ...base, 'inter.broker.listener.name': 'INSIDE' },
    'an inter-broker listener set twice': {
      ...base,
      'inter.broker.listener.name': 'PLAINTEXT',
      'security.inter.broker.protocol': 'PLAINTEXT',
    },
    'a protocol that does not exist': { ...base, 'listener.security.protocol.map': 'PLAINTEXT:QUIC' },
    'a fetch wait longer than the lag': {
      ...base,
      'replica.fetch.wait.max.ms': '20000',
      'replica.lag.time.max.ms': '10000',
    },
    'a fetch wait longer than the socket timeout': { ...base, 'replica.fetch.wait.max.ms': '31000' },
    'a request queue smaller than a request': { ...base, 'queued.max.request.bytes': '100' },
    'no connections at all': { ...base, 'max.connections.per.ip': '0' },
    'a dedupe buffer that is too small': { ...base, 'log.cleaner.dedupe.buffer.size': '1000' },
    'controller listeners in ZooKeeper mode': { ...base, 'controller.listener.names': 'CONTROLLER' },
    'a control plane listener that is the inter-broker one': { ...base, 'control.plane.listener.name': 'PLAINTEXT' },
  };
  let complaints: Map<string, string | null>;

  beforeAll(async () => {
    const files = await Promise.all(
      Object.entries(bad).map(([name, properties]) =>
        propertiesFile(`${name.replaceAll(' ', '-')}.properties`, properties),
      ),
    );
    const facts = await settingsFacts('check', ...files);
    complaints = new Map(
      facts.map(([verdict, file, text]) => [file ?? '', verdict === 'refused' ? (text ?? null) : null]),
    );
  });

  it.each(Object.keys(bad))('is refused with the complaint of Apache Kafka: %s', (name) => {
    const theirs = complaints.get(join(directory, `${name.replaceAll(' ', '-')}.properties`));
    expect(theirs).toEqual(expect.any(String));
    // Scala's require puts these two words before its text.
    const expected = theirs?.replace(/^requirement failed: /, '');
    expect(() => BrokerConfig.parse(bad[name] ?? {})).toThrow(expect.objectContaining({ message: expected }));
  });
});

describe('the .properties format', () => {
  it('is read as Java reads it', async () => {
    const text = [
      '# a comment that ends in a backslash does not go on \\',
      '! another',
      '   plain = value with blanks at its end  ',
      'colon:value:with:colons',
      'blank value = with equals',
      'key\\ with\\ blanks\\=and\\:signs value',
      'continued = one,\\',
      '    two,\\',
      '\tthree',
      'continued.comment = one\\',
      '# not a comment',
      'unicode = \\u00fc\\u20AC',
      'escapes = \\t\\n\\r\\f\\q\\\\',
      'even = two backslashes\\\\',
      'odd = three backslashes\\\\\\',
      'and the next line',
      'empty',
      'empty.too=',
      'separator.after.blank \t : \t value',
      'two.separators == value',
      '\f\tindented=yes',
      'again=1',
      'again=2',
      'last = without a line break \\',
    ].join('\n');
    const file = join(directory, 'tricky.properties');
    await writeFile(file, text);
    const ours = [...parseProperties(text)].map(([key, value]) => ['property', escaped(key), escaped(value)]);
    expect(sorted(ours)).toEqual(sorted(await settingsFacts('properties', file)));
  });

  it('reads back what it writes', () => {
    const entries = { 'a key': ' value with = : # ! \\ and \t\n', 'x:y': '', plain: 'ü€' };
    const text = Object.entries(entries).map(([key, value]) => formatProperty(key, value));
    expect(Object.fromEntries(parseProperties(text.join('\n')))).toEqual(entries);
  });
});
