/**
 * An application of Kafka Streams against three brokers: what it creates, purges, restores and resets there. The scenarios
 * are in test/support/java/StreamsScenarios.java; what they tell is the same against Apache Kafka's own brokers.
 */
import { type AnsweringProcess, startJavaOver } from '../support/answering-process';
import { type BrokersUnderTest, startBrokers } from '../support/brokers-under-test';
import { kafkaStreamsJarDirectory } from '../support/kafka-jars';

const TIMEOUT_MS = 100_000;

let brokers: BrokersUnderTest;
let java: AnsweringProcess;

beforeAll(async () => {
  brokers = await startBrokers({ brokers: 3 });
  java = await startJavaOver(await kafkaStreamsJarDirectory(), ['Scenarios', 'StreamsScenarios'], brokers.bootstrap);
}, 180_000);

afterAll(async () => {
  await java?.close();
  await brokers?.close();
}, 60_000);

/** Plays a scenario; each fact is some words. */
async function facts(scenario: string): Promise<string[]> {
  const answer = await java.ask(scenario);
  if (answer.startsWith('!')) throw new Error(answer.slice(1).replaceAll('\\n', '\n'));
  return answer.split('\t');
}

test(
  'two instances share the work over topics of their own, take over from one another, and restore what they knew',
  async () => {
    expect(await facts('StreamsScenarios.countWords')).toEqual([
      'counts-changelog 4 3 [cleanup.policy=compact, message.timestamp.type=CreateTime]',
      'counts-repartition 4 3 [cleanup.policy=delete, message.timestamp.type=CreateTime, retention.ms=-1, ' +
        'segment.bytes=52428800]',
      '{again=1, all=1, hello=1, join=1, kafka=4, lead=1, streams=2, summit=1, to=1}',
      '[]',
    ]);
  },
  TIMEOUT_MS,
);

test(
  'the reset tool sets its offsets back and deletes its topics',
  async () => {
    expect(await facts('StreamsScenarios.reset')).toEqual(['0', '[0, 0, 0, 0]']);
  },
  TIMEOUT_MS,
);
