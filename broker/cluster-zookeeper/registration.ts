/**
 * This broker's ephemeral node /brokers/ids/<id>, and with it its broker epoch. Owns the epoch.
 *
 * The node of an earlier life may still be there: after kill -9 it stays until its session times out. Apache Kafka
 * gives up then; Gregor waits for it, unless somebody answers at the address in the node, who then holds the id.
 */
import { sleep, type Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { MultiOp, SessionInfo, Stat, ZooKeeperOperations } from '../../zookeeper';
import { isZkError, ZkError } from '../../zookeeper/errors';
import {
  brokerPath,
  BROKER_IDS_PATH,
  decodeBrokerRegistration,
  encodeBrokerRegistration,
  encodeGregorSession,
  GREGOR_SESSIONS_PATH,
  gregorSessionPath,
  type BrokerRegistration,
  type RegisteredEndpoint,
} from '../../zookeeper/znodes';
import { answersAsBroker } from './broker-probe';
import { orNull } from './zk-reads';

/** The broker cannot be part of the cluster: its id or its address belongs to another one. */
export class RegistrationError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'RegistrationError';
  }
}

export interface RegistrationOptions {
  readonly zk: ZooKeeperOperations & SessionInfo;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly brokerId: number;
  readonly endpoints: readonly RegisteredEndpoint[];
  readonly rack: string | null;
  /** -1 when there is none */
  readonly jmxPort: number;
  /** Publish the session under /gregor/sessions, so that others can close it when this process is provably gone. */
  readonly publishSession: boolean;
  /** Left out: asks over the network. */
  readonly probe?: (endpoint: RegisteredEndpoint) => Promise<boolean>;
}

/** Added to the session's time-out: ZooKeeper looks for expired sessions once in a while only. */
const EXPIRY_SLACK_MS = 5000;
const COUNTDOWN_STEP_MS = 2000;

export class Registration {
  private epoch = -1;
  private ownSessionId: Buffer | null = null;
  private endpoints: readonly RegisteredEndpoint[];

  constructor(private readonly options: RegistrationOptions) {
    this.endpoints = options.endpoints;
  }

  /** czxid of the node; -1 before the first registration. */
  get brokerEpoch(): number {
    return this.epoch;
  }

  /**
   * Registers, waiting for an old session if need be.
   * @throws RegistrationError when a broker that lives has the id or one of the addresses
   */
  async register(): Promise<void> {
    const { zk, clock, logger, brokerId } = this.options;
    await this.checkAddresses();
    logger.info(`Creating ${brokerPath(brokerId)} (is it secure? false)`);
    const deadlineMs = clock.monotonicMs() + zk.negotiatedTimeoutMs + EXPIRY_SLACK_MS;
    for (;;) {
      const stat = await this.tryRegister();
      if (stat) {
        this.epoch = Number(stat.czxid);
        this.ownSessionId = Buffer.from(zk.sessionId);
        const addresses = this.endpoints.map(addressText).join(',');
        logger.info(
          `Registered broker ${brokerId} at path ${brokerPath(brokerId)} with addresses: ${addresses}, czxid (broker epoch): ${this.epoch}`,
        );
        return;
      }
      await this.awaitOldSession(deadlineMs);
    }
  }

  /** Rewrites the node with other endpoints; the broker epoch stays. */
  async update(endpoints: readonly RegisteredEndpoint[]): Promise<void> {
    this.endpoints = endpoints;
    const { zk, brokerId, logger } = this.options;
    await zk.setData(brokerPath(brokerId), this.payload(), -1);
    logger.info(
      `Updated broker ${brokerId} at path ${brokerPath(brokerId)} with addresses: ${endpoints.map(addressText).join(',')}`,
    );
  }

  private payload(): Buffer {
    const { brokerId, rack, jmxPort, clock } = this.options;
    const timestampMs = clock.nowMs();
    return encodeBrokerRegistration({
      brokerId,
      endpoints: [...this.endpoints],
      rack,
      jmxPort,
      timestampMs,
      features: {},
    });
  }

  /** Null when the node belongs to another session. */
  private async tryRegister(): Promise<Stat | null> {
    const { zk, brokerId, logger, publishSession } = this.options;
    const path = brokerPath(brokerId);
    if (publishSession) await zk.createRecursive(GREGOR_SESSIONS_PATH, null, { ignoreExisting: true });
    for (;;) {
      const result = await zk.multi(this.steps(path));
      if (result.ok) return result.results[1]?.stat ?? null;
      if (result.code !== 'NODE_EXISTS') throw new ZkError(result.code, path);
      const node = await orNull(zk.getData(result.failedIndex === 0 ? path : gregorSessionPath(brokerId)));
      if (node === null) continue;
      const { stat } = node;
      if (stat.ephemeralOwner.equals(zk.sessionId)) {
        // An earlier attempt of ours, whose answer was lost.
        if (result.failedIndex === 0) return stat;
      } else if (this.ownSessionId && stat.ephemeralOwner.equals(this.ownSessionId)) {
        // The server has not removed the node of our own expired session (ZOOKEEPER-2985).
        logger.info(`${path} still belongs to this broker's own expired session: deleting it`);
        await this.deleteQuietly(result.failedIndex === 0 ? path : gregorSessionPath(brokerId), stat.version);
      } else {
        return null;
      }
    }
  }

