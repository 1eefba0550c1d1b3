/** The lesson 'consumer groups and rebalancing': two consumers share the partitions of a topic, and one leaves again. */
import { decodeConsumerOffsetsKey, decodeVersioned, offsetCommitValue } from '../../protocol/internal';
import type { Lesson, Look, Place, Step, StepContext } from './lesson';
import { committedOf, groupOf, OFFSETS_TOPIC, partitionOfGroup, sayGroup } from './tools/groups';
import { GroupMember } from './tools/member';
import { boundsOf, fetchRaw } from './tools/offsets';
import { LessonProducer } from './tools/producing';
import { assignmentOf, count, makeTopic, stateOf, waitForTopic } from './tools/topics';

const PARTITIONS = 4;
const RECORDS_EACH = 3;
const JOIN_WITHIN_MS = 30_000;
const STEP_TIMEOUT_MS = 90_000;

interface Shared {
  readonly producer: LessonProducer;
  readonly anna: GroupMember;
  readonly ben: GroupMember;
  /** Records sent so far. */
  sent: number;
}

export const groupsAndRebalancing: Lesson = {
  id: 'groups',
  title: 'Consumer groups and rebalancing',
  summary: 'Two consumers share the partitions of a topic. When one leaves, the other takes over where it stopped.',
  document: 'concepts.md#consumer-group',
  unavailable: () => null,
  steps(place) {
    const { topic, group } = place;
    const shared = {
      anna: new GroupMember('anna', group, topic),
      ben: new GroupMember('ben', group, topic),
      sent: 0,
      producer: new LessonProducer(),
    };
    return [
      makeTheTopic(place),
      first(place, shared),
      second(place, shared),
      commit(place, shared),
      leave(place, shared),
    ];
  },
};

function makeTheTopic({ topic, broker, replicationFactor }: Place): Step {
  return {
    title: 'Make a topic with four partitions',
    text:
      'Consumers are programs that read records from a topic, a named stream. So that several of them can share ' +
      'the work, they form a group, and the topic is split into partitions. Each partition is read by only one ' +
      'member of the group. We make four partitions, so four consumers at most could work at a time.',
    command: `bin/kafka-topics.sh --bootstrap-server ${broker} --create --topic ${topic} --partitions ${PARTITIONS} --replication-factor ${replicationFactor}`,
    async perform(context) {
      await makeTopic(context, { name: topic, partitions: PARTITIONS, replicationFactor });
      await waitForTopic(context, topic, PARTITIONS, replicationFactor);
    },
  };
}

function first({ topic, group, broker }: Place, { anna }: Shared): Step {
  return {
    title: 'Anna joins the group',
    text:
      'Anna is a consumer. She joins by giving the name of the group. One broker looks after the group: its ' +
      'coordinator. Anna is alone, so she gets all four partitions.' +
      '\n\nWhich broker is the coordinator follows from the name of the group. A hash of it, a number made of ' +
      'its letters, picks a partition of the internal topic __consumer_offsets. The broker that leads that ' +
      'partition, and takes its writes, is the coordinator. If nobody has ever used a group here, this topic is ' +
      'made now.',
    command: `bin/kafka-console-consumer.sh --bootstrap-server ${broker} --topic ${topic} --group ${group}`,
    timeoutMs: STEP_TIMEOUT_MS,
    async perform(context) {
      await anna.join(context);
      await context.check('Anna has all four partitions', () => lookAtShares(context, ['anna']), JOIN_WITHIN_MS);
      const number = partitionOfGroup(context.tree, group);
      if (number !== null) context.observe(`The name of the group leads to partition ${number} of ${OFFSETS_TOPIC}.`);
      await context.check('The leader of that partition is the coordinator of the group', async () => {
        const partition = partitionOfGroup(context.tree, group);
        if (partition === null) return { held: false, saw: `there is no topic ${OFFSETS_TOPIC} yet` };
        const leader = stateOf(context.tree, OFFSETS_TOPIC, partition)?.leader;
        const coordinator = await context.kafka.wire().findCoordinator(group);
        const saw = `broker ${coordinator} is the coordinator; partition ${partition} is led by ${leader ?? 'nobody'}`;
        return { held: coordinator === leader, saw };
      });
    },
  };
}

function second({ topic, group, broker }: Place, { ben }: Shared): Step {
  return {
    title: 'Ben joins: the group rebalances',
    text:
      'Ben joins the same group. Now the work is shared out again; this is called a rebalance. The coordinator ' +
      'tells Anna to join once more. Then one of the two, the group leader, works out who reads what, and the ' +
      'coordinator hands it out.' +
      '\n\nClients like these two stop reading meanwhile. So it is good when groups do not change too often.',
    command: `bin/kafka-consumer-groups.sh --bootstrap-server ${broker} --describe --group ${group} --members --verbose`,
    timeoutMs: STEP_TIMEOUT_MS,
    async perform(context) {
      await ben.join(context);
      const text = 'Each of them has two partitions, and no partition has two readers';
      await context.check(text, () => lookAtShares(context, ['anna', 'ben']), JOIN_WITHIN_MS);
      context.observe(sayGroup(await context.unlessAborted(groupOf(context, group, topic))));
    },
  };
}

/** Looks whether just these members share all partitions, none with less than an equal part, no partition twice. */
async function lookAtShares(context: StepContext, names: readonly string[]): Promise<Look> {
  const { group, topic } = context.place;
  const found = await groupOf(context, group, topic);
  const members = found.members.map(({ clientId }) => clientId);
  const read = found.members.flatMap(({ partitions }) => partitions);
  const even = found.members.every(({ partitions }) => partitions.length === PARTITIONS / names.length);
  const each = new Set(read).size === PARTITIONS && read.length === PARTITIONS;
  return { held: found.state === 'Stable' && members.join() === names.join() && even && each, saw: sayGroup(found) };
}

