/**
 * What a leader checks and changes in a batch before it goes into the log (Kafka's LogValidator). Its records
 * are walked over, decompressed where needed; each is looked at only where the topic's configuration asks that.
 */
import {
  batch,
  buildBatch,
  checkBatchBounds,
  checkRecordCount,
  compressionName,
  forEachRecordOutline,
  readRecords,
  RecordsError,
  type CompressionName,
  type RecordOutline,
} from '../../protocol/records';
import { KafkaError } from '../../protocol/errors';
import { isCompacted, LONG_MAX, type LogConfig } from './log-config';
import type { AppendOrigin, RecordErrorDetail } from './types';

/** A batch was refused for the sake of some of its records (KIP-467). */
export class RejectedRecordsError extends KafkaError {
  constructor(
    error: 'INVALID_RECORD' | 'INVALID_TIMESTAMP',
    readonly recordErrors: RecordErrorDetail[],
  ) {
    const shown = recordErrors.slice(0, 3).map((detail) => `record ${detail.batchIndex}: ${detail.message}`);
    super(
      error,
      `${recordErrors.length} records of the batch are not acceptable; the first ones are ${shown.join('; ')}`,
    );
    this.name = 'RejectedRecordsError';
  }
}

export interface PreparedBatch {
  /** The batch, ready for its offset. */
  bytes: Buffer;
  logAppendTimeMs: bigint;
}

/**
 * Checks a batch and gives it its base offset, leader epoch and, where the topic wants that, the broker's time. Changes
 * `records` in place; makes a new batch only where the topic's codec is another one than the producer's.
 * @throws KafkaError, when the batch cannot be taken
 */
export function prepareLeaderBatch(
  records: Buffer,
  config: Readonly<LogConfig>,
  place: { baseOffset: number; leaderEpoch: number; origin: AppendOrigin; nowMs: number; partitionName: string },
): PreparedBatch {
  const bytes = onlyBatch(records);
  if (place.origin === 'client') checkClientHeader(bytes);
  checkSize(bytes, config.maxBatchBytes, place.partitionName);
  if (!batch.isCrcValid(bytes)) {
    throw new RecordsError('CORRUPT_MESSAGE', `The checksum of a batch for ${place.partitionName} is wrong`);
  }
  const codec = compressionName(batch.compressionId(bytes));
  checkRecords(bytes, codec, config, place);
  const stampMs = config.timestampType === 'LogAppendTime' ? BigInt(place.nowMs) : null;
  const wanted = targetCodec(config, codec, bytes);
  const prepared = wanted === codec ? bytes : recompress(bytes, wanted, config);
  if (prepared !== bytes) checkSize(prepared, config.maxBatchBytes, place.partitionName);
  batch.setBaseOffset(prepared, 0, place.baseOffset);
  batch.setPartitionLeaderEpoch(prepared, 0, place.leaderEpoch);
  if (stampMs !== null) batch.setLogAppendTime(prepared, 0, stampMs);
  else if (batch.isLogAppendTime(prepared)) batch.setCreateTime(prepared, 0, batch.maxTimestamp(prepared));
  return { bytes: prepared, logAppendTimeMs: stampMs ?? -1n };
}

/** A leader takes one batch at a time; what is left of a second, cut-off one is not looked at. */
function onlyBatch(records: Buffer): Buffer {
  const sizeBytes = checkBatchBounds(records, 0);
  if (sizeBytes === records.length) return records;
  const rest = records.subarray(sizeBytes);
  if (rest.length >= batch.HEADER_BYTES_UP_TO_MAGIC && batch.batchSizeBytes(rest) <= rest.length) {
    throw new RecordsError('INVALID_RECORD', 'More than one record batch in one append');
  }
  return records.subarray(0, sizeBytes);
}

function checkClientHeader(bytes: Buffer): void {
  const firstOffset = batch.baseOffset(bytes);
  const count = batch.recordCount(bytes);
  const delta = batch.lastOffsetDelta(bytes);
  if (firstOffset !== 0) {
    throw new RecordsError('INVALID_RECORD', `A producer's batch begins at offset 0, not ${firstOffset}`);
  }
  if (count <= 0 || delta + 1 !== count) {
    throw new RecordsError('INVALID_RECORD', `A batch claims ${count} records and a last offset of ${delta}`);
  }
  if (batch.isControl(bytes)) throw new RecordsError('INVALID_RECORD', 'Clients may not write control records');
  if (batch.hasProducerId(bytes) && batch.baseSequence(bytes) < 0) {
    throw new RecordsError(
      'INVALID_RECORD',
      `A batch with a producer id has sequence number ${batch.baseSequence(bytes)}`,
    );
  }
}

