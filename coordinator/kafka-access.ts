/**
 * How the coordinator talks to brokers: kafkajs for what it knows, our own wire client for the rest, both over the addresses
 * that the brokers registered in ZooKeeper. Owns the shared clients, and makes new ones when the addresses have changed:
 * kafkajs finds its way only as long as one broker that it knows stays where it was.
 */
import { type Admin, Kafka, Partitioners, type Producer } from 'kafkajs';
import { ClusterClient, type HostPort, hostPortText } from '../client';
import type { Clock, TimerHandle } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { BROKER_IDS_PATH, type BrokerRegistration, decodeBrokerRegistration } from '../zookeeper/znodes';
import { kafkaJsLog } from './kafka-js-log';
import type { KafkaAccess, Znode, ZnodeTree } from './parts';

/** No broker is registered in ZooKeeper, or none with the listener that the coordinator is to use. */
export class NoBrokers extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'NoBrokers';
  }
}

export interface KafkaAccessOptions {
  tree: ZnodeTree;
  /** Empty: the first PLAINTEXT listener of each broker. */
  listenerName: string;
  /** For a connection or an answer of one broker. */
  timeoutMs: number;
  /** Whether a broker is known not to answer: others are asked first. None is when left out. */
  isSilent?: (brokerId: number) => boolean;
  clock: Clock;
  logger: Logger;
}

export interface ClosableKafkaAccess extends KafkaAccess {
  /** Disconnects all shared clients; bounded in time. */
  close(): Promise<void>;
}

const CLIENT_ID = 'gregor-coordinator';
/** kafkajs tries again by itself; the coordinator's own turns come soon enough for it not to try for long. */
const RETRY = { initialRetryTime: 100, retries: 3, maxRetryTime: 1_000 };

/** A client that others share, and for which addresses it was made. */
interface Shared<T> {
  bootstrap: string;
  client: Promise<T>;
  close: () => Promise<void>;
}

export function createKafkaAccess(options: KafkaAccessOptions): ClosableKafkaAccess {
  return new Access(options);
}

class Access implements ClosableKafkaAccess {
  private readonly logCreator;
  private readonly registrations = new WeakMap<Znode, BrokerRegistration | null>();
  private sharedAdmin: Shared<Admin> | null = null;
  private sharedProducer: Shared<Producer> | null = null;
  private sharedWire: (Shared<ClusterClient> & { now: ClusterClient }) | null = null;
  /** Replaced, but perhaps still in use. */
  private readonly retired = new Map<Shared<unknown>, TimerHandle>();
  private readonly closing = new Set<Promise<void>>();
  private closed = false;

  constructor(private readonly options: KafkaAccessOptions) {
    this.logCreator = kafkaJsLog(options.logger.for('gregor.coordinator.KafkaJs'), options.clock);
    options.tree.onChange(({ kind, path }) => {
      if (kind === 'deleted' && /^\/brokers\/topics\/[^/]+$/.test(path)) this.renewProducer();
    });
  }

  addressOf(brokerId: number): HostPort | null {
    const node = this.options.tree.get(`${BROKER_IDS_PATH}/${brokerId}`);
    const registration = node ? this.registrationOf(brokerId, node) : null;
    if (!registration) return null;
    const { listenerName } = this.options;
    const endpoint = registration.endpoints.find(({ listener, securityProtocol }) =>
      listenerName === '' ? securityProtocol === 'PLAINTEXT' : listener === listenerName.toUpperCase(),
    );
    return endpoint ? { host: endpoint.host, port: endpoint.port } : null;
  }

  bootstrapServers(): string {
    const names = [...(this.options.tree.get(BROKER_IDS_PATH)?.children ?? [])];
    const { isSilent = () => false } = this.options;
    // kafkajs would ask the first one again and again: a broker that hangs takes connections, and nothing more.
    const order = names.map((name) => ({ brokerId: Number(name), silent: Number(isSilent(Number(name))) }));
    order.sort((a, b) => a.silent - b.silent || a.brokerId - b.brokerId);
    const addresses = order.flatMap(({ brokerId }) => this.addressOf(brokerId) ?? []);
    if (addresses.length > 0) return addresses.map(hostPortText).join(',');
    if (names.length === 0) throw new NoBrokers('No broker is registered in ZooKeeper');
    const { listenerName } = this.options;
    const listener = listenerName === '' ? 'a PLAINTEXT listener' : `the listener ${listenerName}`;
    throw new NoBrokers(`None of the registered brokers (${names.join(', ')}) has ${listener}; see listener.name`);
  }

