/**
 * What one fault broke, what followed, and when all of it is whole again. Pure: told facts with their times. Owns the
 * cluster as it was before the fault, and what of it differs now.
 *
 * A fact counts as a consequence when it concerns a broker that the fault concerns: the process itself, the ends of
 * the link, or every broker when it is ZooKeeper's.
 */
import type { FaultAction } from '../schemas';
import { hasLeader, keyOf, type Fact, type PartitionPicture, type Picture } from './cluster-facts';
import { ConsequenceList } from './consequence-list';
import { isAsItWas, titleOf, type Target, type TargetState } from './targets';

export interface TrackedFault {
  target: Target;
  action: FaultAction;
  startedAtMs: number;
  /** The cluster right before it. */
  before: Picture;
  /** Brokers that did not answer already then: their silence is no consequence. */
  silentBefore?: readonly number[];
}

/** A record that every in-sync replica has: who produced it with acks=all has its answer. */
export interface CommittedRecord {
  topic: string;
  partition: number;
  appendedMs: number;
  committedMs: number;
  /** How it was learned: from a broker's traces to the millisecond, or from offsets asked for now and then. */
  from: 'traces' | 'offsets';
}

/** A broker commits a moment before the coordinator hears of the change in ZooKeeper that made it possible. */
const NEWS_TAKES_MS = 250;
/** A partition without a leader for less than this is told by its new leader alone. */
const LEADERLESS_TOLD_MS = 1_000;
/** These end a process for good or for a new start: its registration must be another one afterwards. */
const ending: ReadonlySet<FaultAction> = new Set(['kill', 'stop', 'restart']);

interface Leaderless {
  /** Who led it before. */
  from: number;
  sinceMs: number;
  told: boolean;
}

export class ConsequenceTracker {
  readonly consequences: ConsequenceList;
  private readonly registered: Map<number, bigint>;
  private readonly partitions: Map<string, PartitionPicture>;
  /** Concerned brokers that are missing from ISRs which they belonged to, by partition. */
  private readonly missing = new Map<string, readonly number[]>();
  /** Partitions that have another leader or a smaller ISR because of the fault, and since when. */
  private readonly changed = new Map<string, number>();
  private readonly leaderless = new Map<string, Leaderless>();
  private readonly silentBefore: Set<number>;
  private readonly silentBrokers = new Set<number>();
  private zookeeperSilent = false;
  private controllerId: number | null;
  private lastController: number | null;
  /** A controller epoch that no new controller has been named for. */
  private unusedEpoch: number | null = null;
  private targetState: TargetState = 'unknown';

  constructor(private readonly fault: TrackedFault) {
    this.consequences = new ConsequenceList(fault.startedAtMs);
    this.silentBefore = new Set(fault.silentBefore);
    this.registered = new Map(fault.before.registered);
    this.partitions = new Map(fault.before.partitions);
    this.controllerId = this.lastController = fault.before.controllerId;
  }

  /** A change in ZooKeeper. */
  apply(fact: Fact, atMs: number): void {
    switch (fact.kind) {
      case 'broker-gone':
        return this.brokerGone(fact.brokerId, atMs);
      case 'broker-registered':
        return this.brokerRegistered(fact.brokerId, fact.epoch, atMs);
      case 'controller':
        return this.controllerIs(fact.brokerId, atMs);
      case 'controller-epoch':
        return this.controllerEpochIs(fact.epoch);
      case 'partition':
        return this.partitionIs(fact, atMs);
      case 'partition-gone':
        return this.forget(keyOf(fact));
    }
  }

  /** Whether a broker answers over the wire. @param how e.g. `refused` */
  brokerAnswers(brokerId: number, answers: boolean, how: string, atMs: number): void {
    if (answers) this.silentBefore.delete(brokerId);
    if (this.silentBefore.has(brokerId) || !this.concerns(brokerId)) return;
    if (answers !== this.silentBrokers.has(brokerId)) return;
    if (answers) {
      this.silentBrokers.delete(brokerId);
      this.consequences.add('answers', `broker ${brokerId} answers again`, atMs);
    } else {
      this.silentBrokers.add(brokerId);
      this.consequences.add('silent', `broker ${brokerId} no longer answers (${how})`, atMs);
    }
  }

