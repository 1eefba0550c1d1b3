/** The lesson 'retention': records stay for a time, read or not, and go as whole segments from the old end. */
import { deleteRecords } from '../../protocol/apis';
import type { Lesson, Look, Place, Step, StepContext } from './lesson';
import { boundsOf, fetchOnce, readFrom, replicaBytes } from './tools/offsets';
import { LessonProducer } from './tools/producing';
import {
  brokerConfig,
  count,
  makeTopic,
  refused,
  setTopicConfig,
  stateOf,
  topicConfig,
  waitForTopic,
} from './tools/topics';

const HOUR_MS = 3_600_000;
const OLD_RECORDS = 12;
const YOUNG_RECORDS = 4;
const SEGMENT_BYTES = 1_024;
/** Three of these fill a segment. */
const FILLING = '.'.repeat(200);
/** Longer than this nobody waits for the broker's own look at its segments. */
const LONGEST_INTERVAL_MS = 20_000;
/** A broker that has just started waits this long before it looks the first time, unless it says otherwise. */
const DEFAULT_INITIAL_DELAY_MS = 30_000;
const MARGIN_MS = 10_000;
const NEVER = '-1';
const INTERVAL = 'log.retention.check.interval.ms';
const INITIAL_DELAY = 'log.initial.task.delay.ms';
const AT = 0;

export const retention: Lesson = {
  id: 'retention',
  title: 'Retention',
  summary:
    'Records are kept for a time, whether somebody has read them or not. Then the oldest go, a whole file at a time.',
  document: 'concepts.md#retention',
  unavailable: () => null,
  steps(place) {
    return [write(place, new LessonProducer()), shorten(place), wait(place), readFromTheStart(place)];
  },
};

function write({ topic, broker, replicationFactor }: Place, producer: LessonProducer): Step {
  return {
    title: 'Write old records and young ones',
    text:
      'A topic is a named stream of records; it is kept in partitions, and ours has one. A partition lies on ' +
      'disk as a row of files, called segments. Ours are very small here: a few records each, so that there are ' +
      'several.' +
      '\n\nWe write twelve records that say of themselves that they are two hours old, and then four of now. ' +
      'Until further notice nothing is to be deleted: retention.ms is -1.',
    command: `bin/kafka-topics.sh --bootstrap-server ${broker} --create --topic ${topic} --partitions 1 --replication-factor ${replicationFactor} --config segment.bytes=${SEGMENT_BYTES} --config retention.ms=-1`,
    async perform(context) {
      const configs = { 'segment.bytes': String(SEGMENT_BYTES), 'retention.ms': NEVER };
      await makeTopic(context, { name: topic, partitions: 1, replicationFactor, configs });
      await waitForTopic(context, topic, 1, replicationFactor);
      const { highWatermark: before } = await boundsOf(context, { topic, partition: AT });
      const now = context.clock.nowMs();
      await sendOneByOne(context, producer, { records: OLD_RECORDS, name: 'old', timestampMs: now - 2 * HOUR_MS });
      await sendOneByOne(context, producer, { records: YOUNG_RECORDS, name: 'young', timestampMs: now });
      await context.check('All of them can be read', async () => {
        const { logStartOffset, highWatermark } = await boundsOf(context, { topic, partition: AT });
        const held = logStartOffset === 0 && highWatermark === before + OLD_RECORDS + YOUNG_RECORDS;
        return { held, saw: `offsets ${logStartOffset} to ${highWatermark - 1}` };
      });
      context.observe(`The leader holds ${await sizeOf(context, topic)} bytes of it.`);
    },
  };
}

function shorten({ topic, broker }: Place): Step {
  return {
    title: 'Keep records for one hour only',
    text:
      'We set retention.ms of the topic to one hour. The setting is written to ZooKeeper, and a note under /config/changes tells all brokers to ' +
      'read it. From now on the twelve old records are too old. They do not vanish this very moment: every broker looks at its segments only from time to time.',
    command: `bin/kafka-configs.sh --bootstrap-server ${broker} --alter --entity-type topics --entity-name ${topic} --add-config retention.ms=${HOUR_MS}`,
    async perform(context) {
      await context.unlessAborted(setTopicConfig(context, topic, 'retention.ms', String(HOUR_MS)));
      await context.check('The setting stands in ZooKeeper', () => {
        const text = String(context.tree.get(`/config/topics/${topic}`)?.data ?? 'nothing');
        return { held: text.includes(`"retention.ms":"${HOUR_MS}"`), saw: text };
      });
      await context.check('The flight recorder saw the note to the brokers', () => {
        const seen = context.changes().filter(({ path }) => path.startsWith('/config/'));
        const held = seen.some(({ path, kind }) => path.startsWith('/config/changes/') && kind === 'created');
        return { held, saw: seen.map(({ kind, path }) => `${path} ${kind}`).join(', ') || 'no change under /config' };
      });
      await context.check('The broker has taken it over', async () => {
        const value = await topicConfig(context, topic, 'retention.ms');
        return { held: value === String(HOUR_MS), saw: `retention.ms is ${value}` };
      });
    },
  };
}

