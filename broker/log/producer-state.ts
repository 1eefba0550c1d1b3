/**
 * What a log knows of the producers that wrote to it, and its snapshots of that on disk. It owns the entries, the open
 * transactions and the `.snapshot` files of one partition.
 *
 * State runs up to `mapEndOffset`. After a restart it is read from the newest snapshot and replayed from the batches
 * after it. Producers that wrote nothing for producer.id.expiration.ms are forgotten, unless in a transaction.
 */
import { join } from 'node:path';
import { batch, readEndTransactionMarker, readRecords } from '../../protocol/records';
import type { Disk } from '../../runtime/disk';
import { DELETED_SUFFIX, offsetFileName, parseOffsetFileName, SNAPSHOT_SUFFIX } from './log-files';
import { OpenTransactions, type CompletedTransaction } from './open-transactions';
import {
  checkCoordinatorEpoch,
  checkProducerEpoch,
  checkSequence,
  checkTransactional,
  ProducerEntry,
  type RememberedBatch,
} from './producer-entry';
import { decodeSnapshot, encodeSnapshot } from './producer-snapshot';
import type { AppendOrigin } from './types';

export class ProducerState {
  private readonly producers = new Map<number, ProducerEntry>();
  readonly transactions = new OpenTransactions();
  /** Of the snapshots on disk, ascending. */
  private snapshots: number[];
  private lastSnapshotOffset = 0;
  private endOffset = 0;

  constructor(
    private readonly partitionName: string,
    private readonly disk: Disk,
    private directory: string,
    private readonly expirationMs: number,
    fileNames: readonly string[],
  ) {
    this.snapshots = fileNames
      .map(parseOffsetFileName)
      .filter((file) => file?.suffix === SNAPSHOT_SUFFIX)
      .map((file) => file?.offset as number)
      .toSorted((a, b) => a - b);
  }

  /** State is complete for all offsets below this one. */
  get mapEndOffset(): number {
    return this.endOffset;
  }

  get snapshotOffsets(): readonly number[] {
    return this.snapshots;
  }

  get isEmpty(): boolean {
    return this.producers.size === 0 && this.transactions.isEmpty;
  }

  get entries(): ReadonlyMap<number, ProducerEntry> {
    return this.producers;
  }

  /** The batch at `at` as it was appended before, if its producer sends it again. */
  findDuplicate(bytes: Buffer, at: number): RememberedBatch | null {
    const entry = this.producers.get(batch.producerId(bytes, at));
    if (!entry) return null;
    return entry.findDuplicate(
      batch.producerEpoch(bytes, at),
      batch.baseSequence(bytes, at),
      batch.lastSequence(bytes, at),
    );
  }

  /**
   * Checks a batch of a leader's append, which is going to begin at `offset`. Changes nothing.
   * @throws KafkaError INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE, TRANSACTION_COORDINATOR_FENCED
   */
  check(bytes: Buffer, at: number, offset: number, origin: AppendOrigin): void {
    const entry = this.producers.get(batch.producerId(bytes, at));
    if (!entry) return;
    const context = { partitionName: this.partitionName, offset };
    const epoch = batch.producerEpoch(bytes, at);
    checkProducerEpoch(entry, epoch, context);
    if (batch.isControl(bytes, at)) {
      const marker = markerOf(bytes, at);
      if (marker) checkCoordinatorEpoch(entry, marker.coordinatorEpoch, origin, context);
      return;
    }
    if (origin === 'client') checkSequence(entry, epoch, batch.baseSequence(bytes, at), context);
    checkTransactional(entry, batch.isTransactional(bytes, at), context);
  }

  /**
   * Takes in a batch that is in the log now, at the offsets its header says.
   * @returns the transaction that it completes, to be passed to complete(); null when there is none
   */
  update(bytes: Buffer, at: number): CompletedTransaction | null {
    const producerId = batch.producerId(bytes, at);
    const epoch = batch.producerEpoch(bytes, at);
    if (batch.isControl(bytes, at)) return this.updateWithMarker(producerId, epoch, bytes, at);
    const entry = this.entryOf(producerId);
    const firstOffset = batch.baseOffset(bytes, at);
    const offsetDelta = batch.lastOffsetDelta(bytes, at);
    entry.addBatch(epoch, {
      lastSequence: batch.lastSequence(bytes, at),
      lastOffset: firstOffset + offsetDelta,
      offsetDelta,
      timestamp: batch.maxTimestamp(bytes, at),
    });
    if (batch.isTransactional(bytes, at) && entry.currentTransactionFirstOffset < 0) {
      entry.currentTransactionFirstOffset = firstOffset;
      this.transactions.begin(producerId, firstOffset);
    }
    return null;
  }

  private updateWithMarker(producerId: number, epoch: number, bytes: Buffer, at: number): CompletedTransaction | null {
    const marker = markerOf(bytes, at);
    // A marker whose record compaction removed, or a control record that is not one.
    if (!marker) return null;
    const entry = this.entryOf(producerId);
    const firstOffset = entry.currentTransactionFirstOffset;
    entry.endTransaction(epoch, marker.coordinatorEpoch, marker.timestamp);
    if (firstOffset < 0) return null;
    return { producerId, firstOffset, lastOffset: batch.baseOffset(bytes, at), aborted: marker.type === 'abort' };
  }