  zookeeperAnswers(answers: boolean, atMs: number): void {
    if (!this.ofZooKeeper || answers !== this.zookeeperSilent) return;
    this.zookeeperSilent = !answers;
    const text = answers ? 'ZooKeeper answers again' : 'ZooKeeper no longer answers';
    this.consequences.add(answers ? 'zookeeper-answers' : 'zookeeper-silent', text, atMs);
  }

  /** Tells what counts only once it has lasted; to be called now and then. */
  timePasses(nowMs: number): void {
    for (const [key, partition] of this.leaderless) {
      if (partition.told || nowMs - partition.sinceMs < LEADERLESS_TOLD_MS) continue;
      partition.told = true;
      this.consequences.gather('leaderless', `${key} has no leader`, 'partitions', partition.sinceMs);
    }
  }

  /** Partitions in which the first record that is acknowledged again would be news. */
  awaitingRecords(): PartitionPicture[] {
    if (this.consequences.has('acks')) return [];
    return [...this.changed.keys()].flatMap((key) => this.partitions.get(key) ?? []).filter((each) => !each.internal);
  }

  /** Tells the first record that was acknowledged by all of the ISR, since the partition has its new leader or ISR. */
  recordsCommitted(records: readonly CommittedRecord[]): void {
    if (this.consequences.has('acks')) return;
    const [first] = records
      .filter((record) => {
        const changedAtMs = this.changed.get(keyOf(record)) ?? Infinity;
        return record.appendedMs >= this.fault.startedAtMs && record.committedMs >= changedAtMs - NEWS_TAKES_MS;
      })
      .toSorted((one, other) => one.committedMs - other.committedMs);
    if (!first) return;
    const suffix = first.from === 'offsets' ? '(seen by polled offsets)' : '';
    this.consequences.add('acks', `${keyOf(first)} acknowledges acks=all again`, first.committedMs, suffix);
  }

  /** What the process or link is now. */
  targetIs(state: TargetState): void {
    this.targetState = state;
  }

  /** Whoever made the fault has undone it. */
  repaired(action: FaultAction, atMs: number): void {
    const done = { resume: 'was resumed', start: 'was started again', heal: 'was healed' }[action as string] ?? action;
    this.consequences.add('repair', `${titleOf(this.fault.target)} ${done}`, atMs);
  }

  /** A partition may have been moved off a broker meanwhile: then that one's absence from the ISR is as it should be. */
  forgetMoved(isReplica: (partition: PartitionPicture, brokerId: number) => boolean, atMs: number): void {
    for (const [key, brokerIds] of [...this.missing]) {
      const partition = this.partitions.get(key);
      const due = partition ? brokerIds.filter((brokerId) => isReplica(partition, brokerId)) : [];
      if (due.length > 0) this.missing.set(key, due);
      else this.found(key, atMs);
    }
  }

  /** Whether the process or link is as it was, and brokers are missing from ISRs still. */
  get waitsForIsr(): boolean {
    return this.targetIsWhole && this.missing.size > 0;
  }

  private get targetIsWhole(): boolean {
    return isAsItWas(this.targetState);
  }

  /** Whether all that it broke is as it was. */
  get isWhole(): boolean {
    if (!this.targetIsWhole) return false;
    if (this.zookeeperSilent || this.silentBrokers.size > 0) return false;
    if (this.missing.size > 0 || this.leaderless.size > 0) return false;
    if (this.fault.before.controllerId !== null && this.controllerId === null) return false;
    return this.brokersDue().every(([brokerId, epochBefore]) => {
      const epoch = this.registered.get(brokerId);
      return epoch !== undefined && epoch !== epochBefore;
    });
  }

  /** The brokers that must be registered, and for those that had to register anew, with which epoch they were. */
  private brokersDue(): [number, bigint | null][] {
    const { target, action, before } = this.fault;
    const own = target.kind === 'process' && target.process !== 'zookeeper' ? target.process : null;
    const due = [...before.registered].filter(([brokerId]) => this.concerns(brokerId));
    const result = due.map(([brokerId, epoch]): [number, bigint | null] => {
      return [brokerId, brokerId === own && ending.has(action) ? epoch : null];
    });
    if (own !== null && !before.registered.has(own)) result.push([own, null]);
    return result;
  }

  private get ofZooKeeper(): boolean {
    const { target } = this.fault;
    return target.kind === 'process' && target.process === 'zookeeper';
  }

  private concerns(brokerId: number | null): boolean {
    const { target } = this.fault;
    if (brokerId === null) return false;
    if (this.ofZooKeeper) return true;
    if (target.kind === 'process') return target.process === brokerId;
    return target.broker === brokerId || target.other === brokerId;
  }

