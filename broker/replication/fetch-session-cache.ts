/**
 * The sessions of clients that fetch incrementally (KIP-227): which partitions each one follows and what it was told
 * last. Bounded by max.incremental.fetch.session.cache.slots; when full, a session that was idle for two minutes goes,
 * else one that is worth less than the new one: followers' sessions are worth more than consumers', larger ones more
 * than smaller ones (kafka.server.FetchSessionCache). Owns the sessions.
 */
import type { Clock } from '../../runtime/clock';
import type { Random } from '../../runtime/random';
import type { FetchEntry } from './fetch-entry';
import { WatchList } from './purgatory';

export const INVALID_SESSION_ID = 0;
export const INITIAL_EPOCH = 0;
export const FINAL_EPOCH = -1;
const LARGEST_EPOCH = 0x7fff_ffff;
const EVICTION_MS = 120_000;

/** The epoch that a client's next request must carry. */
export function nextEpoch(epoch: number): number {
  if (epoch < 0) return FINAL_EPOCH;
  return epoch === LARGEST_EPOCH ? 1 : epoch + 1;
}

/** How often all partitions of a session are looked at, whether or not anybody said that they changed. */
const SWEEP_MS = 1_000;

/**
 * One client's session. Idle partitions cost nothing: a request looks only at those in `attention`, which the client's
 * requests and the partitions themselves put there. What nobody tells of (retention raises log start offsets; a
 * follower that is caught up has to be noted as such from time to time) is found by the sweeps.
 */
export class FetchSession {
  epoch = nextEpoch(INITIAL_EPOCH);
  /** Number of partitions when it was last used: what the cache ranks it by. */
  cachedSize = 0;
  /** The partitions that the next answer has to look at, those that wait longest first. */
  readonly attention = new Set<FetchEntry>();
  /** The request of this session that waits, if one does. */
  readonly waiters = new WatchList();
  private sweptMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly id: number,
    /** Of a follower. */
    readonly privileged: boolean,
    readonly usesTopicIds: boolean,
    readonly createdMs: number,
    public lastUsedMs: number,
    readonly entries: Map<string, FetchEntry>,
  ) {
    for (const entry of entries.values()) entry.session = this;
  }

  noteChange(entry: FetchEntry): void {
    this.attention.add(entry);
    this.waiters.check();
  }

  /** The client has changed or added a partition: it goes to the end of the line. */
  noteRequest(key: string, entry: FetchEntry): void {
    entry.session = this;
    this.entries.set(key, entry);
    this.attention.delete(entry);
    this.attention.add(entry);
  }

  forget(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    this.entries.delete(key);
    this.drop(entry);
  }

  /** Puts all partitions in the line when that was not done for a while. */
  sweep(nowMs: number): void {
    if (nowMs - this.sweptMs < SWEEP_MS) return;
    this.sweptMs = nowMs;
    for (const entry of this.entries.values()) this.attention.add(entry);
  }

  close(): void {
    for (const entry of this.entries.values()) this.drop(entry);
  }

  private drop(entry: FetchEntry): void {
    entry.unwatch();
    entry.session = null;
    this.attention.delete(entry);
  }
}

export class FetchSessionCache {
  /** In the order of last use, oldest first. */
  private readonly sessions = new Map<number, FetchSession>();
  private partitions = 0;

  constructor(
    private readonly slots: number,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  get size(): number {
    return this.sessions.size;
  }

  get totalPartitions(): number {
    return this.partitions;
  }

  get(id: number): FetchSession | null {
    return this.sessions.get(id) ?? null;
  }

  /** A new session's id, or 0 when the cache is full of sessions that are worth more. */
  create(privileged: boolean, usesTopicIds: boolean, entries: Map<string, FetchEntry>): number {
    const nowMs = this.clock.monotonicMs();
    if (this.sessions.size >= this.slots && !this.evictFor(privileged, entries.size, nowMs)) return INVALID_SESSION_ID;
    const session = new FetchSession(this.newId(), privileged, usesTopicIds, nowMs, nowMs, entries);
    this.sessions.set(session.id, session);
    this.resize(session);
    return session.id;
  }

  /** Marks a session as used now. */
  touch(session: FetchSession): void {
    session.lastUsedMs = this.clock.monotonicMs();
    session.sweep(session.lastUsedMs);
    this.sessions.delete(session.id);
    this.sessions.set(session.id, session);
    this.resize(session);
  }

  remove(id: number): void {
    const session = this.sessions.get(id);
    if (!session) return;
    this.sessions.delete(id);
    this.partitions -= session.cachedSize;
    session.close();
  }

  private resize(session: FetchSession): void {
    this.partitions += session.entries.size - session.cachedSize;
    session.cachedSize = session.entries.size;
  }

  private evictFor(privileged: boolean, size: number, nowMs: number): boolean {
    const [oldest] = this.sessions.values();
    if (!oldest) return false;
    if (nowMs - oldest.lastUsedMs > EVICTION_MS) {
      this.remove(oldest.id);
      return true;
    }
    let cheapest: FetchSession | null = null;
    for (const session of this.sessions.values()) {
      // A young session is safe, except a consumer's from a follower's.
      const isOld = session.lastUsedMs - session.createdMs > EVICTION_MS;
      if (!isOld && !(privileged && !session.privileged)) continue;
      if (cheapest === null || compareWorth(session, cheapest) < 0) cheapest = session;
    }
    if (cheapest === null || compareWorth({ privileged, cachedSize: size, id: 0 }, cheapest) < 0) return false;
    this.remove(cheapest.id);
    return true;
  }

  private newId(): number {
    for (;;) {
      const id = 1 + this.random.below(LARGEST_EPOCH - 1);
      if (!this.sessions.has(id)) return id;
    }
  }
}

type Worth = Pick<FetchSession, 'privileged' | 'cachedSize' | 'id'>;

function compareWorth(one: Worth, other: Worth): number {
  if (one.privileged !== other.privileged) return one.privileged ? 1 : -1;
  return one.cachedSize - other.cachedSize || one.id - other.id;
}
