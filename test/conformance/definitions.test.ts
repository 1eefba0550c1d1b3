/** Our message definitions, field by field, beside those inside Apache Kafka's jars. */
import type { Message } from '../../protocol';
import { allApis } from '../../protocol/api-table';
import * as internalModules from '../../protocol/internal';
import { comparableOfKafka, comparableOfOurs, kafkaDefinitions, stableVersions } from '../support/kafka-definitions';
import type { KafkaDefinition } from '../support/kafka-definitions';
import { askKafka } from '../support/kafka-echo';

const internals = (Object.values(internalModules) as unknown as Message[]).filter((value) => value.fields);

let definitions: Map<string, KafkaDefinition>;

beforeAll(async () => {
  definitions = await kafkaDefinitions();
}, 600_000);

function theirs(name: string, versions: { min: number; max: number }): unknown {
  const definition = definitions.get(name);
  if (!definition) throw new Error(`Apache Kafka has no message ${name}`);
  return comparableOfKafka(definition, versions);
}

test('exactly the APIs of a ZooKeeper-mode broker are there, in their stable versions', async () => {
  const expected = [...definitions.values()]
    .filter((definition) => definition.type === 'request' && definition.listeners?.includes('zkBroker'))
    .map((definition) => ({
      key: definition.apiKey,
      name: definition.name.replace(/Request$/, ''),
      versions: stableVersions(definition),
    }))
    .toSorted((a, b) => (a.key as number) - (b.key as number));
  expect(allApis.map(({ key, name, request }) => ({ key, name, versions: request.versions }))).toEqual(expected);
  const [advertised] = await askKafka(['apis']);
  const ours = allApis.map(
    ({ key, name, request }) => `${key}:${name}:${request.versions.min}:${request.versions.max}`,
  );
  expect(ours.join(' ')).toBe(advertised);
}, 60_000);

test.each(allApis.map((api) => [api.name, api] as const))('%s: request and response are Kafka’s', (name, api) => {
  const definition = definitions.get(`${name}Request`);
  expect(definition?.apiKey).toBe(api.key);
  const versions = stableVersions(definition as KafkaDefinition);
  expect(comparableOfOurs(api.request)).toEqual(theirs(`${name}Request`, versions));
  expect(comparableOfOurs(api.response)).toEqual(theirs(`${name}Response`, versions));
});

test('every record of the internal topics and of the consumer protocol is there', () => {
  const pattern = /^(OffsetCommit|GroupMetadata|TransactionLog)(Key|Value)$|^ConsumerProtocol/;
  const expected = [...definitions.keys()].filter((name) => pattern.test(name)).toSorted();
  expect(internals.map(({ name }) => name).toSorted()).toEqual(expected);
});

test.each(internals.map((message) => [message.name, message] as const))('%s is Kafka’s', (name, message) => {
  const definition = definitions.get(name) as KafkaDefinition;
  expect(comparableOfOurs(message)).toEqual(theirs(name, stableVersions(definition)));
});
