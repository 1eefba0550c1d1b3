/**
 * Closes the ZooKeeper session of a broker that is provably dead, so that nobody has to wait for its time-out. The session
 * is closed, nodes are never deleted: an owner that lives after all sees a genuine expiry and recovers as from any, and
 * safety rests on the epochs as it always does. docs/decisions/0004-fast-fence.md has the argument.
 *
 * The controller watches all brokers, each broker watches the controller; Apache Kafka's brokers publish no session
 * and are never fenced. A fence needs all of: a connection to this very registration had stood before; every inter-broker
 * endpoint refused three times; another live broker, if there is one, saw the same; the registration is still that one;
 * no fence of this broker within the last 30 s.
 */
import { sleep, type Clock } from '../../../runtime/clock';
import { EventDropped, EventQueue } from '../../../runtime/event-queue';
import type { Logger } from '../../../runtime/logger';
import { TaskGroup } from '../../../runtime/task-group';
import type { ZooKeeperClient, ZooKeeperOperations } from '../../../zookeeper';
import { attachAndClose, isZkError } from '../../../zookeeper';
import {
  BROKER_IDS_PATH,
  brokerPath,
  CONTROLLER_PATH,
  decodeBrokerRegistration,
  decodeController,
  decodeGregorSession,
  fencePath,
  GREGOR_FENCES_PATH,
  GREGOR_SUSPECTS_PATH,
  gregorSessionPath,
  parseSuspect,
  suspectPath,
} from '../../../zookeeper/znodes';
import { orNull } from '../zk-reads';
import { refusesAll } from './refusals';
import { WatchedBroker, type WatchedRegistration } from './watched-broker';

export interface FastFenceOptions {
  readonly brokerId: number;
  readonly client: ZooKeeperClient;
  /** zookeeper.connect */
  readonly connectString: string;
  /** Names of the listeners that brokers use among themselves. */
  readonly listeners: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told after a session was closed. */
  readonly onFenced: (brokerId: number) => void;
}

const FENCE_INTERVAL_MS = 30_000;
const VOTE_DEADLINE_MS = 5_000;
const VOTE_POLL_MS = 20;
/** What is under way may wait for a ZooKeeper that is gone, too; nothing of it has to be finished. */
const STOP_DEADLINE_MS = 1_000;

export class FastFence {
  private readonly watched = new Map<number, WatchedBroker>();
  private readonly looking = new Set<string>();
  private readonly queue = new EventQueue('fast fence');
  private readonly tasks: TaskGroup;
  private stopHook: (() => void) | null = null;

  constructor(private readonly options: FastFenceOptions) {
    this.tasks = new TaskGroup('fast fence', options.clock, options.logger);
  }

  /** Begins to watch; call it once this broker is registered. */
  async startup(): Promise<void> {
    const { client } = this.options;
    await this.zk.createRecursive(GREGOR_SUSPECTS_PATH, null, { ignoreExisting: true });
    await this.zk.createRecursive(GREGOR_FENCES_PATH, null, { ignoreExisting: true });
    this.stopHook = client.afterNewSession(() => this.refresh());
    this.refresh();
  }

  /** Ends watching, and takes this broker's session back: while it stops, its closed port is no sign of death. */
  async shutdown(): Promise<void> {
    this.stopHook?.();
    for (const broker of this.watched.values()) broker.stop();
    this.watched.clear();
    await this.queue.close();
    await this.tasks.stop(STOP_DEADLINE_MS);
    await this.deleteQuietly(gregorSessionPath(this.options.brokerId));
  }

  private get zk(): ZooKeeperOperations {
    return this.options.client.session;
  }

  /** Reads who is there and who asks; each read arms the watch that leads here again. */
  private refresh(): void {
    if (this.queue.size > 0) return;
    this.queue
      .enqueue('refresh', () => this.readCluster())
      .catch((error: unknown) => {
        if (error instanceof EventDropped || isZkError(error, 'SESSION_EXPIRED') || isZkError(error, 'CLOSED')) return;
        this.options.logger.error('Cannot read who is alive; nobody is watched until the next change', error);
      });
  }

