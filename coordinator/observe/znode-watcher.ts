/**
 * Keeps the tree of znodes current through the coordinator's own session: reads everything below the chroot once, sets a
 * watch on the data and on the children of each node, and reads again what a watch names. Owns the queue of reads.
 *
 * The tree changes by answers only, never by an event alone: a server's answers come in the order of its transactions,
 * while an event may overtake an answer that is still on its way to whoever asked.
 *
 * A lost connection loses no watch (the session sets them again, and the server tells what changed since). An expired
 * session loses them all: then everything is read again, and the tree is told that there is a gap.
 */
import type { Clock, TimerHandle } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { TaskGroup } from '../../runtime/task-group';
import { isZkError, type Stat, type WatchEvent, ZkError, type ZooKeeperClient } from '../../zookeeper';
import type { Freshness } from '../schemas';
import { ReadQueue, type ZnodeRead } from './read-queue';
import { isEphemeral } from './session-owners';
import { childPath } from '../znode-path';
import { KnownTree } from './znode-tree';

export interface ZnodeWatcherOptions {
  zookeeper: ZooKeeperClient;
  /** Resolves with the first connection. */
  connected: Promise<void>;
  clock: Clock;
  logger: Logger;
  tasks: TaskGroup;
  /** How often ZooKeeper is asked whether it still answers. */
  pingIntervalMs: number;
  /** After this long without an answer the tree counts as stale. */
  staleAfterMs: number;
  /** Nodes beyond this number are not read; 200,000 when left out. */
  maxNodes?: number;
}

/** Unanswered reads: as many answers may come at once, and all that they change is told before anything else runs. */
const MAX_IN_FLIGHT = 32;
const DEFAULT_MAX_NODES = 200_000;
const RETRY_DELAY_MS = 1_000;
/** A long list of children is not read again for each of many changes in a row, but after a time that grows with it. */
const MANY_CHILDREN = 200;
const DELAY_PER_CHILD_MS = 0.02;

export class ZnodeWatcher {
  readonly tree: KnownTree;
  private readonly options: ZnodeWatcherOptions;
  private readonly maxNodes: number;
  private readonly queue = new ReadQueue();
  private inFlight = 0;
  /** Nodes whose list of children is to be read a little later. */
  private readonly delayed = new Map<string, TimerHandle>();
  /** Grows with each session; answers to an earlier one's reads no longer count. */
  private generation = 0;
  /** Nodes that this session has read or is about to; and of which incarnation (czxid) it has asked for the children. */
  private visited = new Map<string, bigint | null>();
  private busySinceMs: number | null = null;
  private answeredAtMs: number | null = null;
  private pinging = false;
  private everConnected = false;
  private refused = 0;

  constructor(options: ZnodeWatcherOptions) {
    this.options = options;
    this.maxNodes = options.maxNodes ?? DEFAULT_MAX_NODES;
    const { clock, logger } = options;
    this.tree = new KnownTree({ nowMs: () => clock.nowMs(), logger, freshness: () => this.freshness() });
  }

  /** Starts to read as soon as there is a connection. */
  start(): void {
    const { zookeeper, connected, tasks, pingIntervalMs } = this.options;
    zookeeper.afterNewSession(() => this.readAgain());
    connected.then(
      () => {
        // Else its session has expired already, and the hook has come first.
        if (!this.everConnected) this.readAll();
        this.everConnected = true;
      },
      () => undefined, // closed before it was ever connected
    );
    tasks.every('watch over ZooKeeper', pingIntervalMs, () => this.ping(), 0);
  }

  private freshness(): Freshness {
    const { clock, staleAfterMs } = this.options;
    const known = this.tree.ready ? this.answeredAtMs : null;
    const asOfMs = known === null ? null : Math.min(known, this.busySinceMs ?? known);
    const ageMs = asOfMs === null ? null : Math.max(0, clock.nowMs() - asOfMs);
    const why = this.whyStale(ageMs === null || ageMs > staleAfterMs);
    return { asOfMs, ageMs, stale: why !== null, why };
  }

  private whyStale(old: boolean): string | null {
    const { state } = this.options.zookeeper.session;
    if (!this.everConnected) return 'ZooKeeper has not been reached yet.';
    if (state === 'closed') return 'The coordinator has closed its ZooKeeper session.';
    if (state === 'connecting' || state === 'expired') return 'The ZooKeeper session expired; another is being opened.';
    if (state === 'disconnected') return 'There is no connection to ZooKeeper.';
    if (!this.tree.ready) return 'The znodes are being read for the first time.';
    if (this.refused > 0) return `There are more than ${this.maxNodes} znodes; the rest is not read.`;
    if (!old) return null;
    return this.busySinceMs === null ? 'ZooKeeper does not answer.' : 'Changed znodes are still being read.';
  }

  /** What was asked at the time of the question has been answered, and all watches that went off before have been told. */
  private async ping(): Promise<void> {
    if (this.pinging || !this.everConnected) return;
    this.pinging = true;
    const askedAtMs = this.options.clock.nowMs();
    try {
      await this.options.zookeeper.session.exists('/');
      this.answeredAtMs = askedAtMs;
    } catch (error) {
      if (!(error instanceof ZkError)) throw error;
    } finally {
      this.pinging = false;
    }
  }

  private readAll(): void {
    this.abandonReads();
    this.refused = 0;
    this.visited = new Map();
    this.visit('/');
  }

