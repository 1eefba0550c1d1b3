/**
 * Reads offsets, sizes, settings and groups of all brokers in rounds: first the offsets of all, then the groups of all, so
 * that a group's lag is reckoned from figures of the same moment. A round is never begun while one is under way, and asks
 * only brokers that answer the probe. Owns one connection per broker.
 */
import { ConnectionError, VersionedConnection, type ConnectionOptions } from '../../client';
import { KafkaError } from '../../protocol';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { TaskGroup } from '../../runtime/task-group';
import type { GroupStore } from './group-store';
import type { OffsetStore } from './offset-store';
import { readGroups } from './read-groups';
import { readMinIsr, readOffsets, readSizes } from './read-offsets';

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface PollsOptions {
  readonly clock: Clock;
  readonly tasks: TaskGroup;
  readonly logger: Logger;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly offsets: OffsetStore;
  readonly groups: GroupStore;
  /** Brokers to ask. */
  targets(): Iterable<readonly [brokerId: number, address: Address]>;
  /** Partitions that a broker leads, by topic. */
  ledBy(brokerId: number): ReadonlyMap<string, readonly number[]>;
  /** A round has ended; some groups were seen to rebalance in it. */
  onRound(rebalanced: readonly string[]): void;
  /** VersionedConnection.open when left out. */
  open?: (options: ConnectionOptions) => Promise<VersionedConnection>;
}

/** What is known of how a broker was read. */
export interface ReadFact {
  offsetsAtMs: number | null;
  groupsAtMs: number | null;
  minIsr: number | null;
  error: string | null;
}

interface Link {
  address: Address;
  connection: VersionedConnection;
}

/** Sizes are summed up over files by the broker: not at every round. */
const SIZES_EVERY_MS = 5_000;
/** A broker's own file changes with its restart only; what is set dynamically is seen in ZooKeeper at once. */
const SETTINGS_EVERY_MS = 60_000;
/** A first answer of many partitions may take longer than a probe. */
const LEAST_TIMEOUT_MS = 5_000;

export class Polls {
  private readonly links = new Map<number, Link>();
  private readonly facts = new Map<number, ReadFact>();
  private current: Promise<void> | null = null;
  private queued: Promise<void> | null = null;
  private sizesDueMs = Number.NEGATIVE_INFINITY;
  private settingsDueMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: PollsOptions) {
    options.tasks.signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** The first round at once, then one per interval. */
  start(): void {
    this.options.tasks.every('read offsets and groups', this.options.intervalMs, () => this.round(), 0);
  }

  /** A round that begins now or right after the one under way; resolves when it has ended. Never rejects. */
  refresh(): Promise<void> {
    this.sizesDueMs = Number.NEGATIVE_INFINITY;
    if (!this.current) return this.round();
    const again = (): Promise<void> => {
      this.queued = null;
      return this.round();
    };
    return (this.queued ??= this.current.then(again));
  }

  /** Some broker has been set otherwise: its settings are read again in the next round. */
  settingsChanged(): void {
    this.settingsDueMs = Number.NEGATIVE_INFINITY;
  }

  of(brokerId: number): Readonly<ReadFact> {
    return this.facts.get(brokerId) ?? neverRead();
  }

  /** Gives up what is being asked of a broker that was found to hang, so that the others do not wait for it. */
  drop(brokerId: number): void {
    this.links.get(brokerId)?.connection.close();
    this.links.delete(brokerId);
  }

  private round(): Promise<void> {
    this.current ??= this.readAll().finally(() => (this.current = null));
    return this.current;
  }

  private async readAll(): Promise<void> {
    const { clock, groups, offsets, tasks } = this.options;
    const nowMs = clock.monotonicMs();
    const targets = [...this.options.targets()];
    this.forgetBut(new Set(targets.map(([brokerId]) => brokerId)));
    const sizes = nowMs >= this.sizesDueMs;
    const settings = nowMs >= this.settingsDueMs;
    if (sizes) this.sizesDueMs = nowMs + SIZES_EVERY_MS;
    if (settings) this.settingsDueMs = nowMs + SETTINGS_EVERY_MS;
    await this.each(targets, async (brokerId, broker, fact) => {
      if (settings || fact.minIsr === null) fact.minIsr = (await readMinIsr(broker, brokerId)) ?? fact.minIsr;
      await readOffsets(broker, this.options.ledBy(brokerId), offsets, () => clock.nowMs());
      fact.offsetsAtMs = clock.nowMs();
      if (sizes || offsets.bytesOf(brokerId) === null) await readSizes(broker, brokerId, offsets);
    });
    const rebalanced: string[] = [];
    await this.each(targets, async (brokerId, broker, fact) => {
      const readings = await readGroups(broker, (groupId) => groups.committedCount(groupId));
      const mark = (topic: string, partition: number): number | null => offsets.highWatermark(topic, partition);
      rebalanced.push(...groups.take(brokerId, readings, clock.nowMs(), mark));
      fact.groupsAtMs = clock.nowMs();
      fact.error = null;
    });
    if (!tasks.stopping) this.options.onRound(rebalanced);
  }

  /** Asks all brokers at once; one that fails is noted down. */
  private async each(
    targets: readonly (readonly [number, Address])[],
    ask: (brokerId: number, broker: VersionedConnection, fact: ReadFact) => Promise<void>,
  ): Promise<void> {
    await Promise.all(
      targets.map(async ([brokerId, address]) => {
        const fact = this.facts.get(brokerId) ?? neverRead();
        this.facts.set(brokerId, fact);
        try {
          await ask(brokerId, await this.linkTo(brokerId, address), fact);
        } catch (error) {
          if (!(error instanceof KafkaError)) this.drop(brokerId);
          if (!(error instanceof KafkaError || error instanceof ConnectionError)) {
            this.options.logger.warn(`Broker ${brokerId} could not be read`, error);
          }
          fact.error = (error as Error).message;
        }
      }),
    );
  }

  private async linkTo(brokerId: number, address: Address): Promise<VersionedConnection> {
    const known = this.links.get(brokerId);
    const same = known?.address.host === address.host && known.address.port === address.port;
    if (known && same && !known.connection.connection.closed) return known.connection;
    known?.connection.close();
    const { clock, timeoutMs, tasks, open = (options) => VersionedConnection.open(options) } = this.options;
    const connection = await open({
      ...address,
      clientId: 'gregor-coordinator',
      clock,
      connectTimeoutMs: timeoutMs,
      requestTimeoutMs: Math.max(timeoutMs, LEAST_TIMEOUT_MS),
      signal: tasks.signal,
    });
    this.links.set(brokerId, { address, connection });
    return connection;
  }

  private forgetBut(brokerIds: ReadonlySet<number>): void {
    for (const brokerId of this.links.keys()) if (!brokerIds.has(brokerId)) this.drop(brokerId);
  }

  private close(): void {
    for (const brokerId of this.links.keys()) this.drop(brokerId);
  }
}

function neverRead(): ReadFact {
  return { offsetsAtMs: null, groupsAtMs: null, minIsr: null, error: null };
}