  private brokerGone(brokerId: number, atMs: number): void {
    this.registered.delete(brokerId);
    if (!this.concerns(brokerId)) return;
    const { target, action } = this.fault;
    const own = target.kind === 'process' && target.process === brokerId;
    const tookLeave = own && (action === 'stop' || action === 'restart');
    const text = tookLeave
      ? `broker ${brokerId} closed its session with ZooKeeper`
      : `ZooKeeper closed the session of broker ${brokerId}`;
    this.consequences.add('session-closed', text, atMs);
  }

  private brokerRegistered(brokerId: number, epoch: bigint, atMs: number): void {
    const known = this.registered.get(brokerId);
    this.registered.set(brokerId, epoch);
    if (!this.concerns(brokerId) || known === epoch) return;
    const again = this.fault.before.registered.has(brokerId) ? ' again' : '';
    this.consequences.add('registered', `broker ${brokerId} registered${again}`, atMs);
  }

  private controllerIs(brokerId: number | null, atMs: number): void {
    const former = this.lastController;
    this.controllerId = brokerId;
    if (brokerId === null) return;
    this.lastController = brokerId;
    if (!this.concerns(former) && !this.concerns(brokerId)) return;
    const again = former === brokerId ? ' again' : '';
    const suffix = this.unusedEpoch === null ? '' : `(epoch ${this.unusedEpoch})`;
    this.unusedEpoch = null;
    this.consequences.add('controller', `broker ${brokerId} became controller${again}`, atMs, suffix);
  }

  /** Both are written in one transaction, and may be heard of in either order. */
  private controllerEpochIs(epoch: number): void {
    const named = this.consequences.list().findLast(({ kind }) => kind === 'controller');
    if (named && !named.text.includes('(epoch')) this.consequences.amend('controller', `(epoch ${epoch})`);
    else this.unusedEpoch = epoch;
  }

  private partitionIs(now: Extract<Fact, { kind: 'partition' }>, atMs: number): void {
    const key = keyOf(now);
    const known = this.partitions.get(key);
    const { topic, partition, leader, isr } = now;
    this.partitions.set(key, { topic, partition, internal: known?.internal ?? false, leader, isr });
    if (!known) return;
    if (leader !== known.leader) this.leaderIs(key, known, now, atMs);
    this.isrIs(key, known, now, atMs);
  }

  private leaderIs(key: string, known: PartitionPicture, now: Pick<PartitionPicture, 'leader'>, atMs: number): void {
    const lost = this.leaderless.get(key);
    // ZooKeeper concerns all brokers; a partition whose leader is still there then changes it for reasons of its own.
    const ours = this.ofZooKeeper
      ? !this.registered.has(known.leader)
      : this.concerns(known.leader) || this.concerns(now.leader);
    if (!lost && !ours) return;
    const from = lost?.from ?? known.leader;
    if (!hasLeader(now)) {
      this.leaderless.set(key, { from, sinceMs: atMs, told: false });
      return;
    }
    this.leaderless.delete(key);
    this.changed.set(key, atMs);
    const text = from === now.leader ? `broker ${from} leads it again` : `leader ${from} → ${now.leader}`;
    this.consequences.gather('leader', `${key}: ${text}`, 'partitions', atMs);
  }

  private isrIs(key: string, known: PartitionPicture, now: Pick<PartitionPicture, 'isr'>, atMs: number): void {
    const before = this.fault.before.partitions.get(key);
    if (!before) return;
    const absent = before.isr.filter((brokerId) => this.concerns(brokerId) && !now.isr.includes(brokerId));
    const hasLeft = absent.some((brokerId) => known.isr.includes(brokerId));
    if (absent.length > 0) this.missing.set(key, absent);
    else this.found(key, atMs);
    if (!hasLeft) return;
    if (!this.changed.has(key)) this.changed.set(key, atMs);
    const text = `${key}: ISR ${known.isr.join(',')} → ${now.isr.join(',')}`;
    this.consequences.gather('isr-shrunk', text, 'partitions', atMs);
  }

  private found(key: string, atMs: number): void {
    if (!this.missing.delete(key) || this.missing.size > 0) return;
    this.consequences.add('isr-whole', 'every ISR is whole again', atMs);
  }

  private forget(key: string): void {
    this.partitions.delete(key);
    this.missing.delete(key);
    this.leaderless.delete(key);
    this.changed.delete(key);
  }
}
