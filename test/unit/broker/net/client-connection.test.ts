/** A listener with one handler, asked over real sockets. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { handler } from '../../../../broker/apis/handler';
import { Dispatch } from '../../../../broker/net/dispatch';
import { SocketServer } from '../../../../broker/net/socket-server';
import { encodeRequest, FrameParser } from '../../../../protocol';
import { heartbeat } from '../../../../protocol/apis';
import { AnswerMemory } from '../../../../runtime/answer-memory';
import { systemClock } from '../../../../runtime/clock';
import { silentLogger } from '../../../../runtime/logger';

const LISTENER = 'PLAINTEXT';
const VERSION = 4;
const LATER = 'later';
const NEVER = 'never';
const limits = { maxRequestBytes: 10_000, maxConnections: () => 10, maxConnectionsPerIp: () => 10, maxIdleMs: -1 };

let server: SocketServer;
let client: Socket;

beforeEach(async () => {
  const answerOne = handler(heartbeat, ({ groupId }) => {
    if (groupId === NEVER) return new Promise(() => undefined);
    return groupId === LATER ? new Promise((resolve) => setImmediate(() => resolve({}))) : {};
  });
  const parts = { clock: systemClock, logger: silentLogger, memory: new AnswerMemory(1 << 20) };
  const dispatch = new Dispatch([answerOne], systemClock, silentLogger);
  server = new SocketServer([{ name: LISTENER, host: '127.0.0.1', port: 0 }], limits, parts, () => dispatch);
  await server.bindFreePorts();
  await server.startAccepting();
  client = connect(server.portOf(LISTENER), '127.0.0.1');
  await once(client, 'connect');
});

afterEach(async () => {
  client.destroy();
  await server.shutdown();
});

const request = (correlationId: number, groupId = 'now'): Buffer =>
  Buffer.concat(
    encodeRequest(heartbeat, VERSION, correlationId, 'test', {
      groupId,
      generationId: 1,
      memberId: 'm',
    }),
  );

/** The correlation ids of the answers, in order, until there are `count` or the connection ends. */
function answers(count: number): Promise<number[]> {
  const parser = new FrameParser(limits.maxRequestBytes);
  const ids: number[] = [];
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('close', () => resolve(ids));
    client.on('data', (chunk: Buffer) => {
      parser.push(chunk);
      for (let frame = parser.next(); frame; frame = parser.next()) ids.push(frame.readInt32BE(0));
      if (ids.length >= count) resolve(ids);
    });
  });
}

it('answers requests that come together in their order, also where one has to be waited for', async () => {
  const received = answers(5);
  client.write(Buffer.concat([request(1), request(2), request(3, LATER), request(4), request(5)]));
  expect(await received).toEqual([1, 2, 3, 4, 5]);
});

it('answers at once what came before a request that has to be waited for', async () => {
  const received = answers(1);
  client.write(Buffer.concat([request(1), request(2, NEVER)]));
  expect(await received).toEqual([1]);
});

it('sends what it has answered before a broken request ends the connection', async () => {
  const received = answers(Infinity);
  const broken = Buffer.from([0x7f, 0xff, 0xff, 0xff]);
  client.write(Buffer.concat([request(1), request(2), broken]));
  expect(await received).toEqual([1, 2]);
});

it('stops reading while a client takes no answers, and goes on when it does', async () => {
  const many = 20_000;
  client.pause();
  client.write(Buffer.concat(Array.from({ length: many }, (_, index) => request(index))));
  const received = answers(many);
  client.resume();
  expect(await received).toEqual(Array.from({ length: many }, (_, index) => index));
});
