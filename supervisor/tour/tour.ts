/**
 * The main job, shown on real input with an ordinary client: order events are produced keyed by customer, a consumer group
 * of two members reads them, and everything that Kafka promises about it is checked.
 */
import { Kafka, logLevel, Partitioners, type Admin, type Consumer, type Producer } from 'kafkajs';
import type { Clock } from '../../runtime/clock';
import type { Screen } from '../screen';
import { waitUntil } from '../wait-until';
import { OrderCheck } from './order-check';
import { parseOrderEvent, type OrderEvent } from './order-events';
import { showPartitions } from './partition-table';

export const TOUR_TOPIC = 'orders';
export const TOUR_GROUP = 'order-readers';
export const TOUR_PARTITIONS = 3;

export interface TourOptions {
  /** `host:port` of the brokers. */
  brokers: readonly string[];
  events: readonly OrderEvent[];
  replicas: number;
  screen: Screen;
  clock: Clock;
}

const EVENTS_PER_REQUEST = 200;
const READ_TIMEOUT_MS = 60_000;
const MEMBERS = ['A', 'B'] as const;

interface Member {
  name: string;
  consumer: Consumer;
  partitions: number[];
}

/** Plays the tour on an empty cluster; rejects when the cluster did not do what Kafka promises. */
export async function playTour(options: TourOptions): Promise<void> {
  const kafka = new Kafka({ clientId: 'gregor-tour', brokers: [...options.brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const members: Member[] = [];
  try {
    await Promise.all([admin.connect(), producer.connect()]);
    await createTopic(admin, options);
    await produce(producer, options);
    const check = new OrderCheck(options.events);
    const readOffsets = new Map<number, number>();
    await waitForCoordinator(admin, options.clock);
    for (const name of MEMBERS) members.push(await connectMember(kafka, name, options.screen));
    await Promise.all(members.map((member) => startReading(member, check, readOffsets)));
    await readAll(members, check, options);
    await commit(members, readOffsets, options.clock);
    await showProgressOfGroup(admin, members, options.screen);
    verify(check, options.screen);
  } finally {
    await Promise.allSettled(members.map(({ consumer }) => consumer.disconnect()));
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
  }
}

/**
 * The first question for a group's offsets makes the brokers create the topic that keeps them. Until the leader of the group's
 * partition knows that it leads, it says that it is not the coordinator: kafkajs takes that for an error, so it is asked again.
 */
async function waitForCoordinator(admin: Admin, clock: Clock): Promise<void> {
  const ask = async (): Promise<true> => {
    await admin.fetchOffsets({ groupId: TOUR_GROUP, topics: [TOUR_TOPIC] });
    return true;
  };
  await waitUntil(ask, { what: `group ${TOUR_GROUP} has a coordinator`, timeoutMs: READ_TIMEOUT_MS, clock });
}

async function createTopic(admin: Admin, { replicas, screen, clock }: TourOptions): Promise<void> {
  await admin.createTopics({
    topics: [{ topic: TOUR_TOPIC, numPartitions: TOUR_PARTITIONS, replicationFactor: replicas }],
  });
  screen.step(`Topic ${TOUR_TOPIC} is created: ${TOUR_PARTITIONS} partitions, replication factor ${replicas}`);
  await showPartitions(admin, TOUR_TOPIC, screen, clock);
}

async function produce(producer: Producer, { events, screen }: TourOptions): Promise<void> {
  const showProgress = screen.progress('events acknowledged by all replicas', events.length);
  for (let sent = 0; sent < events.length;) {
    const chunk = events.slice(sent, sent + EVENTS_PER_REQUEST);
    const messages = chunk.map(({ customer, text }) => ({ key: customer, value: text }));
    await producer.send({ topic: TOUR_TOPIC, acks: -1, messages });
    sent += chunk.length;
    showProgress(sent);
  }
  const customers = new Set(events.map(({ customer }) => customer)).size;
  screen.step(`${events.length} order events of ${customers} customers are produced, keyed by customer`);
}

async function connectMember(kafka: Kafka, name: string, screen: Screen): Promise<Member> {
  const consumer = kafka.consumer({ groupId: TOUR_GROUP, maxWaitTimeInMs: 100, heartbeatInterval: 500 });
  const member: Member = { name, consumer, partitions: [] };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    member.partitions = (payload.memberAssignment[TOUR_TOPIC] ?? []).toSorted((a, b) => a - b);
    const leader = payload.isLeader ? ', and leads the group' : '';
    screen.step(`Member ${name} got ${partitionList(member.partitions)}${leader}`);
  });
  await consumer.connect();
  await consumer.subscribe({ topic: TOUR_TOPIC, fromBeginning: true });
  return member;
}

/** Joins the group; records come from now on, also while the group is still balancing. */
async function startReading(
  { name, consumer }: Member,
  check: OrderCheck,
  readOffsets: Map<number, number>,
): Promise<void> {
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      const offset = Number(message.offset);
      const event = parseOrderEvent(message.value?.toString() ?? '', `partition ${partition}, offset ${offset}`);
      check.read({ partition, offset, member: name, event });
      readOffsets.set(partition, Math.max(offset, readOffsets.get(partition) ?? -1));
    },
  });
}