function commit({ topic, group, broker }: Place, shared: Shared): Step {
  return {
    title: 'Both read, and commit how far they are',
    text:
      'We write twelve records, three into each partition. Anna and Ben each read their own share. They commit: ' +
      'they tell the coordinator the offset, the number of the record that they want to read next.' +
      '\n\nA committed offset does not go to ZooKeeper. The coordinator keeps it as a record in ' +
      '__consumer_offsets, and we read that record.',
    command: `bin/kafka-consumer-groups.sh --bootstrap-server ${broker} --describe --group ${group}`,
    async perform(context) {
      const before = await endOfOffsets(context, group);
      await send(context, topic, shared);
      await context.check(
        'Anna and Ben have read every record, each once',
        () => lookAtReading(shared),
        JOIN_WITHIN_MS,
      );
      await context.check('The committed offsets stand at the end of each partition', () => lookAtCommitted(context));
      await context.check(`The offsets are records in ${OFFSETS_TOPIC}`, () => lookAtOffsetRecords(context, before));
    },
  };
}

function leave({ topic, group, broker }: Place, shared: Shared): Step {
  return {
    title: 'Anna leaves, Ben takes over',
    text:
      'Anna says goodbye. The group rebalances once more, and Ben gets all four partitions. He goes on at the ' +
      'offsets that Anna committed. So he reads the new records, and none of the old ones twice.' +
      '\n\nIf Anna had died without a word, the coordinator would have noticed by her missing heartbeats: every ' +
      'member sends a small sign of life all the time.',
    command: `bin/kafka-consumer-groups.sh --bootstrap-server ${broker} --describe --group ${group} --members --verbose`,
    timeoutMs: STEP_TIMEOUT_MS,
    async perform(context) {
      const { anna, ben } = shared;
      await anna.leave(context);
      context.observe('Anna has left the group.');
      await context.check('Ben has all four partitions', () => lookAtShares(context, ['ben']), JOIN_WITHIN_MS);
      const old = ben.read.length;
      await send(context, topic, shared);
      await context.check(
        'Ben has read the twelve new records, and nothing else',
        () => {
          const later = ben.read.slice(old);
          const fresh = later.filter(({ value }) => value.endsWith(` of ${shared.sent}`));
          const saw = `${count(later.length, 'record')}, ${fresh.length} of them new`;
          return { held: later.length === PARTITIONS * RECORDS_EACH && fresh.length === later.length, saw };
        },
        JOIN_WITHIN_MS,
      );
    },
  };
}

/** Three records into each partition; their values tell how many were sent when this was done. */
async function send(context: StepContext, topic: string, shared: Shared): Promise<void> {
  const total = shared.sent + PARTITIONS * RECORDS_EACH;
  const messages = Array.from({ length: PARTITIONS * RECORDS_EACH }, (_, index) => ({
    partition: index % PARTITIONS,
    value: `letter ${shared.sent + index + 1} of ${total}`,
  }));
  await shared.producer.send(context, topic, messages);
  shared.sent = total;
  context.observe(
    `Wrote ${count(messages.length, 'record')}, ${RECORDS_EACH} into each of the ${PARTITIONS} partitions.`,
  );
}

function lookAtReading({ anna, ben, sent }: Shared): Look {
  const read = [...anna.read, ...ben.read];
  const different = new Set(read.map(({ partition, offset }) => `${partition}/${offset}`)).size;
  const saw = `Anna read ${anna.read.length}, Ben read ${ben.read.length}, ${different} different ones`;
  return { held: read.length === sent && different === sent, saw };
}

async function lookAtCommitted(context: StepContext): Promise<Look> {
  const { group, topic } = context.place;
  const committed = await committedOf(context, group, topic, PARTITIONS);
  const rows: string[] = [];
  let held = true;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { highWatermark } = await boundsOf(context, { topic, partition });
    const offset = committed.get(partition);
    held &&= offset === highWatermark;
    rows.push(`partition ${partition}: committed ${offset ?? 'nothing'}, end ${highWatermark}`);
  }
  return { held, saw: rows.join('; ') };
}

/** Where the group's partition of __consumer_offsets ends. */
async function endOfOffsets(context: StepContext, group: string): Promise<number> {
  const partition = partitionOfGroup(context.tree, group);
  if (partition === null) throw new Error(`There is no topic ${OFFSETS_TOPIC}, so no offset can be committed.`);
  return (await context.unlessAborted(boundsOf(context, { topic: OFFSETS_TOPIC, partition }))).highWatermark;
}

/** Reads what came into __consumer_offsets since, and looks for a record for each partition that was read. */
async function lookAtOffsetRecords(context: StepContext, since: number): Promise<Look> {
  const { group, topic } = context.place;
  const partition = partitionOfGroup(context.tree, group) ?? 0;
  const { stored } = await fetchRaw(context, { topic: OFFSETS_TOPIC, partition }, since);
  const committed = new Map<number, number>();
  for (const { key, value } of stored) {
    const about = key ? decodeConsumerOffsetsKey(key) : null;
    if (about?.kind !== 'offset' || about.group !== group || about.topic !== topic || !value) continue;
    committed.set(about.partition, decodeVersioned(offsetCommitValue, value).offset);
  }
  const rows = [...committed].sort(([one], [other]) => one - other);
  const saw = rows.map(([number, offset]) => `key (${group}, ${topic}, ${number}) → offset ${offset}`).join('; ');
  return { held: committed.size === assignmentOf(context.tree, topic).size, saw: saw || 'no such record yet' };
}