  private async readCluster(): Promise<void> {
    const again = (): void => this.refresh();
    const { brokerId } = this.options;
    const { children } = await this.zk.getChildren(BROKER_IDS_PATH, again);
    await this.zk.exists(CONTROLLER_PATH, again);
    const node = await orNull(this.zk.getData(CONTROLLER_PATH));
    const controllerId = node?.data ? decodeController(node.data).brokerId : -1;
    const others = children.map(Number).filter((id) => id !== brokerId);
    const targets = controllerId === brokerId ? others : others.filter((id) => id === controllerId);
    const registrations = await Promise.all(targets.map((id) => this.registrationOf(id)));
    this.watchOnly(registrations.filter((registration) => registration !== null));
    const { children: names } = await this.zk.getChildren(GREGOR_SUSPECTS_PATH, again);
    await this.answerQuestions(names);
  }

  private async registrationOf(brokerId: number): Promise<WatchedRegistration | null> {
    const node = await orNull(this.zk.getData(brokerPath(brokerId)));
    if (!node?.data || (await this.zk.exists(gregorSessionPath(brokerId))) === null) return null;
    const addresses = decodeBrokerRegistration(brokerId, node.data)
      .endpoints.filter(({ listener }) => this.options.listeners.includes(listener))
      .map(({ host, port }) => ({ host, port }));
    return { brokerId, czxid: node.stat.czxid, addresses };
  }

  private watchOnly(registrations: readonly WatchedRegistration[]): void {
    const wanted = new Map(registrations.map((registration) => [registration.brokerId, registration]));
    for (const [id, broker] of this.watched) {
      if (wanted.get(id)?.czxid === broker.registration.czxid) continue;
      broker.stop();
      this.watched.delete(id);
    }
    for (const [id, registration] of wanted) {
      if (this.watched.has(id)) continue;
      const broker = new WatchedBroker(registration, this.options.clock, (broken, signal) =>
        this.suspect(broken, signal),
      );
      this.watched.set(id, broker);
      this.tasks.run(`watch broker ${id}`, () => broker.run());
    }
  }

  /** A connection to a watched broker broke: finds out whether it is dead, and fences it if all agree. */
  private async suspect(registration: WatchedRegistration, signal: AbortSignal): Promise<void> {
    const { clock, logger, brokerId: own } = this.options;
    const { brokerId, czxid } = registration;
    const ask = (): void =>
      this.tasks.run(`ask about broker ${brokerId}`, () => this.create({ brokerId, czxid, voterId: null }));
    try {
      if (!(await refusesAll(registration.addresses, clock, signal, ask))) return;
      logger.warn(`Broker ${brokerId} refuses every connection; asking the others whether it is dead`);
      await this.create({ brokerId, czxid, voterId: own });
      if (await this.othersAgree(registration, signal)) await this.fence(registration);
      else
        logger.warn(`Broker ${brokerId} is left to its session time-out: no other live broker agrees that it is dead`);
    } catch (error) {
      if (!signal.aborted) logger.warn(`Broker ${brokerId} is left to its session time-out`, error);
    } finally {
      await this.deleteQuietly(suspectPath({ brokerId, czxid, voterId: null }));
      await this.deleteQuietly(suspectPath({ brokerId, czxid, voterId: own }));
    }
  }

