/** The lesson 'ordering by key': a key decides the partition, and order holds within a partition only. */
import type { Lesson, Look, Place, Step, StepContext } from './lesson';
import { murmur2, partitionOfKey } from './tools/murmur2';
import { boundsOf, readFrom, type ReadRecord } from './tools/offsets';
import { LessonProducer } from './tools/producing';
import { addPartitions, assignmentOf, count, makeTopic, waitForTopic } from './tools/topics';

const PARTITIONS = 3;
const MORE_PARTITIONS = 6;
const CUSTOMERS = ['customer-1', 'customer-2', 'customer-3', 'customer-4', 'customer-5'];
/** What has been read already does not change by waiting. */
const AT_ONCE = 0;
const STORY = ['ordered', 'paid', 'packed', 'delivered'];

/** Offsets at which the records of this try begin, by partition. */
type Begin = Map<number, number>;

interface Shared {
  readonly producer: LessonProducer;
  begin: Begin;
  read: ReadRecord[];
}

export const orderingByKey: Lesson = {
  id: 'order',
  title: 'Ordering by key',
  summary: 'Records with the same key go to the same partition, and come back in the order in which they were sent.',
  document: 'concepts.md#partition',
  unavailable: () => null,
  steps(place) {
    const shared: Shared = { producer: new LessonProducer(), begin: new Map(), read: [] };
    return [makeTheTopic(place), sendStories(place, shared), readBack(place, shared), reckon(shared), grow(place)];
  },
};

function makeTheTopic({ topic, replicationFactor, broker }: Place): Step {
  return {
    title: 'Make a topic with three partitions',
    text:
      'A topic is a named stream of records. A record is a small note: a key, a value and a time. The topic is split into ' +
      'partitions. Each partition is a list of its own, and new records are always added at its end.',
    command: `bin/kafka-topics.sh --bootstrap-server ${broker} --create --topic ${topic} --partitions ${PARTITIONS} --replication-factor ${replicationFactor}`,
    async perform(context) {
      await makeTopic(context, { name: topic, partitions: PARTITIONS, replicationFactor });
      await waitForTopic(context, topic, PARTITIONS, replicationFactor);
    },
  };
}

function sendStories({ topic, broker }: Place, shared: Shared): Step {
  return {
    title: 'Send the stories of five customers',
    text:
      'Five customers order something. Each order is paid, packed and delivered. That makes four records for ' +
      'each customer. The customer is the key of the record. They are sent mixed: first all orders, then all ' +
      'payments, and so on.' +
      '\n\nThe client, the program that sends, turns the key into a number. Such a number is called a hash. It ' +
      'chooses the partition.',
    command: `bin/kafka-console-producer.sh --bootstrap-server ${broker} --topic ${topic} --property parse.key=true --property key.separator=:`,
    async perform(context) {
      shared.begin = await ends(context, topic, PARTITIONS);
      for (const event of STORY) {
        const sent = await shared.producer.send(
          context,
          topic,
          CUSTOMERS.map((key) => ({ key, value: event })),
        );
        const where = sent.map(({ partition, baseOffset }) => `partition ${partition} from offset ${baseOffset}`);
        context.observe(`Sent "${event}" for all five customers: ${where.join(', ')}.`);
      }
      await context.check('All twenty records are in the topic', async () => {
        const now = await ends(context, topic, PARTITIONS);
        const added = [...now].map(([partition, end]) => ({
          partition,
          records: end - (shared.begin.get(partition) ?? 0),
        }));
        const total = added.reduce((sum, { records }) => sum + records, 0);
        const saw = added.map(({ partition, records }) => `${records} in partition ${partition}`).join(', ');
        return { held: total === CUSTOMERS.length * STORY.length, saw };
      });
    },
  };
}

function readBack({ topic, broker }: Place, shared: Shared): Step {
  return {
    title: 'Read them back',
    text:
      'Now all partitions are read from where the stories begin. Look at one customer: all four records lie in one partition, in the right ' +
      'order. Look at two customers in different partitions: nobody promises which of them you see first. Order holds within a ' +
      'partition only.',
    command: `bin/kafka-console-consumer.sh --bootstrap-server ${broker} --topic ${topic} --from-beginning --max-messages 20 --property print.key=true --property print.partition=true`,
    async perform(context) {
      shared.read = [];
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const records = await readFrom(context, { topic, partition }, shared.begin.get(partition) ?? 0);
        shared.read.push(...records);
        const line = records.map(({ key, value }) => `${key} ${value}`).join(', ');
        context.observe(`Partition ${partition}: ${line || 'no records'}`);
      }
      await context.check('Each customer is in one partition only', () => lookAtPlaces(shared.read), AT_ONCE);
      await context.check(
        'Each customer’s records are in the order in which they were sent',
        () => lookAtOrder(shared.read),
        AT_ONCE,
      );
    },
  };
}