async function readAll(
  members: readonly Member[],
  check: OrderCheck,
  { events, screen, clock }: TourOptions,
): Promise<void> {
  const showProgress = screen.progress(`events read by group ${TOUR_GROUP}`, events.length);
  const done = (): true | null => {
    showProgress(check.count);
    return check.complete && isShared(members) ? true : null;
  };
  await waitUntil(done, { what: 'both members had read everything', timeoutMs: READ_TIMEOUT_MS, clock, everyMs: 50 });
  screen.step(`Group ${TOUR_GROUP} has read ${check.count} events`);
}

/** Each partition has one owner, and no member is left without. */
function isShared(members: readonly Member[]): boolean {
  const owned = members.flatMap(({ partitions }) => partitions);
  const everybodyOwns = members.every(({ partitions }) => partitions.length > 0);
  return everybodyOwns && owned.length === TOUR_PARTITIONS && new Set(owned).size === TOUR_PARTITIONS;
}

/**
 * Each member commits what it owns: the offset of the next record that it would read. Where the group is just being
 * balanced anew, a member's generation is outdated for a moment; then it is tried again.
 */
async function commit(
  members: readonly Member[],
  readOffsets: ReadonlyMap<number, number>,
  clock: Clock,
): Promise<void> {
  const commitAll = async (): Promise<true> => {
    for (const { consumer, partitions } of members) {
      const next = (partition: number): string => String((readOffsets.get(partition) ?? -1) + 1);
      const offsets = partitions.map((partition) => ({ topic: TOUR_TOPIC, partition, offset: next(partition) }));
      await consumer.commitOffsets(offsets);
    }
    return true;
  };
  const what = 'both members had committed their offsets';
  await waitUntil(commitAll, { what, timeoutMs: READ_TIMEOUT_MS, clock, everyMs: 200 });
}

async function showProgressOfGroup(admin: Admin, members: readonly Member[], screen: Screen): Promise<void> {
  const ends = await admin.fetchTopicOffsets(TOUR_TOPIC);
  const [committed] = await admin.fetchOffsets({ groupId: TOUR_GROUP, topics: [TOUR_TOPIC] });
  const rows = ends
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ partition, high }) => {
      const current = Number(committed?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
      const owner = members.find(({ partitions }) => partitions.includes(partition))?.name ?? '-';
      return [partition, current, Number(high), Number(high) - current, owner];
    });
  screen.table(['partition', 'committed offset', 'log end offset', 'lag', 'member'], rows);
  const lag = rows.reduce((sum, row) => sum + Number(row[3]), 0);
  if (lag !== 0) throw new Error(`the group has read everything, but its lag is ${lag}`);
}

function verify(check: OrderCheck, screen: Screen): void {
  const { customers, read, missing, duplicates, outOfOrder, scattered } = check.result();
  if (missing > 0 || outOfOrder.length > 0 || scattered > 0) {
    const more = scattered > 0 ? [`${scattered} customers lie in more than one partition`] : [];
    throw new Error([`${missing} events are missing`, ...outOfOrder, ...more].join('; '));
  }
  const repeated = duplicates > 0 ? ` (${duplicates} were delivered twice, as a rebalance may do)` : '';
  screen.step(
    `Verified: ${read} events, none missing, each of ${customers} customers in order in one partition${repeated}`,
  );
}

function partitionList(partitions: readonly number[]): string {
  if (partitions.length === 0) return 'no partition';
  return `${partitions.length === 1 ? 'partition' : 'partitions'} ${partitions.join(' and ')}`;
}