  async admin(): Promise<Admin> {
    const bootstrap = this.bootstrapServers();
    if (this.sharedAdmin?.bootstrap !== bootstrap) {
      this.retire(this.sharedAdmin);
      const admin = this.kafka(CLIENT_ID).admin();
      this.sharedAdmin = this.share(bootstrap, admin, () => (this.sharedAdmin = null));
    }
    return this.bounded(this.sharedAdmin.client);
  }

  async producer(): Promise<Producer> {
    const bootstrap = this.bootstrapServers();
    if (this.sharedProducer?.bootstrap !== bootstrap) {
      this.retire(this.sharedProducer);
      const producer = this.kafka(CLIENT_ID).producer({
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      this.sharedProducer = this.share(bootstrap, producer, () => (this.sharedProducer = null));
    }
    return this.bounded(this.sharedProducer.client);
  }

  kafka(clientId: string): Kafka {
    const { timeoutMs } = this.options;
    return new Kafka({
      clientId,
      // Asked for at each new connection to a first broker, so that it finds those that came later.
      brokers: () => this.bootstrapServers().split(','),
      connectionTimeout: timeoutMs,
      requestTimeout: 2 * timeoutMs,
      retry: RETRY,
      logCreator: this.logCreator,
    });
  }

  wire(): ClusterClient {
    const bootstrap = this.bootstrapServers();
    if (this.closed) throw new NoBrokers('The coordinator is stopping');
    if (this.sharedWire?.bootstrap !== bootstrap) {
      this.retire(this.sharedWire);
      const { clock, timeoutMs } = this.options;
      const now = new ClusterClient({
        bootstrapServers: bootstrap,
        clientId: CLIENT_ID,
        clock,
        timeoutMs: 2 * timeoutMs,
        connectTimeoutMs: timeoutMs,
      });
      this.sharedWire = { bootstrap, now, client: Promise.resolve(now), close: () => now.close() };
    }
    return this.sharedWire.now;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const shared of [this.sharedAdmin, this.sharedProducer, this.sharedWire, ...this.retired.keys()]) {
      if (shared) this.closeNow(shared);
    }
    await this.bounded(Promise.all(this.closing)).catch(() => undefined);
  }

  private share<T extends { connect(): Promise<void>; disconnect(): Promise<void> }>(
    bootstrap: string,
    client: T,
    forget: () => void,
  ): Shared<T> {
    if (this.closed) throw new NoBrokers('The coordinator is stopping');
    const connected = client.connect().then(() => client);
    // Whoever asks next tries anew.
    connected.catch(() => {
      forget();
      void client.disconnect().catch(() => undefined);
    });
    return { bootstrap, client: connected, close: () => client.disconnect() };
  }

  /**
   * A producer of kafkajs asks for the metadata of every topic that it ever wrote to, all at once, and can write to no
   * other one any more when one of them has been deleted.
   */
  private renewProducer(): void {
    this.retire(this.sharedProducer);
    this.sharedProducer = null;
  }

  /** Closes a client that has been replaced, once those who still use it have had their answers. */
  private retire(shared: Shared<unknown> | null): void {
    if (!shared) return;
    const { clock, timeoutMs } = this.options;
    this.retired.set(
      shared,
      clock.after(4 * timeoutMs, () => this.closeNow(shared)),
    );
  }

  private closeNow(shared: Shared<unknown>): void {
    this.retired.get(shared)?.cancel();
    this.retired.delete(shared);
    const end: Promise<void> = shared
      .close()
      .catch(() => undefined) // What is gone needs no good-bye.
      .finally(() => this.closing.delete(end));
    this.closing.add(end);
  }

  private bounded<T>(promise: Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.options;
    return new Promise((resolve, reject) => {
      const timer = clock.after(timeoutMs, () => reject(new NoBrokers(`No broker answered within ${timeoutMs} ms`)));
      promise.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  /** A registration that cannot be read is logged once, and is as good as none. */
  private registrationOf(brokerId: number, node: Znode): BrokerRegistration | null {
    const known = this.registrations.get(node);
    if (known !== undefined) return known;
    let registration: BrokerRegistration | null = null;
    try {
      registration = decodeBrokerRegistration(brokerId, node.data);
    } catch (error) {
      this.options.logger.warn(`The registration of broker ${brokerId} cannot be read`, error);
    }
    this.registrations.set(node, registration);
    return registration;
  }
}
