/** The lesson 'replay by offset': reading moves a bookmark, records stay, and the bookmark can be put back. */
import type { Lesson, Place, Step, StepContext } from './lesson';
import { committedOf, groupOf, resetGroup, sayGroup } from './tools/groups';
import { GroupMember } from './tools/member';
import { boundsOf, type ReadRecord } from './tools/offsets';
import { LessonProducer } from './tools/producing';
import { count, makeTopic, waitForTopic } from './tools/topics';

const RECORDS = 10;
const BACK_TO = 4;
/** What has been read already does not change by waiting. */
const AT_ONCE = 0;
const READ_WITHIN_MS = 30_000;

interface Shared {
  readonly producer: LessonProducer;
  first: readonly ReadRecord[];
  /** Records in the topic: ten for each time that they were sent. */
  total: number;
}

export const replayByOffset: Lesson = {
  id: 'replay',
  title: 'Replay by offset',
  summary: 'A group reads everything, its bookmark is put back, and it reads the same records once more.',
  document: 'concepts.md#offset',
  unavailable: () => null,
  steps(place) {
    const shared: Shared = { producer: new LessonProducer(), first: [], total: 0 };
    return [write(place, shared), read(place, shared), reset(place, shared), again(place, shared)];
  },
};

function write({ topic, broker, replicationFactor }: Place, shared: Shared): Step {
  return {
    title: 'Write ten records',
    text:
      'We make a topic with one partition and write ten records. Each record gets a number, its offset: 0, 1, 2 and so on. An ' +
      'offset never changes, and it is never given to another record.',
    command: `bin/kafka-console-producer.sh --bootstrap-server ${broker} --topic ${topic}`,
    async perform(context) {
      await makeTopic(context, { name: topic, partitions: 1, replicationFactor });
      await waitForTopic(context, topic, 1, replicationFactor);
      const messages = Array.from({ length: RECORDS }, (_, index) => ({ value: `letter ${index}` }));
      const [sent] = await shared.producer.send(context, topic, messages);
      context.observe(`Sent ten records; the first got offset ${sent?.baseOffset}.`);
      await context.check('The topic ends ten offsets further on than these records begin', async () => {
        const { logStartOffset, highWatermark } = await boundsOf(context, { topic, partition: 0 });
        shared.total = highWatermark;
        const held = highWatermark === (sent?.baseOffset ?? NaN) + RECORDS;
        return { held, saw: `first offset ${logStartOffset}, the next record will get ${highWatermark}` };
      });
    },
  };
}

function read({ topic, group, broker }: Place, shared: Shared): Step {
  return {
    title: 'Read all of them with a group',
    text:
      'Consumers read with a group name. While they read, they tell the cluster how far they are. This is called committing an offset: it is ' +
      'a bookmark, and it names the record to read next. The consumer reads everything and leaves. Only the bookmark has moved. The records are still there.',
    command: `bin/kafka-console-consumer.sh --bootstrap-server ${broker} --topic ${topic} --group ${group} --from-beginning --max-messages ${RECORDS}`,
    async perform(context) {
      const member = new GroupMember('reader', group, topic);
      shared.first = await readAndLeave(context, member, { group, topic, until: shared.total });
      context.observe(`Read ${say(shared.first)}.`);
      await context.check('The group’s bookmark stands behind the last record', () =>
        lookAtBookmark(context, { group, topic, expected: shared.total, total: shared.total }),
      );
    },
  };
}

function reset({ topic, group, broker }: Place, shared: Shared): Step {
  return {
    title: `Put the bookmark back to offset ${BACK_TO}`,
    text:
      'A program had a mistake, and we want it to read the records from offset 4 on once more. Nobody has to send them again. We only put the ' +
      'bookmark back. This is possible while no member of the group is there. The lag is the number of records between the bookmark and the end.',
    command: `bin/kafka-consumer-groups.sh --bootstrap-server ${broker} --group ${group} --topic ${topic} --reset-offsets --to-offset ${BACK_TO} --execute`,
    async perform(context) {
      await context.check('Nobody reads with the group now', async () => {
        const found = await groupOf(context, group, topic);
        return { held: found.members.length === 0, saw: sayGroup(found) };
      });
      await context.unlessAborted(resetGroup(context, group, topic, new Map([[0, BACK_TO]])));
      await context.check(`The bookmark stands at offset ${BACK_TO}`, () =>
        lookAtBookmark(context, { group, topic, expected: BACK_TO, total: shared.total }),
      );
    },
  };
}

function again({ topic, group, broker }: Place, shared: Shared): Step {
  return {
    title: 'Read again',
    text:
      'A consumer of the same group starts. It asks for the bookmark and goes on from there. It gets the very same records as before: same offsets, ' +
      'same values. Other groups notice nothing of this, each has its own bookmark.',
    command: `bin/kafka-console-consumer.sh --bootstrap-server ${broker} --topic ${topic} --group ${group} --max-messages ${RECORDS - BACK_TO}`,
    async perform(context) {
      await context.unlessAborted(resetGroup(context, group, topic, new Map([[0, BACK_TO]])));
      const member = new GroupMember('reader-again', group, topic);
      const records = await readAndLeave(context, member, { group, topic, until: shared.total });
      context.observe(`Read ${say(records)}.`);
      await context.check(
        'They are the same records as the first time',
        () => {
          const expected = shared.first.filter(({ offset }) => offset >= BACK_TO);
          return { held: say(records) === say(expected), saw: say(records) };
        },
        AT_ONCE,
      );
      await context.check('The topic still has all of its records', async () => {
        const { logStartOffset, highWatermark } = await boundsOf(context, { topic, partition: 0 });
        const held = logStartOffset === 0 && highWatermark === shared.total;
        return { held, saw: `offsets ${logStartOffset} to ${highWatermark - 1}` };
      });
    },
  };
}

interface Wanted {
  readonly group: string;
  readonly topic: string;
  /** Offset to read up to, that one not included. */
  readonly until: number;
}

/** Joins, reads up to an offset, waits until that is committed, and leaves. */
async function readAndLeave(context: StepContext, member: GroupMember, { group, topic, until }: Wanted) {
  await member.join(context);
  await context.check(
    `The consumer has read up to offset ${until - 1}`,
    () => {
      const last = member.read.at(-1)?.offset;
      return {
        held: last === until - 1,
        saw: `${count(member.read.length, 'record')}, the last at offset ${last ?? 'none'}`,
      };
    },
    READ_WITHIN_MS,
  );
  await context.check('It has committed that', async () => {
    const committed = (await committedOf(context, group, topic, 1)).get(0);
    return { held: committed === until, saw: `committed offset ${committed ?? 'none'}` };
  });
  await member.leave(context);
  return [...member.read];
}

interface Bookmark {
  readonly group: string;
  readonly topic: string;
  readonly expected: number;
  readonly total: number;
}

async function lookAtBookmark(context: StepContext, { group, topic, expected, total }: Bookmark) {
  const committed = (await committedOf(context, group, topic, 1)).get(0);
  const saw = committed === undefined ? 'no bookmark' : `offset ${committed}, lag ${total - committed}`;
  return { held: committed === expected, saw };
}

function say(records: readonly ReadRecord[]): string {
  return records.map(({ offset, value }) => `${offset}: ${value}`).join(', ') || 'nothing';
}