  private entryOf(producerId: number): ProducerEntry {
    let entry = this.producers.get(producerId);
    if (!entry) {
      entry = new ProducerEntry(producerId);
      this.producers.set(producerId, entry);
    }
    return entry;
  }

  updateMapEndOffset(offset: number): void {
    this.endOffset = offset;
  }

  removeExpired(nowMs: number): void {
    for (const entry of this.producers.values()) {
      if (this.isExpired(entry, nowMs)) this.producers.delete(entry.producerId);
    }
  }

  private isExpired(entry: ProducerEntry, nowMs: number): boolean {
    return entry.currentTransactionFirstOffset < 0 && nowMs - Number(entry.lastTimestamp) >= this.expirationMs;
  }

  /** Writes a snapshot at mapEndOffset, unless nothing came since the last one. Returns its path if it did. */
  takeSnapshot(): string | null {
    if (this.endOffset <= this.lastSnapshotOffset) return null;
    const path = this.snapshotPath(this.endOffset);
    this.disk.replaceFile(path, encodeSnapshot(this.producers));
    if (!this.snapshots.includes(this.endOffset)) this.snapshots.push(this.endOffset);
    this.snapshots.sort((a, b) => a - b);
    this.lastSnapshotOffset = this.endOffset;
    return path;
  }

  /** Goes back to the newest snapshot at or below `logEndOffset`; what came after it is to be replayed by the caller. */
  truncateAndReload(logStartOffset: number, logEndOffset: number, nowMs: number): void {
    for (const offset of this.snapshots) {
      if (offset > logEndOffset || offset <= logStartOffset) this.removeSnapshot(offset);
    }
    if (logEndOffset === this.endOffset) {
      this.logStartOffsetIncremented(logStartOffset);
      return;
    }
    this.producers.clear();
    this.transactions.clear();
    this.loadNewestSnapshot(logStartOffset, nowMs);
  }

  private loadNewestSnapshot(logStartOffset: number, nowMs: number): void {
    for (let offset = this.snapshots.at(-1); offset !== undefined; offset = this.snapshots.at(-1)) {
      const content = this.disk.readFile(this.snapshotPath(offset));
      const entries = content && decodeSnapshot(content);
      if (entries) {
        for (const entry of entries) if (!this.isExpired(entry, nowMs)) this.restore(entry);
        this.lastSnapshotOffset = offset;
        this.endOffset = offset;
        return;
      }
      this.removeSnapshot(offset);
    }
    this.lastSnapshotOffset = logStartOffset;
    this.endOffset = logStartOffset;
  }

  private restore(entry: ProducerEntry): void {
    this.producers.set(entry.producerId, entry);
    const firstOffset = entry.currentTransactionFirstOffset;
    if (firstOffset >= 0) this.transactions.begin(entry.producerId, firstOffset);
  }

  /** Forgets everything; state begins anew at `offset`. */
  truncateFullyAndStartAt(offset: number): void {
    this.producers.clear();
    this.transactions.clear();
    for (const snapshot of this.snapshots) this.removeSnapshot(snapshot);
    this.lastSnapshotOffset = 0;
    this.endOffset = offset;
  }

  logStartOffsetIncremented(logStartOffset: number): void {
    this.transactions.forgetDecidedBelow(logStartOffset);
    if (this.endOffset < logStartOffset) this.endOffset = logStartOffset;
    this.lastSnapshotOffset = this.snapshots.at(-1) ?? logStartOffset;
  }

  /** At load: removes the snapshots that no segment begins with, except the newest if it lies behind all segments. */
  removeStraySnapshots(segmentBaseOffsets: readonly number[]): void {
    const bases = new Set(segmentBaseOffsets);
    const stray = this.snapshots.filter((offset) => !bases.has(offset));
    const newest = stray.at(-1);
    const keepNewest = newest !== undefined && newest >= (segmentBaseOffsets.at(-1) ?? 0);
    for (const offset of stray) if (offset !== newest || !keepNewest) this.removeSnapshot(offset);
  }

  /** Marks the snapshot at a segment's base offset as deleted; returns its new path, or null when there is none. */
  markSnapshotDeleted(offset: number): string | null {
    if (!this.snapshots.includes(offset)) return null;
    this.snapshots = this.snapshots.filter((other) => other !== offset);
    const path = this.snapshotPath(offset);
    if (!this.disk.exists(path)) return null;
    this.disk.rename(path, path + DELETED_SUFFIX);
    return path + DELETED_SUFFIX;
  }

  private removeSnapshot(offset: number): void {
    this.snapshots = this.snapshots.filter((other) => other !== offset);
    this.disk.removeFile(this.snapshotPath(offset));
  }

  private snapshotPath(offset: number): string {
    return join(this.directory, offsetFileName(offset, SNAPSHOT_SUFFIX));
  }

  directoryRenamed(directory: string): void {
    this.directory = directory;
  }
}

interface Marker {
  type: 'abort' | 'commit';
  coordinatorEpoch: number;
  timestamp: bigint;
}

/** The end-of-transaction marker in a control batch; null when it holds something else, or nothing. */
function markerOf(bytes: Buffer, at: number): Marker | null {
  const [record] = readRecords(bytes, at);
  if (!record) return null;
  const marker = readEndTransactionMarker(record.key, record.value);
  return marker && { ...marker, timestamp: record.timestamp };
}
