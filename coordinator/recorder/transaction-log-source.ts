/**
 * Feeds the recorder from ZooKeeper's transaction log: every write, with its zxid, time and session, also of the time in
 * which the coordinator did not run. Owns the place in the log.
 *
 * Begins where the kept history ends when the log still holds that very transaction (same zxid, same time); else anew, with
 * the oldest log there is. Where that is not the beginning of ZooKeeper's life, what stood before is known only as far as
 * it still stands unchanged, and this is told as a gap.
 *
 * A server logs what its ensemble is about to agree on: in an ensemble the newest entries may, after a crash of the leader,
 * turn out never to have happened.
 */
import { type Clock, sleep } from '../../runtime/clock';
import type { Disk } from '../../runtime/disk';
import type { Logger } from '../../runtime/logger';
import { Turn } from '../../runtime/turn';
import type { Transaction } from '../../zookeeper/transaction-log';
import { CLUSTER_ID_PATH } from '../../zookeeper/znodes';
import type { ZnodeTree } from '../parts';
import type { ChangeLog } from './change-log';
import { jsonOf } from './payload-difference';
import type { Recorder } from './recorder';
import type { ObservedChange, RecordedNode } from './recorded-change';
import { applyTransaction } from './transaction-changes';
import { TransactionLogTail } from './transaction-log-tail';
import { nodesOf } from './watch-changes';

export interface TransactionLogSourceOptions {
  disk: Disk;
  clock: Clock;
  logger: Logger;
  directory: string;
  chroot: string;
  tree: ZnodeTree;
  log: ChangeLog;
  recorder: Recorder;
  /** So long log and connection may be of different clusters; 5,000 when left out. */
  otherClusterAfterMs?: number;
}

/** How long a write may take to be seen. */
const POLL_MS = 50;
const REPAIR_MS = 10_000;
const OTHER_CLUSTER_MS = 5_000;
/** Transactions that are recorded together: one write, some milliseconds. */
const MOST_AT_ONCE = 50;
/** What stands in a ZooKeeper that nobody has written to: not in its log. */
const FIRST_NODES = ['/', '/zookeeper', '/zookeeper/config', '/zookeeper/quota'];
const FIRST_ZXIDS: readonly bigint[] = [1n, 0x1_0000_0001n];

/** `other-cluster`: the log belongs to another ZooKeeper than the one that the coordinator is connected to. */
export type SourceEnd = 'stopped' | 'replaced' | 'other-cluster';

export class TransactionLogSource {
  private lastZxid: bigint | null = null;
  private live = false;
  private otherSinceMs: number | null = null;

  constructor(private readonly options: TransactionLogSourceOptions) {}

  /** Whether there is a log to read. @throws Node's errors, e.g. EACCES */
  static isThere(disk: Disk, directory: string): boolean {
    return new TransactionLogTail(disk, directory, null).files().length > 0;
  }

  /** Follows the log until it is stopped, or has to be begun with again. */
  async run(signal: AbortSignal): Promise<SourceEnd> {
    const { log, disk, directory } = this.options;
    const from = this.resumable() ? (log.end?.zxid ?? null) : null;
    const tail = new TransactionLogTail(disk, directory, from);
    try {
      const goesOn = from !== null && (await this.findEnd(tail, from, signal));
      if (goesOn) return await this.follow(tail, signal);
      tail.close();
      const whole = new TransactionLogTail(disk, directory, null);
      try {
        await this.begin(whole, signal);
        return await this.follow(whole, signal);
      } finally {
        whole.close();
      }
    } finally {
      tail.close();
    }
  }

  private resumable(): boolean {
    const { log, chroot } = this.options;
    return log.identity !== null && log.identity.chroot === chroot && log.end !== null;
  }

  /** Reads up to the transaction that the kept history ends with; false when the log has another one or none there. */
  private async findEnd(tail: TransactionLogTail, endZxid: bigint, signal: AbortSignal): Promise<boolean> {
    const turn = new Turn(this.options.clock);
    while (!signal.aborted) {
      const batch = await tail.read();
      const at = batch.transactions.findIndex(({ zxid }) => zxid >= endZxid);
      const found = batch.transactions[at];
      if (found) {
        if (found.zxid !== endZxid || found.timeMs !== this.options.log.end?.timeMs) return false;
        this.lastZxid = endZxid;
        await this.take(batch.transactions.slice(at + 1));
        return true;
      }
      if (batch.atEnd) return false;
      if (turn.isOver) await turn.next();
    }
    return false;
  }

  /** Begins a history with what stood there before the first transaction of the log. */
  private async begin(tail: TransactionLogTail, signal: AbortSignal): Promise<void> {
    const { log, chroot, recorder, logger, clock } = this.options;
    if (log.identity)
      logger.warn('The flight recorder begins anew: what it kept does not belong to this transaction log');
    let first = (await tail.read()).transactions;
    while (first.length === 0 && !signal.aborted) {
      await sleep(clock, POLL_MS, signal);
      first = (await tail.read()).transactions;
    }
    const firstZxid = first[0]?.zxid ?? 1n;
    const fromTheStart = FIRST_ZXIDS.includes(firstZxid);
    const base = fromTheStart ? firstNodes(chroot) : await this.unchangedSince(firstZxid, signal);
    await log.begin({ clusterId: null, chroot }, base);
    if (!fromTheStart) {
      const zxid = `0x${firstZxid.toString(16)}`;
      recorder.gap(`The oldest transaction log that is kept begins at ${zxid}; what was changed before is not known.`);
    }
    await this.take(first);
  }

