/**
 * Reads a partition of `__consumer_offsets` from its beginning to its end and makes groups of it. The last record of
 * each key counts. Offsets committed in a transaction count from the transaction's commit marker on; those whose
 * transaction is still open stay pending. Nothing here is shared with the coordinator until the whole partition is read.
 */
import { partitionKey } from '../../protocol';
import { decodeConsumerOffsetsKey } from '../../protocol/internal';
import { batch, controlType, forEachBatch, readRecords, type LogRecord } from '../../protocol/records';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { FetchData, ReadOptions } from '../log';
import { Group } from './group';
import type { AppendedOffset } from './group-offsets';
import { decodeGroupValue, decodeOffsetValue } from './group-records';
import { GroupState } from './group-state';

/** The little that loading needs of a log. */
export interface LoadableLog {
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  read(offset: number, maxBytes: number, options: ReadOptions): FetchData | Promise<FetchData>;
}

export interface LoadOptions {
  readonly bufferBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asked after every wait; false stops the loading. */
  readonly isWanted: () => boolean;
}

type Offsets = Map<string, AppendedOffset>;

/** Loading gives way to other work after this time. */
const TURN_MS = 10;

/**
 * @returns the groups of the partition, or null when the loading was stopped
 * @throws what the log throws when it cannot be read
 */
export async function loadGroups(log: LoadableLog, options: LoadOptions): Promise<Group[] | null> {
  const content = new PartitionContent(options.logger);
  let turnEndsAtMs = options.clock.monotonicMs() + TURN_MS;
  let offset = log.logStartOffset;
  while (offset < log.logEndOffset) {
    const data = await log.read(offset, options.bufferBytes, { isolation: 'log_end', minOneBatch: true });
    if (!options.isWanted()) return null;
    const batches = batchesFrom(data.records, offset);
    if (batches.length === 0) break;
    for (const bytes of batches) {
      content.addBatch(bytes);
      offset = batch.lastOffset(bytes) + 1;
      if (options.clock.monotonicMs() < turnEndsAtMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (!options.isWanted()) return null;
      turnEndsAtMs = options.clock.monotonicMs() + TURN_MS;
    }
  }
  return content.toGroups(BigInt(options.clock.nowMs()));
}

/** A read may begin with a batch that ends before the offset asked for. */
function batchesFrom(buffers: readonly Buffer[], offset: number): Buffer[] {
  const batches: Buffer[] = [];
  for (const bytes of buffers) {
    forEachBatch(bytes, (at, sizeBytes) => {
      if (batch.lastOffset(bytes, at) >= offset) batches.push(bytes.subarray(at, at + sizeBytes));
    });
  }
  return batches;
}

class PartitionContent {
  private readonly groups = new Map<string, Buffer>();
  private readonly offsets = new Map<string, Offsets>();
  /** By producer id, then by group. */
  private readonly transactional = new Map<number, Map<string, Offsets>>();

  constructor(private readonly logger: Logger) {}

  addBatch(bytes: Buffer): void {
    const records = readRecords(bytes);
    const first = records[0];
    if (!first) return;
    const producerId = batch.producerId(bytes);
    if (batch.isControl(bytes)) {
      this.endTransaction(producerId, first);
      return;
    }
    const target = batch.isTransactional(bytes) ? this.transactionOf(producerId) : this.offsets;
    for (const record of records) {
      try {
        this.addRecord(record, target, first.offset);
      } catch (error) {
        this.logger.warn(`Record ${record.offset} of the offsets topic cannot be read and is left out`, error);
      }
    }
  }

  toGroups(nowMs: bigint): Group[] {
    const groups = new Map<string, Group>();
    for (const [groupId, bytes] of this.groups) {
      const state = this.decodeGroup(groupId, bytes);
      if (state !== null) groups.set(groupId, new Group(groupId, state));
    }
    // Groups that only keep their offsets here, of consumers without group management, have no record of their own.
    const groupFor = (groupId: string): Group => {
      const group = groups.get(groupId) ?? new Group(groupId, new GroupState(groupId, nowMs));
      groups.set(groupId, group);
      return group;
    };
    for (const [groupId, offsets] of this.offsets) {
      for (const offset of offsets.values()) groupFor(groupId).offsets.load(offset);
    }
    for (const [producerId, byGroup] of this.transactional) {
      for (const [groupId, offsets] of byGroup) {
        for (const offset of offsets.values()) groupFor(groupId).offsets.loadTransactional(producerId, offset);
      }
    }
    return [...groups.values()];
  }

  private addRecord(record: LogRecord, target: Map<string, Offsets>, batchOffset: number): void {
    if (record.key === null) throw new Error('the record has no key');
    const key = decodeConsumerOffsetsKey(record.key);
    switch (key.kind) {
      case 'offset': {
        const topicPartition = { topic: key.topic, partition: key.partition };
        const offsets = entryOf(target, key.group);
        if (record.value === null) {
          offsets.delete(partitionKey(topicPartition));
        } else {
          const committed = decodeOffsetValue(record.value, topicPartition);
          offsets.set(partitionKey(topicPartition), { committed, recordOffset: batchOffset });
        }
        if (offsets.size === 0) target.delete(key.group);
        break;
      }
      case 'group':
        // Copied, since a slice would keep all of what was read with it; decoded only if it is the last one.
        if (record.value === null) this.groups.delete(key.group);
        else this.groups.set(key.group, Buffer.from(record.value));
        break;
      case 'unknown':
        this.logger.warn(`A key of unknown version ${key.version} in the offsets topic is left out`);
        break;
    }
  }

  private endTransaction(producerId: number, marker: LogRecord): void {
    const byGroup = this.transactional.get(producerId);
    this.transactional.delete(producerId);
    if (!byGroup || controlType(marker.key) !== 'commit') return;
    for (const [groupId, offsets] of byGroup) {
      const visible = entryOf(this.offsets, groupId);
      for (const [key, offset] of offsets) {
        const present = visible.get(key);
        if (!present || present.recordOffset < offset.recordOffset) visible.set(key, offset);
      }
    }
  }

  private transactionOf(producerId: number): Map<string, Offsets> {
    let byGroup = this.transactional.get(producerId);
    if (!byGroup) {
      byGroup = new Map();
      this.transactional.set(producerId, byGroup);
    }
    return byGroup;
  }

  private decodeGroup(groupId: string, bytes: Buffer): GroupState | null {
    try {
      return GroupState.load(groupId, decodeGroupValue(bytes));
    } catch (error) {
      this.logger.warn(`The record of group ${groupId} cannot be read and is left out`, error);
      return null;
    }
  }
}

function entryOf(map: Map<string, Offsets>, groupId: string): Offsets {
  let offsets = map.get(groupId);
  if (!offsets) {
    offsets = new Map();
    map.set(groupId, offsets);
  }
  return offsets;
}
