/** What comes from a socket may be anything: the connection closes or an error is answered; the broker lives. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { ClusterClient } from '../../client';
import { startCluster, type Cluster } from '../../embedded';
import { encodeRequest, type Api } from '../../protocol';
import * as apis from '../../protocol/apis';
import { createTopics, fetch, produce } from '../../protocol/apis';
import { buildBatch, readAllRecords } from '../../protocol/records';
import { seededRandom, type Random } from '../../runtime/random';
import { systemClock } from '../../runtime/clock';
import { arbitraryMessage } from '../support/arbitrary-message';

jest.setTimeout(180_000);

const seed = Number(process.env['GREGOR_SEED'] ?? 20_260_731);
const MAX_REQUEST_BYTES = 1 << 20;
const RESPONSE_DEADLINE_MS = 3_000;

/** Requests by which a cluster's own brokers command each other: a peer that lies there is trusted, as in Kafka. */
const trusted = new Set([4, 5, 6, 7, 56, 67]);
const clientApis = (Object.values(apis) as unknown[]).filter(
  (value): value is Api =>
    typeof value === 'object' && value !== null && 'request' in value && !trusted.has((value as Api).key),
);

let cluster: Cluster;
let client: ClusterClient;
let logFile: string;

/** Sends bytes on a connection of their own; resolves when the broker has closed it or said something. */
function send(bytes: Buffer): Promise<'closed' | 'answered' | 'silent'> {
  return new Promise((resolve) => {
    const broker = cluster.brokers[0];
    const socket = connect(broker?.port ?? 0, '127.0.0.1');
    const timer = systemClock.after(RESPONSE_DEADLINE_MS, () => finish('silent'));
    const finish = (outcome: 'closed' | 'answered' | 'silent'): void => {
      timer.cancel();
      socket.destroy();
      resolve(outcome);
    };
    socket.on('error', () => finish('closed'));
    socket.on('close', () => finish('closed'));
    socket.on('data', () => finish('answered'));
    socket.write(bytes);
  });
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

function sized(body: Buffer, size = body.length): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(size, 0);
  body.copy(frame, 4);
  return frame;
}

const residentMib = (): number => {
  const status = readFileSync(`/proc/${cluster.brokers[0]?.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
};

/** The broker still does its work: a record goes in and comes out. */
async function proveAlive(text: string): Promise<void> {
  const records = buildBatch([{ key: null, value: Buffer.from(text), timestamp: 1_700_000_000_000n }]);
  const topicData = [{ name: 'alive', partitionData: [{ index: 0, records }] }];
  const produced = await client.toBroker(0, produce, { acks: 1, timeoutMs: 5_000, topicData });
  const partition = produced.responses[0]?.partitionResponses[0];
  expect(partition?.errorCode).toBe(0);
  const fetchOffset = partition?.baseOffset ?? -1;
  const topics = [{ topic: 'alive', partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }] }];
  const answer = await client.toBroker(
    0,
    fetch,
    { maxWaitMs: 500, minBytes: 1, maxBytes: 1 << 20, sessionEpoch: -1, topics },
    { highestVersion: 12 },
  );
  const found = answer.responses[0]?.partitions[0]?.records;
  expect(readAllRecords(found as Buffer)[0]?.value?.toString()).toBe(text);
}

beforeAll(async () => {
  cluster = await startCluster({ processes: true, settings: { 'socket.request.max.bytes': MAX_REQUEST_BYTES } });
  logFile = join(cluster.brokers[0]?.directory ?? '', 'server.log');
  client = new ClusterClient({ bootstrapServers: cluster.bootstrap, clientId: 'hostile', clock: systemClock });
  const topic = { name: 'alive', numPartitions: 1, replicationFactor: 1 };
  await client.toController(
    createTopics,
    { topics: [topic], timeoutMs: 10_000 },
    (answer) => answer.topics[0]?.errorCode ?? 0,
  );
});

afterAll(async () => {
  await client?.close();
  await cluster?.close();
});

describe(`a broker under hostile bytes (seed ${seed})`, () => {
  it('closes connections that send noise', async () => {
    const random = seededRandom(seed);
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, () =>
        send(Buffer.concat([Buffer.from([0x7f]), randomBytes(random, 4 + random.below(500))])),
      ),
    );
    expect(new Set(outcomes)).toEqual(new Set(['closed']));
    await proveAlive('after noise');
  });

  it('closes connections whose frame holds noise, or claims to be larger than allowed', async () => {
    const random = seededRandom(seed + 1);
    const noise = Array.from({ length: 200 }, () =>
      send(sized(Buffer.concat([Buffer.from([0x40]), randomBytes(random, 1 + random.below(300))]))),
    );
    const tooLarge = [MAX_REQUEST_BYTES + 1, 0x7fff_ffff, -1, -2_147_483_648].map((size) =>
      send(sized(Buffer.alloc(8), size)),
    );
    expect(new Set(await Promise.all([...noise, ...tooLarge]))).toEqual(new Set(['closed']));
    await proveAlive('after framed noise');
  });

  it('answers, or closes the connection over, requests of every API with random content', async () => {
    const before = readFileSync(logFile, 'utf8').length;
    for (const api of clientApis) {
      const { min, max } = api.request.versions;
      for (let version = min; version <= max; version++) {
        const bodies = fc.sample(arbitraryMessage(api.request, version), { numRuns: 3, seed: seed + version });
        await Promise.all(bodies.map((body) => send(Buffer.concat(encodeRequest(api, version, 7, 'hostile', body)))));
      }
    }
    const log = readFileSync(logFile, 'utf8').slice(before);
    const unexpected = log.split('\n').filter((line) => /Unexpected error|Cannot encode/.test(line));
    expect(unexpected).toEqual([]);
    await proveAlive('after random requests');
  });

  it('answers, or closes the connection over, requests that were damaged on the way', async () => {
    const random = seededRandom(seed + 2);
    for (const api of clientApis) {
      const version = api.request.versions.max;
      const bodies = fc.sample(arbitraryMessage(api.request, version), { numRuns: 4, seed });
      await Promise.all(
        bodies.map((body) => {
          const frame = Buffer.concat(encodeRequest(api, version, 7, 'hostile', body));
          for (let flips = 1 + random.below(4); flips > 0; flips--)
            frame[12 + random.below(Math.max(1, frame.length - 12))] = random.below(256);
          return send(sized(frame.subarray(4, 4 + random.below(frame.length))));
        }),
      );
    }
    await proveAlive('after damaged requests');
  });

  it('holds no memory for connections that promise much and send little', async () => {
    const sockets = Array.from({ length: 300 }, () => connect(cluster.brokers[0]?.port ?? 0, '127.0.0.1'));
    const promise = sized(Buffer.alloc(0), MAX_REQUEST_BYTES);
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.write(promise, resolve))));
    await proveAlive('beside promises');
    expect(residentMib()).toBeLessThan(400);
    for (const socket of sockets) socket.destroy();
  });
});
