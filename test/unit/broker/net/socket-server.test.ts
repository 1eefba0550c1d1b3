/** Listeners that come and go, and limits that change, while a broker serves. */
import { connect, type Socket } from 'node:net';
import type { Dispatch } from '../../../../broker/net/dispatch';
import { SocketServer } from '../../../../broker/net/socket-server';
import { AnswerMemory } from '../../../../runtime/answer-memory';
import { silentLogger } from '../../../../runtime/logger';
import { systemClock } from '../../../../runtime/clock';
import { eventually } from '../../../support/eventually';

const ADDRESS = { host: '127.0.0.1', port: 0 };

let limits: { connections: number; perIp: number };
let server: SocketServer;
const clients: Socket[] = [];

beforeEach(async () => {
  limits = { connections: 100, perIp: 100 };
  server = new SocketServer(
    [{ name: 'FIRST', ...ADDRESS }],
    {
      maxRequestBytes: 1000,
      maxConnections: () => limits.connections,
      maxConnectionsPerIp: () => limits.perIp,
      maxIdleMs: -1,
    },
    { clock: systemClock, logger: silentLogger, memory: new AnswerMemory(0) },
    () => ({}) as Dispatch,
  );
  await server.bindFreePorts();
  await server.startAccepting();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server.shutdown();
});

/** Connects; resolves when the broker has taken or refused the connection. */
async function open(listener: string): Promise<Socket> {
  const before = server.connectionCount;
  const client = connect(server.portOf(listener), ADDRESS.host);
  clients.push(client.on('error', () => undefined));
  await eventually('accepted or refused', () => server.connectionCount > before || client.closed);
  return client;
}

test('a listener that is added is served beside the others', async () => {
  await server.openListener({ name: 'SECOND', ...ADDRESS });
  expect(server.listenerNames).toEqual(['FIRST', 'SECOND']);
  await open('FIRST');
  await open('SECOND');
  expect(server.connectionCount).toBe(2);
});

test('a listener that is removed takes its connections with it, and no others', async () => {
  await server.openListener({ name: 'SECOND', ...ADDRESS });
  const port = server.portOf('SECOND');
  const [kept, lost] = [await open('FIRST'), await open('SECOND')];
  await server.closeListener('SECOND');
  await eventually('the connection is closed', () => lost.closed);
  expect(server.connectionCount).toBe(1);
  expect(kept.closed).toBe(false);
  expect(server.listenerNames).toEqual(['FIRST']);
  const late = connect(port, ADDRESS.host);
  const refused = new Promise((resolve) => late.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)));
  expect(await refused).toBe('ECONNREFUSED');
});

test('a listener whose port is taken is refused by name of the port, and the others go on', async () => {
  const port = server.portOf('FIRST');
  await expect(server.openListener({ name: 'SECOND', ...ADDRESS, port })).rejects.toThrow(
    `Socket server failed to bind to 127.0.0.1:${port}: Address already in use.`,
  );
  expect(server.listenerNames).toEqual(['FIRST']);
});

test('limits count as they are when a connection comes', async () => {
  await open('FIRST');
  limits.perIp = 1;
  expect((await open('FIRST')).closed).toBe(true);
  limits.perIp = 100;
  limits.connections = 1;
  expect((await open('FIRST')).closed).toBe(true);
  limits.connections = 2;
  expect((await open('FIRST')).closed).toBe(false);
});