function wait({ topic, broker }: Place): Step {
  return {
    title: 'See the old records go',
    text:
      'How often a broker looks is its setting log.retention.check.interval.ms. It is five minutes unless set ' +
      'otherwise, and needs a restart to be changed.' +
      '\n\nIf it is short enough here, we wait until the broker removes the old segments by itself. If not, we ' +
      'do by hand what it would do later: we tell it to delete all records before an offset. Both move the log ' +
      'start offset, the first offset that can still be read.',
    command: `bin/kafka-get-offsets.sh --bootstrap-server ${broker} --topic ${topic} --time earliest`,
    timeoutMs: LONGEST_INTERVAL_MS + DEFAULT_INITIAL_DELAY_MS + 2 * MARGIN_MS,
    async perform(context) {
      const leader = stateOf(context.tree, topic, AT)?.leader ?? -1;
      if (leader < 0) throw new Error('The partition has no leader at the moment, so nobody can delete its records.');
      const intervalMs = Number(await context.unlessAborted(brokerConfig(context, leader, INTERVAL)));
      context.observe(`Broker ${leader} looks every ${intervalMs / 1000} s (${INTERVAL}).`);
      const initialDelay = await context.unlessAborted(brokerConfig(context, leader, INITIAL_DELAY));
      const delayMs = Math.min(Number(initialDelay ?? DEFAULT_INITIAL_DELAY_MS), DEFAULT_INITIAL_DELAY_MS);
      if (intervalMs <= LONGEST_INTERVAL_MS) await waitForRetention(context, topic, intervalMs + delayMs + MARGIN_MS);
      else await deleteByHand(context, topic, leader);
      context.observe(`The leader holds ${await sizeOf(context, topic)} bytes of it now.`);
    },
  };
}

async function waitForRetention(context: StepContext, topic: string, withinMs: number): Promise<void> {
  await context.check('The broker has removed the old segments by itself', () => lookAtStart(context, topic), withinMs);
  context.observe('A segment goes as a whole. It goes when its youngest record is too old.');
}

/** Sets the log start offset with DeleteRecords; says plainly that this is not retention itself. */
async function deleteByHand(context: StepContext, topic: string, leader: number): Promise<void> {
  context.observe('That is too long to wait for, so this is done by hand now, as kafka-delete-records does.');
  context.observe('It is not retention itself. Retention will come to the same result when the broker looks next.');
  const { highWatermark } = await boundsOf(context, { topic, partition: AT });
  const offset = highWatermark - YOUNG_RECORDS;
  const topics = [{ name: topic, partitions: [{ partitionIndex: AT, offset }] }];
  const answer = await context.unlessAborted(
    context.kafka
      .wire()
      .toBroker(leader, deleteRecords, { topics, timeoutMs: MARGIN_MS }, { timeoutMs: MARGIN_MS + 1_000 }),
  );
  const errorCode = answer.topics[0]?.partitions[0]?.errorCode ?? -1;
  if (errorCode !== 0) throw refused(`delete records of ${topic}`, errorCode, null);
  await context.check('The old records are gone, the young ones are there', () => lookAtStart(context, topic));
}

/** Old ones gone, young ones there. */
async function lookAtStart(context: StepContext, topic: string): Promise<Look> {
  const { logStartOffset, highWatermark } = await boundsOf(context, { topic, partition: AT });
  const saw = `offsets ${logStartOffset} to ${highWatermark - 1}`;
  // The segment in which old and young meet may stay.
  const held = logStartOffset > 0 && logStartOffset <= highWatermark - YOUNG_RECORDS;
  return { held, saw };
}

function readFromTheStart({ topic, broker }: Place): Step {
  return {
    title: 'Read from the beginning',
    text:
      'Whoever asks for offset 0 now gets an error: it is out of range. A consumer, a program that reads, then ' +
      'goes where its setting auto.offset.reset says. That is earliest, the first record that is still there, or ' +
      'latest, the end.' +
      '\n\nRetention never asks whether somebody has read a record. Who is away for too long misses records.',
    command: `bin/kafka-console-consumer.sh --bootstrap-server ${broker} --topic ${topic} --from-beginning --max-messages ${YOUNG_RECORDS}`,
    async perform(context) {
      await context.check('Offset 0 is refused', async () => {
        const seen = await fetchOnce(context, { topic, partition: AT }, 0).catch((error: Error) => error);
        if (!(seen instanceof Error)) return { held: false, saw: `the record at offset ${seen.records[0]?.offset}` };
        return { held: seen.message.includes('OFFSET_OUT_OF_RANGE'), saw: seen.message };
      });
      await context.check('Every young record can still be read', async () => {
        const { logStartOffset } = await boundsOf(context, { topic, partition: AT });
        const records = await readFrom(context, { topic, partition: AT }, logStartOffset);
        const young = records.filter(({ timestampMs }) => context.clock.nowMs() - timestampMs < HOUR_MS);
        const saw = `${count(records.length, 'record')} from offset ${logStartOffset} on, ${young.length} of them young`;
        return { held: young.length >= YOUNG_RECORDS && records[0]?.offset === logStartOffset, saw };
      });
    },
  };
}

interface Batch {
  readonly records: number;
  readonly name: string;
  readonly timestampMs: number;
}

/** Each record a batch of its own: a batch is never split between segments. */
async function sendOneByOne(
  context: StepContext,
  producer: LessonProducer,
  { records, name, timestampMs }: Batch,
): Promise<void> {
  for (let index = 0; index < records; index++) {
    const value = `${name} ${index} ${FILLING}`;
    await producer.send(context, context.place.topic, [{ value, partition: AT, timestamp: String(timestampMs) }]);
  }
  context.observe(`Wrote ${count(records, 'record')} of ${new Date(timestampMs).toISOString()}.`);
}

async function sizeOf(context: StepContext, topic: string): Promise<number> {
  const leader = stateOf(context.tree, topic, AT)?.leader ?? -1;
  return (await context.unlessAborted(replicaBytes(context, { topic, partition: AT }, leader))) ?? 0;
}
