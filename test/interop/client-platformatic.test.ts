/** Unchanged @platformatic/kafka against two brokers: the newest version of each API, from a client that is not Java's. */
import { join } from 'node:path';
import { startAnswering, type AnsweringProcess } from '../support/answering-process';
import { startBrokers, type BrokersUnderTest } from '../support/brokers-under-test';

const TIMEOUT_MS = 100_000;

let brokers: BrokersUnderTest;
let client: AnsweringProcess;

beforeAll(async () => {
  brokers = await startBrokers({ brokers: 2, settings: { 'num.partitions': 2, 'default.replication.factor': 2 } });
  const scenarios = join(__dirname, '..', 'support', 'platformatic-scenarios.mjs');
  client = startAnswering('@platformatic/kafka', process.execPath, [scenarios, ...brokers.addresses]);
}, 180_000);

afterAll(async () => {
  await client?.close();
  await brokers?.close();
}, 60_000);

async function facts(scenario: string): Promise<unknown[]> {
  const answer = JSON.parse(await client.ask(scenario)) as { facts: unknown[] } | { error: string };
  if ('error' in answer) throw new Error(answer.error);
  return answer.facts;
}

test(
  'batches of every codec come back whole',
  async () => {
    const answers = await facts('codecs');
    expect(answers.length).toBeGreaterThanOrEqual(4);
    for (const answer of answers) expect(answer).toEqual([100, 100, true]);
  },
  TIMEOUT_MS,
);

test(
  'an idempotent producer writes to several partitions one after another',
  async () => {
    expect(await facts('idempotent')).toEqual(['0:0 1:0', '0:1 1:1', '0:2 1:2', '0:3 1:3', '0:4 1:4']);
  },
  TIMEOUT_MS,
);

test(
  'a topic is made by the way only for a client that wants that',
  async () => {
    expect(await facts('autoCreation')).toEqual([expect.stringContaining('not-there'), 2, 36, 2]);
  },
  TIMEOUT_MS,
);

test(
  'two members share a topic, another group gets all of it',
  async () => {
    expect(await facts('group')).toEqual([[0, 1, 2, 3], 80, ['STABLE', 'consumer', 2], ['STABLE', 'classic']]);
  },
  TIMEOUT_MS,
);

test(
  'the group protocol of KRaft clusters is refused with the error that says so',
  async () => {
    expect(await facts('newGroupProtocol')).toEqual(['UNSUPPORTED_VERSION']);
  },
  TIMEOUT_MS,
);

test(
  'offsets are looked up in every way, committed, and read from',
  async () => {
    expect(await facts('positions')).toEqual([0, 10, 4, 9, 7, ['8@1000008', '9@1000009']]);
  },
  TIMEOUT_MS,
);

test(
  'topics, configurations, records, log directories and group offsets are administered',
  async () => {
    expect(await facts('admin')).toEqual([
      ['managed', 2, 2, '100000'],
      'TOPIC_ALREADY_EXISTS',
      ['cleanup.policy', 1],
      6,
      2,
      [
        [0, true],
        [1, true],
      ],
      [['managed', [4]]],
      [['admin-group', true]],
    ]);
  },
  TIMEOUT_MS,
);

test('the newest versions were spoken', async () => {
  const versions = new Map((await facts('versions')) as [number, number][]);
  const [produce, fetch, metadata, createTopics] = [
    versions.get(0),
    versions.get(1),
    versions.get(3),
    versions.get(19),
  ];
  expect({ produce, fetch, metadata, createTopics }).toEqual({ produce: 11, fetch: 17, metadata: 12, createTopics: 7 });
});
