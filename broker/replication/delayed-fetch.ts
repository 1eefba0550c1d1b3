/** Fetches that wait for min.bytes (kafka.server.DelayedFetch). */
import { NO_EPOCH, type FetchEntry } from './fetch-entry';
import { endOffset, isFromFollower, onlyLeader, type FetchParams } from './fetch-types';
import type { HostedPartitions } from './hosted-partitions';
import type { Partition } from './partition';
import { DelayedOperation } from './purgatory';
import type { ReplicaLog } from './replica-log';

export class DelayedFetch extends DelayedOperation {
  constructor(
    private readonly params: FetchParams,
    /** Looked at anew with each check: those of a session change while it waits. */
    private readonly entries: Iterable<FetchEntry>,
    private readonly hosted: HostedPartitions,
    /** Whether a throttle keeps the records of a partition back. */
    private readonly isHeldBack: (partition: Partition) => boolean,
    /** Reads again and answers. */
    private readonly answer: () => void,
  ) {
    super();
  }

  override tryComplete(): void {
    if (this.isCompleted) return;
    let bytes = 0;
    for (const entry of this.entries) {
      const available = this.available(entry);
      // Whatever else there is to tell, it cannot wait.
      if (available === null) return this.forceComplete();
      bytes += available;
    }
    if (bytes >= this.params.minBytes) this.forceComplete();
  }

  protected override onComplete(): void {
    this.answer();
  }

  /**
   * Bytes that a read of this partition would give now; null when the fetch has to be answered at once: the role or
   * epoch has changed, the log was truncated, it has diverged, or records lie in an older segment than the newest.
   */
  private available(entry: FetchEntry): number | null {
    if (entry.isUnknown) return 0;
    const partition = this.hosted.get(entry.topic as string, entry.partition);
    if (partition === null || partition.accessError(entry.currentLeaderEpoch, onlyLeader(this.params)) !== null)
      return null;
    const log = partition.log as ReplicaLog;
    const end = endOffset(log, this.params.isolation);
    if (entry.fetchOffset > end) return null;
    if (isFromFollower(this.params) && hasDiverged(log, entry)) return null;
    if (entry.fetchOffset === end || this.isHeldBack(partition)) return 0;
    const bytes = log.bytesBetween?.(entry.fetchOffset, end) ?? null;
    return bytes === null ? null : Math.min(bytes, entry.maxBytes);
  }
}

/** The fetcher's last epoch ended in this log before its fetch offset, or is not known here. */
function hasDiverged(log: ReplicaLog, entry: FetchEntry): boolean {
  if (entry.lastFetchedEpoch === NO_EPOCH) return false;
  const end = log.endOffsetForEpoch(entry.lastFetchedEpoch);
  return end === null || end.epoch < entry.lastFetchedEpoch || end.endOffset < entry.fetchOffset;
}
