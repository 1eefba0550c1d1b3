/** A segment's batches and records, as lines. */
import { basename, resolve } from 'node:path';
import {
  batch,
  compressionName,
  controlType,
  type LogRecord,
  readEndTransactionMarker,
  readRecords,
} from '../../protocol/records';
import { CommandError } from '../command';
import type { RecordDecoder } from './decoders';
import type { Findings } from './findings';
import { SegmentReader, type StoredBatch } from './segment-reader';

export interface LogDumpOptions {
  printsRecords: boolean;
  isDeep: boolean;
  skipsRecordMetadata: boolean;
  maxBytes: number;
  decode: RecordDecoder;
}

/** Yields the lines; gaps between offsets become findings. */
export function* dumpLog(file: string, options: LogDumpOptions, findings: Findings): Generator<string> {
  yield `Log starting offset: ${baseOffsetOf(file)}`;
  const reader = new SegmentReader(file, options.maxBytes);
  try {
    let validBytes = 0;
    let lastOffset = -1;
    for (const stored of reader.batches()) {
      yield batchLine(stored);
      if (options.isDeep) {
        for (const record of readRecords(stored.bytes)) {
          if (lastOffset >= 0 && record.offset !== lastOffset + 1) {
            findings.nonConsecutive(resolve(file), lastOffset, record.offset);
          }
          lastOffset = record.offset;
          yield recordLine(stored.bytes, record, options);
        }
      }
      validBytes += stored.bytes.length;
    }
    const trailingBytes = reader.sizeBytes - validBytes;
    if (trailingBytes > 0 && options.maxBytes === Infinity) {
      yield `Found ${trailingBytes} invalid bytes at the end of ${basename(file)}`;
    }
  } finally {
    reader.close();
  }
}

/** The offset in a file's name. @throws CommandError when there is none */
export function baseOffsetOf(file: string): number {
  const [digits = ''] = basename(file).split('.');
  if (!/^\d+$/.test(digits))
    throw new CommandError(`The name of ${file} does not begin with an offset, as that of a segment's file does`);
  return Number(digits);
}

function timestampType(bytes: Buffer): string {
  return batch.isLogAppendTime(bytes) ? 'LogAppendTime' : 'CreateTime';
}

function batchLine({ position, bytes }: StoredBatch): string {
  const baseSequence = batch.baseSequence(bytes);
  const isWhole = bytes.length >= batch.BATCH_HEADER_BYTES;
  return [
    `baseOffset: ${batch.baseOffset(bytes)} lastOffset: ${batch.lastOffset(bytes)} count: ${batch.recordCount(bytes)}`,
    `baseSequence: ${baseSequence} lastSequence: ${sequenceAfter(baseSequence, batch.lastOffsetDelta(bytes))}`,
    `producerId: ${batch.producerId(bytes)} producerEpoch: ${batch.producerEpoch(bytes)}`,
    `partitionLeaderEpoch: ${batch.partitionLeaderEpoch(bytes)} isTransactional: ${batch.isTransactional(bytes)}`,
    `isControl: ${batch.isControl(bytes)} deleteHorizonMs: ${optionalLong(batch.hasDeleteHorizon(bytes), batch.baseTimestamp(bytes))}`,
    `position: ${position} ${timestampType(bytes)}: ${batch.maxTimestamp(bytes)} size: ${bytes.length} magic: ${batch.magic(bytes)}`,
    `compresscodec: ${compressionName(batch.compressionId(bytes))} crc: ${batch.storedCrc(bytes)} isvalid: ${isWhole && batch.isCrcValid(bytes)}`,
  ].join(' ');
}

function sequenceAfter(baseSequence: number, delta: number): number {
  return baseSequence < 0 ? batch.NO_SEQUENCE : batch.addToSequence(baseSequence, delta);
}

/** As Java prints an OptionalLong. */
export function optionalLong(present: boolean, value: bigint | number): string {
  return present ? `OptionalLong[${value}]` : 'OptionalLong.empty';
}

function recordLine(bytes: Buffer, record: LogRecord, options: LogDumpOptions): string {
  const isControl = batch.isControl(bytes);
  let line = '';
  let prefix = '| ';
  if (!options.skipsRecordMetadata) {
    line = `${prefix}${recordMetadata(bytes, record)}${isControl ? controlText(record) : ''}`;
    prefix = ' ';
  }
  if (!options.printsRecords || isControl) return line;
  const { key, payload } = options.decode(record);
  if (key !== null) {
    line += `${prefix}key: ${key}`;
  }
  return payload === null ? line : `${line} payload: ${payload}`;
}

function recordMetadata(bytes: Buffer, { offset, timestamp, key, value, headers }: LogRecord): string {
  const sequence = sequenceAfter(batch.baseSequence(bytes), offset - batch.baseOffset(bytes));
  return (
    `offset: ${offset} ${timestampType(bytes)}: ${timestamp} keySize: ${key?.length ?? -1} valueSize: ${value?.length ?? -1}` +
    ` sequence: ${sequence} headerKeys: [${headers.map((header) => header.key).join(',')}]`
  );
}

function controlText({ key, value }: LogRecord): string {
  const marker = readEndTransactionMarker(key, value);
  if (marker) return ` endTxnMarker: ${marker.type.toUpperCase()} coordinatorEpoch: ${marker.coordinatorEpoch}`;
  return ` controlType: ${controlType(key).toUpperCase()}(${key?.readInt16BE(2) ?? -1})`;
}
