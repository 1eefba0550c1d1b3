/** Clients that ask for much and read nothing: the broker's memory stays within its bound, and others are served. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { ClusterClient } from '../../client';
import { startCluster, type Cluster } from '../../embedded';
import { encodeRequest } from '../../protocol';
import { fetch, produce } from '../../protocol/apis';
import { buildBatch, readAllRecords } from '../../protocol/records';
import { systemClock } from '../../runtime/clock';
import { freePorts } from '../../supervisor/ports';
import { eventuallyPasses } from '../support/eventually';
import { createTopic } from '../support/read-topic';

jest.setTimeout(120_000);

const MIB = 1 << 20;
/** Half of the default, so that the bound shows with few clients. */
const BUDGET_BYTES = 128 * MIB;
const CLIENTS = 100;
/** One for each client at least, whatever else is held: 256 KiB. */
const LEAST_ANSWER_BYTES = 256 << 10;
const ASKED_BYTES = 50 * MIB;
const BATCH_BYTES = 100_000;
const BATCHES = 600;
/** How much beyond the answers themselves: what was garbage by then, and the broker's other buffers. */
const SLACK_MIB = 128;
const FETCH_VERSION = 12;
const WAIT_MS = 60_000;

let cluster: Cluster;
let client: ClusterClient;
let httpPort: number;
const silent: Socket[] = [];

const fetchOf = (partition: number, fetchOffset: number, bytes: number) => ({
  maxWaitMs: 500,
  minBytes: 1,
  maxBytes: bytes,
  sessionEpoch: -1,
  topics: [{ topic: 'large', partitions: [{ partition, fetchOffset, partitionMaxBytes: bytes }] }],
});

function residentMib(): number {
  const status = readFileSync(`/proc/${cluster.brokers[0]?.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

/** What the broker says that it holds. */
async function heldBytes(): Promise<number> {
  const text = await (await globalThis.fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
  return Number(/^gregor_answer_memory_bytes (\d+)/m.exec(text)?.[1]);
}

async function write(partition: number, value: Buffer): Promise<number> {
  const records = buildBatch([{ key: null, value, timestamp: BigInt(systemClock.nowMs()) }]);
  const topicData = [{ name: 'large', partitionData: [{ index: partition, records }] }];
  const answer = await client.toBroker(0, produce, { acks: 1, timeoutMs: 10_000, topicData });
  expect(answer.responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0 });
  return answer.responses[0]?.partitionResponses[0]?.baseOffset as number;
}

/** Asks for as much as a consumer may, and leaves the answer in the socket. */
function askAndReadNothing(): Promise<void> {
  const socket = connect(cluster.brokers[0]?.port ?? 0, '127.0.0.1');
  silent.push(socket.pause());
  const frame = Buffer.concat(encodeRequest(fetch, FETCH_VERSION, 1, 'silent', fetchOf(0, 0, ASKED_BYTES)));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.write(frame, () => resolve());
  });
}

beforeAll(async () => {
  [httpPort] = (await freePorts(1)) as [number];
  const settings = { 'gregor.answer.memory.bytes': BUDGET_BYTES, 'gregor.http.listener': `127.0.0.1:${httpPort}` };
  cluster = await startCluster({ processes: true, settings });
  client = new ClusterClient({ bootstrapServers: cluster.bootstrap, clientId: 'test', clock: systemClock });
  await createTopic(client, 'large', 2, 1);
  for (let batch = 0; batch < BATCHES; batch++) await write(0, Buffer.alloc(BATCH_BYTES, batch));
});

afterAll(async () => {
  for (const socket of silent) socket.destroy();
  await client?.close();
  await cluster?.close();
});

it('hold the memory that is meant for answers and no more, while others are served', async () => {
  expect(await heldBytes()).toBe(0);
  const before = residentMib();
  await Promise.all(Array.from({ length: CLIENTS }, askAndReadNothing));
  // So much was asked for, of which the kernel takes a few megabytes for each.
  await eventuallyPasses(async () => expect(await heldBytes()).toBeGreaterThan(BUDGET_BYTES / 2), WAIT_MS);

  for (let round = 0; round < 20; round++) {
    const text = `served beside them ${round}`;
    const offset = await write(1, Buffer.from(text));
    const answer = await client.toBroker(0, fetch, fetchOf(1, offset, MIB), { highestVersion: FETCH_VERSION });
    const records = answer.responses[0]?.partitions[0]?.records as Buffer;
    expect(String(readAllRecords(records)[0]?.value)).toBe(text);
    const held = await heldBytes();
    expect(held).toBeLessThan(BUDGET_BYTES + CLIENTS * LEAST_ANSWER_BYTES);
    expect(residentMib()).toBeLessThan(before + (BUDGET_BYTES + CLIENTS * LEAST_ANSWER_BYTES) / MIB + SLACK_MIB);
  }
});

it('give all of it back when they go', async () => {
  for (const socket of silent.splice(0)) socket.destroy();
  await eventuallyPasses(async () => expect(await heldBytes()).toBe(0), WAIT_MS);
});
