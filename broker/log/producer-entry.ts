/**
 * What a log remembers of one producer id, and the checks on what that producer sends next (KIP-98, KIP-360).
 *
 * An entry keeps the producer's epoch, its last five batches (a producer has at most five requests under way, so a
 * batch that is sent again is one of them), the coordinator epoch of its last marker and its open transaction.
 */
import { batch } from '../../protocol/records';
import { KafkaError } from '../../protocol/errors';
import type { AppendOrigin } from './types';

export const REMEMBERED_BATCHES = 5;
const MAX_SEQUENCE = 0x7fff_ffff;

export interface RememberedBatch {
  lastSequence: number;
  lastOffset: number;
  offsetDelta: number;
  timestamp: bigint;
}

export class ProducerEntry {
  epoch = batch.NO_PRODUCER_EPOCH;
  coordinatorEpoch = -1;
  /** Largest timestamp of the last batch or marker. */
  lastTimestamp = batch.NO_TIMESTAMP;
  /** Offset of the first record of the open transaction; -1 when none is open. */
  currentTransactionFirstOffset = -1;
  /** The latest last. */
  readonly batches: RememberedBatch[] = [];

  constructor(readonly producerId: number) {}

  get lastSequence(): number {
    return this.batches.at(-1)?.lastSequence ?? batch.NO_SEQUENCE;
  }

  get lastDataOffset(): number {
    return this.batches.at(-1)?.lastOffset ?? -1;
  }

  get lastOffsetDelta(): number {
    return this.batches.at(-1)?.offsetDelta ?? 0;
  }

  /** The remembered batch with the same epoch and sequence numbers: the producer sends it again. */
  findDuplicate(epoch: number, firstSequence: number, lastSequence: number): RememberedBatch | null {
    if (epoch !== this.epoch) return null;
    for (const remembered of this.batches) {
      if (remembered.lastSequence !== lastSequence) continue;
      if (batch.addToSequence(remembered.lastSequence, -remembered.offsetDelta) === firstSequence) return remembered;
    }
    return null;
  }

  /** Takes in a data batch that has been appended. */
  addBatch(epoch: number, added: RememberedBatch): void {
    this.startEpoch(epoch);
    this.batches.push(added);
    if (this.batches.length > REMEMBERED_BATCHES) this.batches.shift();
    this.lastTimestamp = added.timestamp;
  }

  /** Takes over the last batches as the log has them, in order, if they end with the last one that is known. */
  recall(batches: readonly RememberedBatch[]): void {
    if (batches.at(-1)?.lastOffset === this.lastDataOffset) this.batches.splice(0, this.batches.length, ...batches);
  }

  /** Takes in a marker that has been appended. */
  endTransaction(epoch: number, coordinatorEpoch: number, timestamp: bigint): void {
    this.startEpoch(epoch);
    this.coordinatorEpoch = coordinatorEpoch;
    this.lastTimestamp = timestamp;
    this.currentTransactionFirstOffset = -1;
  }

  private startEpoch(epoch: number): void {
    if (epoch === this.epoch) return;
    this.epoch = epoch;
    this.batches.length = 0;
  }
}

/** Where a check stands, for the text of its errors. */
export interface CheckContext {
  partitionName: string;
  offset: number;
}

/**
 * Checks the epoch of a batch or marker.
 * @throws KafkaError INVALID_PRODUCER_EPOCH when a newer instance of the producer has written here
 */
export function checkProducerEpoch(entry: ProducerEntry, epoch: number, context: CheckContext): void {
  if (epoch >= entry.epoch) return;
  throw new KafkaError(
    'INVALID_PRODUCER_EPOCH',
    `Producer ${entry.producerId} wrote to ${context.partitionName} with epoch ${entry.epoch}; ` +
      `a batch for offset ${context.offset} comes with the older epoch ${epoch}`,
  );
}

/**
 * Checks that a client's batch follows the one before it.
 * @throws KafkaError OUT_OF_ORDER_SEQUENCE_NUMBER when something between them is missing
 */
export function checkSequence(entry: ProducerEntry, epoch: number, firstSequence: number, context: CheckContext): void {
  // Nothing is known of the producer, perhaps because retention removed it: whatever comes is its beginning.
  if (entry.epoch === batch.NO_PRODUCER_EPOCH) return;
  if (epoch !== entry.epoch) {
    if (firstSequence === 0) return;
    throw outOfOrder(entry, context, `epoch ${epoch} begins with sequence number ${firstSequence} instead of 0`);
  }
  const expected = entry.lastSequence === MAX_SEQUENCE ? 0 : entry.lastSequence + 1;
  if (firstSequence !== expected) {
    throw outOfOrder(entry, context, `sequence number ${firstSequence} follows ${entry.lastSequence}`);
  }
}

function outOfOrder(entry: ProducerEntry, context: CheckContext, text: string): KafkaError {
  return new KafkaError(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `Producer ${entry.producerId} is out of order in ${context.partitionName} at offset ${context.offset}: ${text}`,
  );
}

/** Checks that a batch outside of transactions does not come in the middle of one. @throws KafkaError INVALID_TXN_STATE */
export function checkTransactional(entry: ProducerEntry, isTransactional: boolean, context: CheckContext): void {
  if (entry.currentTransactionFirstOffset < 0 || isTransactional) return;
  throw new KafkaError(
    'INVALID_TXN_STATE',
    `Producer ${entry.producerId} has an open transaction in ${context.partitionName}; ` +
      `a batch for offset ${context.offset} is not part of it`,
  );
}

/** Checks that a marker does not come from a deposed coordinator. @throws KafkaError TRANSACTION_COORDINATOR_FENCED */
export function checkCoordinatorEpoch(
  entry: ProducerEntry,
  coordinatorEpoch: number,
  origin: AppendOrigin,
  context: CheckContext,
): void {
  if (origin === 'replication' || coordinatorEpoch >= entry.coordinatorEpoch) return;
  throw new KafkaError(
    'TRANSACTION_COORDINATOR_FENCED',
    `A marker for producer ${entry.producerId} in ${context.partitionName} comes with coordinator epoch ` +
      `${coordinatorEpoch}; ${entry.coordinatorEpoch} has been seen`,
  );
}