function lookAtPlaces(read: readonly ReadRecord[]): Look {
  const places = CUSTOMERS.map((key) => [...new Set(of(read, key).map(({ partition }) => partition))]);
  const saw = CUSTOMERS.map((key, index) => `${key} in ${places[index]?.join(' and ') || 'none'}`).join(', ');
  return { held: places.every(({ length }) => length === 1), saw };
}

function lookAtOrder(read: readonly ReadRecord[]): Look {
  const told = CUSTOMERS.map((key) =>
    of(read, key)
      .map(({ value }) => value)
      .join(' → '),
  );
  const wrong = CUSTOMERS.flatMap((key, index) =>
    told[index] === STORY.join(' → ') ? [] : [`${key}: ${told[index]}`],
  );
  return { held: wrong.length === 0, saw: wrong.join('; ') || `for each customer: ${STORY.join(' → ')}` };
}

function reckon(shared: Shared): Step {
  return {
    title: 'Reckon the partition yourself',
    text:
      'There is no magic in it. Clients take a hash of the key (its name is murmur2), make it positive, and ' +
      'divide it by the number of partitions. The remainder is the partition. We do the same sum here, and ' +
      'compare with where the records really are.' +
      '\n\nA record without a key may go to any partition.',
    command: null,
    async perform(context) {
      for (const key of CUSTOMERS) {
        const hash = murmur2(Buffer.from(key)) & 0x7fffffff;
        context.observe(`${key}: hash ${hash}, divided by ${PARTITIONS} leaves ${hash % PARTITIONS}`);
      }
      await context.check(
        'Our sum names the partition in which the records are',
        () => {
          const both = CUSTOMERS.map((key) => ({
            key,
            ours: partitionOfKey(key, PARTITIONS),
            real: of(shared.read, key)[0]?.partition,
          }));
          const saw = both.map(({ key, ours, real }) => `${key}: reckoned ${ours}, is in ${real ?? 'none'}`).join(', ');
          return { held: both.every(({ ours, real }) => ours === real), saw };
        },
        AT_ONCE,
      );
    },
  };
}

function grow({ topic, broker }: Place): Step {
  return {
    title: 'Add partitions, and see keys move',
    text:
      'A topic can get more partitions later. But then the same sum gives another result: we now divide by six. New records of a customer may ' +
      'go to another partition than the old ones. The old ones stay where they are. So think about the number of partitions early.',
    command: `bin/kafka-topics.sh --bootstrap-server ${broker} --alter --topic ${topic} --partitions ${MORE_PARTITIONS}`,
    async perform(context) {
      await addPartitions(context, topic, MORE_PARTITIONS);
      await context.check('ZooKeeper has six partitions written down for the topic', () => {
        const { size } = assignmentOf(context.tree, topic);
        return { held: size === MORE_PARTITIONS, saw: count(size, 'partition') };
      });
      await context.check('Each of them has a leader that answers', async () => {
        const found = await ends(context, topic, MORE_PARTITIONS);
        return { held: found.size === MORE_PARTITIONS, saw: `${found.size} of ${MORE_PARTITIONS} answer` };
      });
      await context.check('New records go where the new sum says', () => lookAtNewPlaces(context, topic));
    },
  };
}

/** Sends one record more for each customer, with a client that has just asked how many partitions there are. */
async function lookAtNewPlaces(context: StepContext, topic: string): Promise<Look> {
  const begin = await ends(context, topic, MORE_PARTITIONS);
  const producer = context.kafka.kafka('lesson-order').producer();
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: CUSTOMERS.map((key) => ({ key, value: 'ordered again' })) });
  } finally {
    await producer.disconnect();
  }
  const read: ReadRecord[] = [];
  for (const [partition, offset] of begin) read.push(...(await readFrom(context, { topic, partition }, offset)));
  const both = CUSTOMERS.map((key) => ({
    key,
    before: partitionOfKey(key, PARTITIONS),
    ours: partitionOfKey(key, MORE_PARTITIONS),
    real: of(read, key)[0]?.partition,
  }));
  const saw = both.map(({ key, before, real }) => `${key}: was in ${before}, now in ${real ?? 'none'}`).join(', ');
  return { held: both.every(({ ours, real }) => ours === real), saw };
}

async function ends(context: StepContext, topic: string, partitions: number): Promise<Begin> {
  const found: Begin = new Map();
  for (let partition = 0; partition < partitions; partition++) {
    const { highWatermark } = await context.unlessAborted(boundsOf(context, { topic, partition }));
    found.set(partition, highWatermark);
  }
  return found;
}

function of(read: readonly ReadRecord[], key: string): ReadRecord[] {
  return read.filter((record) => record.key === key);
}
