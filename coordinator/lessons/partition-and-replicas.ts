/** The lesson 'a partition and its replicas': where copies are, who leads, and when a record counts as written. */
import { metadata } from '../../protocol/apis';
import { topicPath } from '../../zookeeper/znodes';
import type { Lesson, Look, Place, Step, StepContext } from './lesson';
import { boundsOf, fetchOnce, replicaBytes } from './tools/offsets';
import { LessonProducer } from './tools/producing';
import { assignmentOf, count, makeTopic, sayState, stateOf, waitForTopic } from './tools/topics';

const RECORDS = 5;
const AT = 0;

/** Where the records of the latest try end. */
interface Shared {
  readonly producer: LessonProducer;
  end: number;
}

export const partitionAndReplicas: Lesson = {
  id: 'replicas',
  title: 'A partition and its replicas',
  summary:
    'One partition is kept by several brokers. One leads, the others copy, and a record counts when all have it.',
  document: 'replication.md#a-produce-with-acksall',
  unavailable: () => null,
  steps(place) {
    const shared: Shared = { producer: new LessonProducer(), end: 0 };
    return [create(place), whoLeads(place), write(place, shared), everyCopy(place, shared)];
  },
};

function create({ topic, broker, replicationFactor, brokerIds }: Place): Step {
  const alone = brokerIds.length === 1 ? ' There is only one broker here, so there is only one copy.' : '';
  return {
    title: `Make a topic with ${count(replicationFactor, 'copy', 'copies')} of its partition`,
    text:
      'A topic is a named stream of records. It is kept in partitions, and ours has one. The replication factor says how ' +
      `many brokers keep a copy of it. Such a copy is called a replica.${alone}\n\n` +
      'One broker, the controller, decides who keeps it, and writes that down in ZooKeeper. Watch the znodes appear: znodes ' +
      'are the small files that ZooKeeper keeps for all brokers.',
    command: `bin/kafka-topics.sh --bootstrap-server ${broker} --create --topic ${topic} --partitions 1 --replication-factor ${replicationFactor}`,
    async perform(context) {
      await makeTopic(context, { name: topic, partitions: 1, replicationFactor });
      await context.check('ZooKeeper has written down which brokers keep the copies', () => {
        const replicas = assignmentOf(context.tree, topic).get(AT) ?? [];
        const saw = replicas.length === 0 ? 'no assignment yet' : `brokers ${replicas.join(', ')}`;
        return { held: new Set(replicas).size === replicationFactor, saw };
      });
      await waitForTopic(context, topic, 1, replicationFactor);
      await context.check('The flight recorder saw the znodes of the topic appear', () => {
        const seen = context
          .changes()
          .filter(({ kind, path }) => kind === 'created' && path.startsWith(topicPath(topic)));
        const held =
          seen.some(({ path }) => path === topicPath(topic)) && seen.some(({ path }) => path.endsWith('/state'));
        return { held, saw: seen.map(({ path }) => path).join(', ') || 'none of them' };
      });
    },
  };
}

function whoLeads({ topic, broker, brokerIds }: Place): Step {
  return {
    title: 'See who leads and who copies',
    text:
      'One replica is the leader: it takes all writes. The others are followers: they copy from it all the time. ' +
      'The leader and the followers that keep up are the ISR, the in-sync replicas. The first broker in the list ' +
      'is the preferred leader.' +
      '\n\nBrokers do not read this in ZooKeeper: the controller tells them. So we ask every broker what it ' +
      'believes.',
    command: `bin/kafka-topics.sh --bootstrap-server ${broker} --describe --topic ${topic}`,
    async perform(context) {
      const replicas = assignmentOf(context.tree, topic).get(AT) ?? [];
      context.observe(
        `Assigned: brokers ${replicas.join(', ')}. State: ${sayState(stateOf(context.tree, topic, AT))}.`,
      );
      await context.check('The preferred leader leads', () => {
        const leader = stateOf(context.tree, topic, AT)?.leader;
        return {
          held: leader !== undefined && leader === replicas[0],
          saw: `leader ${leader}, preferred ${replicas[0]}`,
        };
      });
      await context.check('Every broker names the same leader as ZooKeeper', () =>
        lookAtBeliefs(context, topic, brokerIds),
      );
    },
  };
}