  /** What stands now and has not been touched since a transaction stood so before it. */
  private async unchangedSince(firstZxid: bigint, signal: AbortSignal): Promise<RecordedNode[]> {
    const { tree, clock } = this.options;
    while (!tree.ready) await sleep(clock, POLL_MS, signal);
    return nodesOf(tree)
      .filter(({ stat }) => stat !== null && stat.mzxid < firstZxid)
      .map((node) => (node.stat && node.stat.pzxid < firstZxid ? node : { ...node, stat: null }));
  }

  private async follow(tail: TransactionLogTail, signal: AbortSignal): Promise<SourceEnd> {
    const { recorder, clock } = this.options;
    let repairAtMs = clock.monotonicMs();
    while (!signal.aborted) {
      const batch = await tail.read();
      for (const damage of batch.damages) recorder.gap(damage);
      await this.take(batch.transactions);
      if (batch.replaced) return 'replaced';
      if (!batch.atEnd) continue;
      this.live = true;
      recorder.beginWindow();
      if (this.isOtherCluster()) return 'other-cluster';
      if (clock.monotonicMs() >= repairAtMs) {
        repairAtMs = clock.monotonicMs() + REPAIR_MS;
        await recorder.repair();
      }
      await sleep(clock, POLL_MS, signal);
    }
    return 'stopped';
  }

  /** Records transactions, in turns. */
  private async take(transactions: readonly Transaction[]): Promise<void> {
    const { log, recorder, chroot, clock } = this.options;
    const turn = new Turn(clock);
    let lot: ObservedChange[][] = [];
    const flush = (): void => {
      recorder.record(lot, this.live);
      lot = [];
    };
    for (const transaction of transactions) {
      if (!this.isNext(transaction.zxid, flush)) continue;
      const changes = applyTransaction(transaction, log.tree, chroot);
      if (changes.length > 0) lot.push(changes);
      if (lot.length < MOST_AT_ONCE) continue;
      // Recording costs far more than applying: only after it can be seen whether the turn is over.
      flush();
      if (turn.isOver) await turn.next();
    }
    flush();
  }

  /** Zxids of one epoch have no holes: a request that fails is logged as well. */
  private isNext(zxid: bigint, beforeGap: () => void): boolean {
    const last = this.lastZxid;
    if (last !== null && zxid <= last) return false;
    if (last !== null && zxid !== last + 1n && zxid >> 32n === last >> 32n) {
      beforeGap();
      this.options.recorder.gap(`Transactions ${hex(last + 1n)} to ${hex(zxid - 1n)} are not in the log.`);
    }
    this.lastZxid = zxid;
    return true;
  }

  private isOtherCluster(): boolean {
    const { log, tree, recorder, logger, directory, clock, otherClusterAfterMs } = this.options;
    const recorded = clusterIdIn(log.tree.get(CLUSTER_ID_PATH)?.data);
    if (recorded !== null) recorder.learnClusterId(recorded);
    const connected = tree.ready ? clusterIdIn(tree.get(CLUSTER_ID_PATH)?.data) : null;
    const differ = recorded !== null && connected !== null && recorded !== connected;
    // Of a ZooKeeper that was made anew the log is there at once, while the tree is read again only after some time.
    if (!differ || tree.freshness().stale) {
      this.otherSinceMs = null;
      return false;
    }
    this.otherSinceMs ??= clock.monotonicMs();
    if (clock.monotonicMs() - this.otherSinceMs < (otherClusterAfterMs ?? OTHER_CLUSTER_MS)) return false;
    logger.error(
      `The transaction log in ${directory} is of cluster ${recorded}, but zookeeper.connect leads to ${connected}`,
    );
    return true;
  }
}

export function clusterIdIn(data: Buffer | null | undefined): string | null {
  const id = jsonOf(data ?? null)?.['id'];
  return typeof id === 'string' ? id : null;
}

function firstNodes(chroot: string): RecordedNode[] {
  if (chroot !== '') return [];
  const children: Record<string, number> = { '/': 1, '/zookeeper': 2 };
  return FIRST_NODES.map((path) => ({
    path,
    data: Buffer.alloc(0),
    version: 0,
    owner: null,
    stat: {
      czxid: 0n,
      mzxid: 0n,
      pzxid: 0n,
      ctimeMs: 0,
      mtimeMs: 0,
      creations: 0,
      deletions: -(children[path] ?? 0),
      aversion: 0,
    },
  }));
}

function hex(zxid: bigint): string {
  return `0x${zxid.toString(16)}`;
}