function checkSize(bytes: Buffer, maxBatchBytes: number, partitionName: string): void {
  if (bytes.length <= maxBatchBytes) return;
  throw new KafkaError(
    'MESSAGE_TOO_LARGE',
    `A record batch of ${bytes.length} bytes for ${partitionName} exceeds max.message.bytes (${maxBatchBytes})`,
  );
}

/** What is known of where a batch goes, for the checks and their words. */
interface AppendPlace {
  nowMs: number;
  partitionName: string;
}

/** Reads each record where the configuration asks for it; otherwise only walks over them, to see that all are there. */
function checkRecords(bytes: Buffer, codec: CompressionName, config: Readonly<LogConfig>, place: AppendPlace): void {
  const checksTimestamps = config.timestampType === 'CreateTime';
  if (!checksTimestamps && batch.isLogAppendTime(bytes)) {
    const message = 'A producer may not stamp records with LogAppendTime';
    throw new RejectedRecordsError('INVALID_TIMESTAMP', [{ batchIndex: 0, message }]);
  }
  const limitsTimestamps =
    checksTimestamps && (config.timestampBeforeMaxMs < LONG_MAX || config.timestampAfterMaxMs < LONG_MAX);
  withReadableRecords(codec, place.partitionName, () => {
    if (isCompacted(config) || limitsTimestamps) checkEachRecord(bytes, config, place, limitsTimestamps);
    else checkRecordCount(bytes, 0);
  });
}

/**
 * A body that its codec cannot read would stop every consumer that comes to it. Kafka calls that failure its own
 * (UNKNOWN_SERVER_ERROR); records that lack or are left over in a readable body are INVALID_RECORD.
 */
function withReadableRecords(codec: CompressionName, partitionName: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    const unreadable = codec !== 'none' && error instanceof RecordsError && error.errorName === 'CORRUPT_MESSAGE';
    if (!unreadable) throw error;
    throw new KafkaError('UNKNOWN_SERVER_ERROR', `A batch for ${partitionName} is no ${codec}: ${error.message}`);
  }
}

function checkEachRecord(
  bytes: Buffer,
  config: Readonly<LogConfig>,
  { nowMs, partitionName }: AppendPlace,
  limitsTimestamps: boolean,
): void {
  const errors: RecordErrorDetail[] = [];
  let timestampWrong = false;
  const needsKey = isCompacted(config) && !batch.isControl(bytes);
  forEachRecordOutline(bytes, 0, (outline, batchIndex) => {
    if (needsKey && !outline.hasKey) {
      errors.push({ batchIndex, message: `A record of the compacted topic of ${partitionName} needs a key` });
    } else if (limitsTimestamps && isOutOfTime(outline, config, nowMs)) {
      timestampWrong = true;
      errors.push({ batchIndex, message: outOfTime(outline, config, { nowMs, partitionName }) });
    }
  });
  if (errors.length > 0)
    throw new RejectedRecordsError(timestampWrong ? 'INVALID_TIMESTAMP' : 'INVALID_RECORD', errors);
}

/** Says what is allowed, as the producer's clock is more often wrong than the broker's. */
function outOfTime({ timestamp }: RecordOutline, config: Readonly<LogConfig>, place: AppendPlace): string {
  const { timestampBeforeMaxMs: before, timestampAfterMaxMs: after } = config;
  const earliest = before < LONG_MAX ? ` from ${place.nowMs - before}` : '';
  const latest = after < LONG_MAX ? ` up to ${place.nowMs + after}` : '';
  return `Timestamp ${timestamp} of a record for ${place.partitionName} is too far from the broker's time: allowed is${earliest}${latest}`;
}

function isOutOfTime(outline: RecordOutline, config: Readonly<LogConfig>, nowMs: number): boolean {
  if (outline.timestamp === batch.NO_TIMESTAMP) return false;
  const ageMs = nowMs - Number(outline.timestamp);
  return ageMs > config.timestampBeforeMaxMs || -ageMs > config.timestampAfterMaxMs;
}

/** Control batches are written as they come, which is uncompressed. */
function targetCodec(config: Readonly<LogConfig>, codec: CompressionName, bytes: Buffer): CompressionName {
  if (config.compressionType === 'producer' || batch.isControl(bytes)) return codec;
  return config.compressionType === 'uncompressed' ? 'none' : config.compressionType;
}

function recompress(bytes: Buffer, codec: CompressionName, config: Readonly<LogConfig>): Buffer {
  const levels: Partial<Record<CompressionName, number>> = config.compressionLevels;
  return buildBatch(readRecords(bytes), {
    compression: codec,
    compressionLevel: levels[codec],
    producerId: batch.producerId(bytes),
    producerEpoch: batch.producerEpoch(bytes),
    baseSequence: batch.baseSequence(bytes),
    transactional: batch.isTransactional(bytes),
  });
}