  /** After an expired session. */
  private readAgain(): void {
    const nowMs = this.options.clock.nowMs();
    if (this.tree.ready) {
      const fromMs = Math.min(this.answeredAtMs ?? nowMs, this.busySinceMs ?? nowMs);
      this.tree.markGap({ fromMs, toMs: nowMs, why: 'The coordinator’s ZooKeeper session expired.' });
    }
    this.everConnected = true;
    this.readAll();
  }

  /** What is asked already no longer counts, so that a tree that was read in part is never taken for whole. */
  private abandonReads(): void {
    this.generation++;
    this.queue.clear();
    for (const timer of this.delayed.values()) timer.cancel();
    this.delayed.clear();
    this.inFlight = 0;
  }

  private visit(path: string): void {
    if (this.visited.has(path)) return;
    if (this.visited.size >= this.maxNodes) {
      if (this.refused++ === 0) this.options.logger.warn(`More than ${this.maxNodes} znodes: the rest is not read`);
      return;
    }
    this.visited.set(path, null);
    this.enqueue(path, 'data');
  }

  private enqueue(path: string, what: ZnodeRead['what']): void {
    this.busySinceMs ??= this.options.clock.nowMs();
    this.queue.add(path, what);
    this.pump();
  }

  private enqueueChildrenSoon(path: string): void {
    const count = this.tree.get(path)?.children.size ?? 0;
    if (count < MANY_CHILDREN) {
      this.enqueue(path, 'children');
    } else if (!this.delayed.has(path)) {
      this.busySinceMs ??= this.options.clock.nowMs();
      const soon = (): void => {
        this.delayed.delete(path);
        this.enqueue(path, 'children');
      };
      this.delayed.set(path, this.options.tasks.after(count * DELAY_PER_CHILD_MS, soon));
    }
  }

  private pump(): void {
    while (this.inFlight < MAX_IN_FLIGHT) {
      const read = this.queue.take();
      if (!read) return;
      this.inFlight++;
      void this.read(read, this.generation);
    }
  }

  private async read(read: ZnodeRead, generation: number): Promise<void> {
    const settle = await this.ask(read);
    if (generation !== this.generation) return;
    this.inFlight--;
    settle();
    // It may have told that the session is over.
    if (generation !== this.generation) return;
    this.pump();
    if (this.inFlight > 0 || !this.queue.isEmpty || this.delayed.size > 0) return;
    this.busySinceMs = null;
    this.answeredAtMs ??= this.options.clock.nowMs();
    this.tree.markReady();
  }

  /** Asks, and gives what is to be done with the answer: in the order of the answers, before anything else runs. */
  private async ask({ path, what }: ZnodeRead): Promise<() => void> {
    const { session } = this.options.zookeeper;
    try {
      if (what === 'data') {
        const { data, stat } = await session.getData(path, this.onWatch);
        return () => this.dataRead(path, data, stat);
      }
      if (what === 'stat') {
        const stat = await session.exists(path, this.onWatch);
        return () => (stat ? this.dataRead(path, null, stat) : this.forget(path));
      }
      const { children, stat } = await session.getChildren(path, this.onWatch);
      return () => this.childrenRead(path, children, stat);
    } catch (error) {
      return () => this.failed({ path, what }, error);
    }
  }

  private dataRead(path: string, data: Buffer | null, stat: Stat): void {
    this.tree.put(path, data, stat);
    // An ephemeral node has no children, ever.
    if (isEphemeral(stat) || this.visited.get(path) === stat.czxid) return;
    this.visited.set(path, stat.czxid);
    this.enqueue(path, 'children');
  }

  private childrenRead(path: string, names: readonly string[], stat: Stat): void {
    for (const vanished of this.tree.putChildren(path, names, stat)) this.enqueue(vanished, 'data');
    for (const name of names) this.visit(childPath(path, name));
  }

  private failed(read: ZnodeRead, error: unknown): void {
    const { path } = read;
    if (isZkError(error, 'NO_NODE')) {
      // Of the list of children it says nothing new: the watch on the data has told already.
      if (read.what === 'children') return;
      this.forget(path);
      if (path === '/') void this.awaitChroot();
    } else if (isZkError(error, 'NO_AUTH')) {
      // Servers before 3.8.4 tell its stat to everybody: then it shows without data. Else it does not show at all.
      if (read.what === 'data') this.enqueue(path, 'stat');
    } else if (isZkError(error, 'SESSION_EXPIRED') || isZkError(error, 'CLOSED')) {
      // Everything is read again in the next session, or never.
      this.abandonReads();
    } else {
      this.options.logger.warn(`${path} could not be read; trying again`, error);
      this.options.tasks.after(RETRY_DELAY_MS, () => this.enqueue(path, read.what));
    }
  }

  private forget(path: string): void {
    this.tree.remove(path);
    this.visited.delete(path);
  }

  /** A chroot that nobody has made yet: the first broker will. */
  private async awaitChroot(): Promise<void> {
    try {
      const stat = await this.options.zookeeper.session.exists('/', this.onWatch);
      if (stat) this.visit('/');
    } catch (error) {
      this.failed({ path: '/', what: 'data' }, error);
    }
  }

  /** One function for all watches: the session calls it once for an event, however many were set. */
  private readonly onWatch = ({ type, path }: WatchEvent): void => {
    if (type === 'children') {
      this.enqueueChildrenSoon(path);
    } else if (type === 'created') {
      this.visited.delete(path);
      this.visit(path);
    } else {
      // Also when it was deleted: it may be there again, and the answer tells.
      this.enqueue(path, 'data');
    }
  };
}