  private steps(path: string): MultiOp[] {
    const { zk, brokerId, publishSession } = this.options;
    const steps: MultiOp[] = [
      { op: 'create', path, data: null, mode: 'ephemeral' },
      { op: 'setData', path, data: this.payload(), version: 0 },
    ];
    if (publishSession) {
      const data = encodeGregorSession({ sessionId: zk.sessionId, password: zk.sessionPassword });
      steps.push({ op: 'create', path: gregorSessionPath(brokerId), data, mode: 'ephemeral' });
    }
    return steps;
  }

  private async deleteQuietly(path: string, version: number): Promise<void> {
    try {
      await this.options.zk.delete(path, version);
    } catch (error) {
      if (!isZkError(error, 'NO_NODE') && !isZkError(error, 'BAD_VERSION')) throw error;
    }
  }

  /** Returns when the node is gone; throws when its owner lives or the time is up. */
  private async awaitOldSession(deadlineMs: number): Promise<void> {
    const { zk, clock, logger, brokerId } = this.options;
    const path = brokerPath(brokerId);
    const node = await orNull(zk.getData(path));
    if (node === null) return;
    const owner = `0x${node.stat.ephemeralOwner.toString('hex')}`;
    const since = new Date(node.stat.ctimeMs).toISOString();
    const registration = decodeBrokerRegistration(brokerId, node.data);
    await this.failIfAlive(registration, since);
    const vanished = new AbortController();
    const stillThere = await zk.exists(path, () => vanished.abort(new Error('the node is gone')));
    if (!stillThere) return;
    while (!vanished.signal.aborted) {
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0) {
        throw new RegistrationError(
          `Broker id ${brokerId} is registered since ${since} at ${addressesOf(registration)} by ZooKeeper session ${owner}, ` +
            `which did not end within ${Math.round((zk.negotiatedTimeoutMs + EXPIRY_SLACK_MS) / 1000)} s. ` +
            'Stop that broker, or give this one another broker.id.',
        );
      }
      logger.info(
        `${path} still belongs to session ${owner} of a broker that does not answer at ${addressesOf(registration)}; ` +
          `waiting for ZooKeeper to end it, at most ${Math.ceil(leftMs / 1000)} s more`,
      );
      await sleep(clock, Math.min(COUNTDOWN_STEP_MS, leftMs), vanished.signal).catch(() => undefined);
      // The watch is lost when this broker's own session expires meanwhile.
      if (!vanished.signal.aborted && !(await zk.exists(path))) return;
    }
  }

  private async failIfAlive(registration: BrokerRegistration, since: string): Promise<void> {
    const { brokerId, clock } = this.options;
    const probe = this.options.probe ?? ((endpoint: RegisteredEndpoint) => answersAsBroker(endpoint, clock));
    const answers = await Promise.all(registration.endpoints.map(probe));
    const alive = registration.endpoints.find((_, index) => answers[index]);
    if (!alive) return;
    throw new RegistrationError(
      `Broker id ${brokerId} is taken: a broker that registered at ${since} answers at ${addressText(alive)}. ` +
        'Give this broker another broker.id, or stop that one first.',
    );
  }

  /** No other registered broker may advertise the same host and port. */
  private async checkAddresses(): Promise<void> {
    const { zk, brokerId } = this.options;
    const { children } = await zk.getChildren(BROKER_IDS_PATH);
    const others = children.map(Number).filter((id) => Number.isInteger(id) && id !== brokerId);
    const nodes = await Promise.all(others.map(async (id) => ({ id, node: await orNull(zk.getData(brokerPath(id))) })));
    const own = new Map(this.endpoints.map((endpoint) => [`${endpoint.host}:${endpoint.port}`, endpoint]));
    for (const { id, node } of nodes) {
      if (!node || node.data === null) continue;
      const clash = decodeBrokerRegistration(id, node.data).endpoints.find(({ host, port }) =>
        own.has(`${host}:${port}`),
      );
      if (clash) {
        throw new RegistrationError(
          `Configured end points ${clash.host}:${clash.port} in advertised listeners are already registered by broker ${id}`,
        );
      }
    }
  }
}

function addressText({ listener, host, port }: RegisteredEndpoint): string {
  return `${listener}://${host}:${port}`;
}

function addressesOf(registration: BrokerRegistration): string {
  return registration.endpoints.map(addressText).join(',') || 'no address';
}
