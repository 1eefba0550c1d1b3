/** Builds record batches v2: plain, idempotent, transactional, and markers that end a transaction. */
import * as header from './batch-header';
import { compress, compressionIdOf, type CompressionName } from './compression';
import { writeEndTransactionMarker, type EndTransactionMarker } from './control-record';
import { recordBodySize, writeRecord, type NewRecord } from './record';
import { varintSize } from './varint';

export interface BuildBatchOptions {
  /** Offset of the first record; 0 when left out, as producers send it. */
  baseOffset?: number;
  partitionLeaderEpoch?: number;
  compression?: CompressionName;
  compressionLevel?: number;
  /** Of an idempotent or transactional producer. */
  producerId?: number;
  producerEpoch?: number;
  baseSequence?: number;
  transactional?: boolean;
  control?: boolean;
  /** All records get this timestamp, and the batch is marked as stamped by the broker. */
  logAppendTimeMs?: bigint;
}

/**
 * One batch that holds `records`, in order.
 * @throws RangeError without records
 */
export function buildBatch(records: readonly NewRecord[], options: BuildBatchOptions = {}): Buffer {
  const first = records[0];
  if (first === undefined) throw new RangeError('A batch needs at least one record');
  const body = encodeRecords(records, first.timestamp);
  const codec = options.compression ?? 'none';
  const packed =
    codec === 'none' ? null : compress(codec, body.subarray(header.BATCH_HEADER_BYTES), options.compressionLevel);
  const bytes = packed ? Buffer.allocUnsafe(header.BATCH_HEADER_BYTES + packed.length) : body;
  packed?.copy(bytes, header.BATCH_HEADER_BYTES);
  const logAppendTime = options.logAppendTimeMs;
  header.writeBatchHeader(bytes, 0, {
    baseOffset: options.baseOffset ?? 0,
    sizeBytes: bytes.length,
    partitionLeaderEpoch: options.partitionLeaderEpoch ?? header.NO_PARTITION_LEADER_EPOCH,
    attributes: header.toAttributes({
      compressionId: compressionIdOf(codec),
      logAppendTime: logAppendTime !== undefined,
      transactional: options.transactional ?? false,
      control: options.control ?? false,
    }),
    lastOffsetDelta: records.length - 1,
    baseTimestamp: first.timestamp,
    maxTimestamp: logAppendTime ?? largestTimestamp(records),
    producerId: options.producerId ?? header.NO_PRODUCER_ID,
    producerEpoch: options.producerEpoch ?? header.NO_PRODUCER_EPOCH,
    baseSequence: options.baseSequence ?? header.NO_SEQUENCE,
    recordCount: records.length,
  });
  return bytes;
}

/** The marker by which a transaction coordinator ends a producer's transaction in a partition. */
export function buildEndTransactionMarker(
  marker: EndTransactionMarker & { timestamp: bigint; producerId: number; producerEpoch: number },
): Buffer {
  const { key, value } = writeEndTransactionMarker(marker);
  return buildBatch([{ timestamp: marker.timestamp, key, value }], {
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    transactional: true,
    control: true,
  });
}

/** The records one after the other, with room for the header before them. */
function encodeRecords(records: readonly NewRecord[], baseTimestamp: bigint): Buffer {
  let totalBytes = header.BATCH_HEADER_BYTES;
  const bodySizes: number[] = [];
  records.forEach((record, offsetDelta) => {
    const bodySize = recordBodySize(record, record.timestamp - baseTimestamp, offsetDelta);
    bodySizes.push(bodySize);
    totalBytes += varintSize(bodySize) + bodySize;
  });
  const bytes = Buffer.allocUnsafe(totalBytes);
  let at = header.BATCH_HEADER_BYTES;
  records.forEach((record, offsetDelta) => {
    const bodySize = bodySizes[offsetDelta] as number;
    at = writeRecord(bytes, at, record, { timestampDelta: record.timestamp - baseTimestamp, offsetDelta, bodySize });
  });
  return bytes;
}

function largestTimestamp(records: readonly NewRecord[]): bigint {
  let largest = header.NO_TIMESTAMP;
  for (const record of records) if (record.timestamp > largest) largest = record.timestamp;
  return largest;
}