  /** True when a third live broker has voted, or when there is no third one. */
  private async othersAgree({ brokerId, czxid }: WatchedRegistration, signal: AbortSignal): Promise<boolean> {
    const { clock, brokerId: own } = this.options;
    const deadlineMs = clock.monotonicMs() + VOTE_DEADLINE_MS;
    while (!signal.aborted && clock.monotonicMs() < deadlineMs) {
      const { children: ids } = await this.zk.getChildren(BROKER_IDS_PATH);
      const third = ids.map(Number).filter((id) => id !== brokerId && id !== own);
      if (third.length === 0) return true;
      const { children: names } = await this.zk.getChildren(GREGOR_SUSPECTS_PATH);
      const votes = names.map(parseSuspect).filter((vote) => vote?.brokerId === brokerId && vote.czxid === czxid);
      if (votes.some((vote) => third.includes(vote?.voterId ?? -1))) return true;
      await sleep(clock, VOTE_POLL_MS, signal);
    }
    return false;
  }

  private async fence({ brokerId, czxid }: WatchedRegistration): Promise<void> {
    const { clock, logger, connectString, brokerId: own } = this.options;
    const vote = await this.zk.exists(suspectPath({ brokerId, czxid, voterId: own }));
    const published = await orNull(this.zk.getData(gregorSessionPath(brokerId)));
    if (vote === null || published === null) return;
    if (!(await this.takeTurn(brokerId, vote.ctimeMs))) return;
    const { sessionId, password } = decodeGregorSession(brokerId, published.data);
    const node = await this.zk.exists(brokerPath(brokerId));
    if (node === null || node.czxid !== czxid || !node.ephemeralOwner.equals(sessionId)) return;
    const outcome = await attachAndClose(connectString, sessionId, password, { clock, logger });
    logger.warn(`Closed ZooKeeper session 0x${sessionId.toString('hex')} of dead broker ${brokerId}: ${outcome}`);
    this.options.onFenced(brokerId);
  }

  /** Only one fence of a broker in 30 s, whoever does it; the times are those of ZooKeeper's clock. */
  private async takeTurn(brokerId: number, nowMs: number): Promise<boolean> {
    const path = fencePath(brokerId);
    const last = await this.zk.exists(path);
    try {
      if (last === null) await this.zk.create(path, null, 'persistent');
      else if (nowMs - last.mtimeMs < FENCE_INTERVAL_MS) return false;
      else await this.zk.setData(path, null, last.version);
      return true;
    } catch (error) {
      if (isZkError(error, 'NODE_EXISTS') || isZkError(error, 'BAD_VERSION')) return false;
      throw error;
    }
  }

  /** Looks at each registration that somebody asks about, and votes if it refuses here, too. */
  private async answerQuestions(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const question = parseSuspect(name);
      if (!question || question.voterId !== null || question.brokerId === this.options.brokerId) continue;
      if (this.watched.has(question.brokerId) || this.looking.has(name)) continue;
      const registration = await this.registrationOf(question.brokerId);
      if (registration?.czxid !== question.czxid) continue;
      this.looking.add(name);
      this.tasks.run(`look at broker ${question.brokerId}`, async (signal) => {
        try {
          await this.look(registration, signal);
        } finally {
          this.looking.delete(name);
        }
      });
    }
  }

  private async look({ brokerId, czxid, addresses }: WatchedRegistration, signal: AbortSignal): Promise<void> {
    const { clock, brokerId: own } = this.options;
    if (!(await refusesAll(addresses, clock, signal))) return;
    const vote = { brokerId, czxid, voterId: own };
    await this.create(vote);
    // Long enough for whoever asked to see it; the vote is about one registration and harms no later one.
    await sleep(clock, VOTE_DEADLINE_MS, signal).catch(() => undefined);
    await this.deleteQuietly(suspectPath(vote));
  }

  private async create(suspicion: Parameters<typeof suspectPath>[0]): Promise<void> {
    try {
      await this.zk.create(suspectPath(suspicion), null, 'ephemeral');
    } catch (error) {
      if (!isZkError(error, 'NODE_EXISTS')) throw error;
    }
  }

  private async deleteQuietly(path: string): Promise<void> {
    await this.zk.delete(path, -1).catch(() => undefined);
  }
}
