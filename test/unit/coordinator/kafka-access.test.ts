import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type ClosableKafkaAccess, createKafkaAccess, NoBrokers } from '../../../coordinator/kafka-access';
import { KnownTree } from '../../../coordinator/observe/znode-tree';
import { systemClock } from '../../../runtime/clock';
import { silentLogger } from '../../../runtime/logger';
import { encodeBrokerRegistration } from '../../../zookeeper/znodes';
import { statOf } from '../../support/coordinator/znode-stat';

const fresh = { asOfMs: 0, ageMs: 0, stale: false, why: null };

type Endpoints = Record<string, { protocol?: string; host?: string; port: number }>;

function registration(brokerId: number, endpoints: Endpoints): Buffer {
  return encodeBrokerRegistration({
    brokerId,
    rack: null,
    jmxPort: -1,
    timestampMs: 0,
    features: {},
    endpoints: Object.entries(endpoints).map(([listener, { protocol, host, port }]) => ({
      listener,
      securityProtocol: protocol ?? listener,
      host: host ?? '127.0.0.1',
      port,
    })),
  });
}

describe('the way to the brokers', () => {
  let tree: KnownTree;
  let zxid: number;
  const opened: ClosableKafkaAccess[] = [];
  const servers: Server[] = [];

  const access = (listenerName = '', timeoutMs = 200): ClosableKafkaAccess => {
    const made = createKafkaAccess({ tree, listenerName, timeoutMs, clock: systemClock, logger: silentLogger });
    opened.push(made);
    return made;
  };
  const register = (brokerId: number, endpoints: Endpoints): void =>
    tree.put(`/brokers/ids/${brokerId}`, registration(brokerId, endpoints), statOf(zxid++));

  /** Takes connections and never answers, as a broker that has been paused. */
  const silentBroker = async (): Promise<number> => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    server.on('close', () => sockets.forEach((socket) => socket.destroy()));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  beforeEach(() => {
    zxid = 1;
    tree = new KnownTree({ nowMs: () => 0, logger: silentLogger, freshness: () => fresh });
    for (const path of ['/', '/brokers', '/brokers/ids']) tree.put(path, null, statOf(zxid++));
    tree.markReady();
  });

  afterEach(async () => {
    for (const made of opened.splice(0)) await made.close();
    for (const server of servers.splice(0)) server.close();
  });

  it('is the first PLAINTEXT listener of each registration, the brokers in the order of their ids', () => {
    register(10, { SASL: { protocol: 'SASL_PLAINTEXT', port: 1 }, OUT: { protocol: 'PLAINTEXT', port: 9092 } });
    register(9, { PLAINTEXT: { host: '::1', port: 9093 } });
    expect(access().bootstrapServers()).toBe('[::1]:9093,127.0.0.1:9092');
    expect(access().addressOf(10)).toEqual({ host: '127.0.0.1', port: 9092 });
    expect(access().addressOf(11)).toBeNull();
  });

  it('leads last to brokers that are known not to answer', () => {
    for (const brokerId of [0, 1, 2]) register(brokerId, { PLAINTEXT: { port: 9092 + brokerId } });
    const silent = new Set([0]);
    const kafka = createKafkaAccess({
      tree,
      listenerName: '',
      timeoutMs: 200,
      isSilent: (brokerId) => silent.has(brokerId),
      clock: systemClock,
      logger: silentLogger,
    });
    opened.push(kafka);
    expect(kafka.bootstrapServers()).toBe('127.0.0.1:9093,127.0.0.1:9094,127.0.0.1:9092');
    silent.clear();
    expect(kafka.bootstrapServers()).toBe('127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094');
  });

  it('is the listener that is configured, for the brokers that have it', () => {
    register(0, { PLAINTEXT: { port: 1 }, INSIDE: { protocol: 'PLAINTEXT', port: 2 } });
    register(1, { PLAINTEXT: { port: 3 } });
    expect(access('inside').bootstrapServers()).toBe('127.0.0.1:2');
    expect(access('inside').addressOf(1)).toBeNull();
  });

  it('does not exist without brokers, nor without the listener, and says which', async () => {
    const kafka = access();
    expect(() => kafka.bootstrapServers()).toThrow(new NoBrokers('No broker is registered in ZooKeeper'));
    expect(() => kafka.wire()).toThrow(NoBrokers);
    await expect(kafka.admin()).rejects.toThrow(NoBrokers);
    register(4, { SSL: { port: 1 } });
    expect(() => kafka.bootstrapServers()).toThrow(
      'None of the registered brokers (4) has a PLAINTEXT listener; see listener.name',
    );
  });

  it('leaves out a broker whose registration cannot be read', () => {
    tree.put('/brokers/ids/0', Buffer.from('no JSON'), statOf(zxid++));
    register(1, { PLAINTEXT: { port: 3 } });
    expect(access().bootstrapServers()).toBe('127.0.0.1:3');
  });

  it('is shared, until the addresses change', () => {
    const kafka = access();
    register(0, { PLAINTEXT: { port: 1 } });
    const wire = kafka.wire();
    expect(kafka.wire()).toBe(wire);
    // The same broker, registered anew at the same place.
    register(0, { PLAINTEXT: { port: 1 } });
    expect(kafka.wire()).toBe(wire);
    register(0, { PLAINTEXT: { port: 2 } });
    expect(kafka.wire()).not.toBe(wire);
  });

  it.each(['admin', 'producer'] as const)('ends in time for an %s when no broker answers', async (client) => {
    register(0, { PLAINTEXT: { port: await silentBroker() } });
    const startedMs = performance.now();
    await expect(access()[client]()).rejects.toThrow('No broker answered within 200 ms');
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('is not reopened once it has been closed', async () => {
    register(0, { PLAINTEXT: { port: await silentBroker() } });
    const kafka = access();
    await kafka.close();
    await expect(kafka.admin()).rejects.toThrow('The coordinator is stopping');
    expect(() => kafka.wire()).toThrow('The coordinator is stopping');
  });
});
