/**
 * The second part of the tour: the broker that is the controller is killed, another one is elected, the partitions that it
 * led get new leaders, and when it comes back it catches up. Nothing that was acknowledged may be missing.
 */
import { Kafka, logLevel, type Admin } from 'kafkajs';
import type { Clock } from '../../runtime/clock';
import { silentLogger } from '../../runtime/logger';
import { connect, type ZooKeeperOperations } from '../../zookeeper';
import type { Screen } from '../screen';
import { waitUntil } from '../wait-until';
import { OrderCheck } from './order-check';
import { parseOrderEvent, type OrderEvent } from './order-events';
import { ledPartitions, showPartitions } from './partition-table';
import { TOUR_PARTITIONS, TOUR_TOPIC } from './tour';

export interface FailOverOptions {
  brokers: readonly string[];
  zookeeper: string;
  /** What the topic holds already. */
  events: readonly OrderEvent[];
  kill: (brokerId: number) => Promise<void>;
  /** Resolves when the broker serves. */
  restart: (brokerId: number) => Promise<void>;
  screen: Screen;
  clock: Clock;
}

const TIMEOUT_MS = 60_000;
const ZOOKEEPER_TIMEOUT_MS = 10_000;
const quickRetries = { initialRetryTime: 50, maxRetryTime: 200, retries: 300 };

interface Reign {
  controller: number;
  epoch: number;
}

/** Plays the fail-over; rejects when it does not happen in time, or when a record is missing afterwards. */
export async function showFailOver(options: FailOverOptions): Promise<void> {
  const { clock } = options;
  const kafka = new Kafka({
    clientId: 'gregor-fail-over',
    brokers: [...options.brokers],
    logLevel: logLevel.NOTHING,
    retry: quickRetries,
  });
  const admin = kafka.admin();
  const zookeeper = await connect({
    connectString: options.zookeeper,
    sessionTimeoutMs: ZOOKEEPER_TIMEOUT_MS,
    connectionTimeoutMs: ZOOKEEPER_TIMEOUT_MS,
    clock,
    logger: silentLogger,
    name: 'tour',
  });
  try {
    await admin.connect();
    const killed = await killController(zookeeper.session, kafka, options);
    await showPartitions(admin, TOUR_TOPIC, options.screen, clock);
    await readEverything(kafka, [...options.events, ...lateEvents()], options);
    await bringBack(killed, admin, options);
  } finally {
    await Promise.allSettled([admin.disconnect(), zookeeper.close()]);
  }
}

async function killController(zookeeper: ZooKeeperOperations, kafka: Kafka, options: FailOverOptions): Promise<number> {
  const { screen, clock } = options;
  const before = await reignOf(zookeeper);
  if (before === null) throw new Error('the cluster has no controller');
  const producer = kafka.producer({ metadataMaxAge: 1000 });
  await producer.connect();
  screen.step(
    `Fail-over: broker ${before.controller} is the controller (epoch ${before.epoch}) and is killed now, as with kill -9`,
  );
  await options.kill(before.controller);
  const killedAtMs = clock.monotonicMs();
  const secondsSince = (): string => ((clock.monotonicMs() - killedAtMs) / 1000).toFixed(1);
  const election = waitUntil(
    async () => {
      const now = await reignOf(zookeeper);
      return now !== null && now.epoch > before.epoch ? now : null;
    },
    { what: 'another broker was elected controller', timeoutMs: TIMEOUT_MS, clock, everyMs: 20 },
  ).then(({ controller, epoch }) =>
    screen.step(`Broker ${controller} is elected controller (epoch ${epoch}) after ${secondsSince()} s`),
  );
  const acknowledged = lateEvents().map(({ customer, text }, partition) =>
    producer.send({ topic: TOUR_TOPIC, acks: -1, messages: [{ key: customer, value: text, partition }] }),
  );
  await Promise.all([election, ...acknowledged]);
  screen.step(`Every partition acknowledges again after ${secondsSince()} s`);
  await producer.disconnect();
  return before.controller;
}

/** Null while nobody is controller. */
async function reignOf(zookeeper: ZooKeeperOperations): Promise<Reign | null> {
  if ((await zookeeper.exists('/controller')) === null) return null;
  const { data } = await zookeeper.getData('/controller');
  const epoch = await zookeeper.getData('/controller_epoch');
  return { controller: (JSON.parse(String(data)) as { brokerid: number }).brokerid, epoch: Number(String(epoch.data)) };
}

/** One event for each partition, of a customer of its own. */
function lateEvents(): OrderEvent[] {
  return Array.from({ length: TOUR_PARTITIONS }, (_, partition) => {
    const event = {
      customer: `late-customer-${partition}`,
      sequence: 1,
      order: `order-late-${partition}`,
      event: 'placed',
    };
    return { customer: event.customer, sequence: event.sequence, text: JSON.stringify(event) };
  });
}

async function readEverything(
  kafka: Kafka,
  expected: readonly OrderEvent[],
  { screen, clock }: FailOverOptions,
): Promise<void> {
  const consumer = kafka.consumer({ groupId: 'fail-over-check', maxWaitTimeInMs: 100 });
  const check = new OrderCheck(expected);
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: TOUR_TOPIC, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const offset = Number(message.offset);
        const event = parseOrderEvent(String(message.value), `partition ${partition}, offset ${offset}`);
        check.read({ partition, offset, member: 'the check', event });
      },
    });
    const done = (): true | null => (check.complete ? true : null);
    const what = `all ${expected.length} records were read after the fail-over`;
    await waitUntil(done, { what, timeoutMs: TIMEOUT_MS, clock, everyMs: 20 });
  } finally {
    await consumer.disconnect();
  }
  const { missing, outOfOrder } = check.result();
  if (missing > 0 || outOfOrder.length > 0)
    throw new Error([`${missing} records are missing`, ...outOfOrder].join('; '));
  screen.step(`No record is missing: all ${expected.length} are there, in order`);
}

async function bringBack(brokerId: number, admin: Admin, { restart, screen, clock }: FailOverOptions): Promise<void> {
  const startedAtMs = clock.monotonicMs();
  await restart(brokerId);
  const inSync = async (): Promise<true | null> => {
    const partitions = await ledPartitions(admin, TOUR_TOPIC, clock);
    return partitions.every(({ isr }) => isr.includes(brokerId)) ? true : null;
  };
  const what = `broker ${brokerId} was in sync again`;
  await waitUntil(inSync, { what, timeoutMs: TIMEOUT_MS, clock, everyMs: 50 });
  const seconds = ((clock.monotonicMs() - startedAtMs) / 1000).toFixed(1);
  screen.step(`Broker ${brokerId} is back and in sync with every partition ${seconds} s after its start`);
}