async function lookAtBeliefs(context: StepContext, topic: string, brokerIds: readonly number[]): Promise<Look> {
  const leader = stateOf(context.tree, topic, AT)?.leader ?? -1;
  const beliefs = await Promise.all(
    brokerIds.map(async (brokerId) => {
      const request = { topics: [{ name: topic }], allowAutoTopicCreation: false };
      const answer = await context.kafka.wire().toBroker(brokerId, metadata, request);
      return { brokerId, names: answer.topics[0]?.partitions[0]?.leaderId ?? -1 };
    }),
  );
  const saw = beliefs
    .map(({ brokerId, names }) => `broker ${brokerId} names ${names < 0 ? 'nobody' : names}`)
    .join(', ');
  return { held: beliefs.every(({ names }) => names === leader), saw: `${saw}; ZooKeeper names ${leader}` };
}

function write({ topic, broker }: Place, shared: Shared): Step {
  return {
    title: 'Write five records, and wait for all copies',
    text:
      'Each record gets an offset, its number in the partition: 0, 1, 2 and so on. We send five records with ' +
      'acks=all. That means: the answer comes only when every replica of the ISR has them.' +
      '\n\nThe high watermark is the offset up to which all of the ISR have everything. Consumers, the programs ' +
      'that read, can read up to there and not further.',
    command: `bin/kafka-console-producer.sh --bootstrap-server ${broker} --topic ${topic} --producer-property acks=all`,
    async perform(context) {
      const at = { topic, partition: AT };
      const before = await context.unlessAborted(boundsOf(context, at));
      context.observe(`High watermark before: ${before.highWatermark}.`);
      const messages = Array.from({ length: RECORDS }, (_, index) => ({ value: `record ${index + 1} of ${RECORDS}` }));
      const startedMs = context.clock.monotonicMs();
      const [sent] = await shared.producer.send(context, topic, messages);
      const tookMs = Math.round(context.clock.monotonicMs() - startedMs);
      context.observe(
        `Acknowledged by all in-sync replicas after ${tookMs} ms; the first record got offset ${sent?.baseOffset}.`,
      );
      await context.check('The high watermark has moved past the five records', async () => {
        const { highWatermark } = await boundsOf(context, at);
        shared.end = highWatermark;
        return { held: highWatermark === (sent?.baseOffset ?? NaN) + RECORDS, saw: `high watermark ${highWatermark}` };
      });
    },
  };
}

function everyCopy({ topic, broker, brokerIds, replicationFactor }: Place, shared: Shared): Step {
  return {
    title: 'Look into every copy',
    text:
      'Now we ask each broker that keeps a copy, not only the leader. Each says how many bytes it holds, and ' +
      'what it takes for the high watermark.' +
      '\n\nA follower copies by asking the leader again and again; this is called fetching. It hears of the high ' +
      'watermark with its next fetch, so it may be half a second behind. That does no harm: it has the records ' +
      'already.',
    command: `bin/kafka-log-dirs.sh --bootstrap-server ${broker} --describe --topic-list ${topic} --broker-list ${brokerIds.join(',')}`,
    async perform(context) {
      await context.check('Every copy holds the same number of bytes', async () => {
        const sizes = await Promise.all(
          copiesOf(context, topic).map(async (brokerId) => {
            return { brokerId, bytes: await replicaBytes(context, { topic, partition: AT }, brokerId) };
          }),
        );
        const saw = sizes.map(({ brokerId, bytes }) => `broker ${brokerId}: ${bytes ?? 'no'} bytes`).join(', ');
        const same = new Set(sizes.map(({ bytes }) => bytes)).size === 1 && (sizes[0]?.bytes ?? 0) > 0;
        return { held: same && sizes.length === replicationFactor, saw };
      });
      await context.check('Every copy has the same records and the same high watermark', async () => {
        const copies = await Promise.all(
          copiesOf(context, topic).map(async (brokerId) => {
            const { records, highWatermark } = await fetchOnce(context, { topic, partition: AT }, 0, brokerId);
            return { brokerId, highWatermark, last: records.at(-1)?.offset ?? -1 };
          }),
        );
        const told = copies.map(
          ({ brokerId, highWatermark, last }) =>
            `broker ${brokerId}: high watermark ${highWatermark}, last record ${last}`,
        );
        const complete = copies.every(
          ({ highWatermark, last }) => highWatermark === shared.end && last === shared.end - 1,
        );
        return { held: complete && copies.length === replicationFactor, saw: told.join('; ') };
      });
    },
  };
}

/** Brokers that keep the partition. One that is gone must not go unnoticed: its answer is missing. */
function copiesOf(context: StepContext, topic: string): readonly number[] {
  return assignmentOf(context.tree, topic).get(AT) ?? [];
}
