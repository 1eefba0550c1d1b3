/**
 * Offset index (8 bytes an entry: relative offset, position) and time index (12 bytes: timestamp, relative offset) of a
 * segment, compared with its log. A broker of Apache Kafka gives the index of its active segment all the room it may
 * ever need, in zeros: the first zero entry after the front is taken for the end.
 */
import { resolve } from 'node:path';
import { batch, readRecords } from '../../protocol/records';
import { CommandError } from '../command';
import type { Findings } from './findings';
import { baseOffsetOf } from './log';
import { readWholeFile, SegmentReader } from './segment-reader';

export interface IndexDumpOptions {
  sanityOnly: boolean;
  verifyOnly: boolean;
  maxBatchBytes: number;
}

const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

/** The segment's log, which stands beside the index. */
function logBeside(file: string): string {
  return file.replace(/\.[a-z]+$/, '.log');
}

/** An index file with entries of one size. */
class IndexEntries {
  readonly bytes: Buffer;
  readonly baseOffset: number;

  constructor(
    readonly file: string,
    readonly entryBytes: number,
  ) {
    this.baseOffset = baseOffsetOf(file);
    this.bytes = readWholeFile(file);
  }

  get count(): number {
    return Math.floor(this.bytes.length / this.entryBytes);
  }

  checkSize(what: string): void {
    if (this.bytes.length % this.entryBytes === 0) return;
    throw new CommandError(
      `${what} ${resolve(this.file)} is corrupt, found ${this.bytes.length} bytes which is neither positive nor a multiple of ${this.entryBytes}`,
    );
  }
}

export function* dumpOffsetIndex(file: string, options: IndexDumpOptions, findings: Findings): Generator<string> {
  const index = new IndexEntries(file, OFFSET_ENTRY_BYTES);
  const log = new SegmentReader(logBeside(file));
  try {
    if (index.count === 0) {
      yield `${file} is empty.`;
      return;
    }
    if (options.sanityOnly) {
      checkOffsetIndex(index);
      yield `${file} passed sanity check.`;
      return;
    }
    for (let at = 0; at < index.count; at += 1) {
      const offset = index.baseOffset + index.bytes.readInt32BE(at * OFFSET_ENTRY_BYTES);
      const position = index.bytes.readInt32BE(at * OFFSET_ENTRY_BYTES + 4);
      if (offset === index.baseOffset && at > 0) return;
      const found = log.batchAt(position, options.maxBatchBytes);
      if (!found)
        throw new CommandError(
          `${file} points to position ${position} for offset ${offset}, where ${log.file} has no batch`,
        );
      const lastOffset = batch.lastOffset(found.bytes);
      if (lastOffset !== offset) findings.indexMismatch(resolve(file), offset, lastOffset);
      if (!options.verifyOnly) yield `offset: ${offset} position: ${position}`;
    }
  } finally {
    log.close();
  }
}

function checkOffsetIndex(index: IndexEntries): void {
  const lastOffset = index.baseOffset + index.bytes.readInt32BE((index.count - 1) * OFFSET_ENTRY_BYTES);
  if (lastOffset < index.baseOffset) {
    throw new CommandError(
      `Corrupt index found, index file ${resolve(index.file)} has non-zero size but the last offset is ${lastOffset} which is less than the base offset ${index.baseOffset}`,
    );
  }
  index.checkSize('Index file');
}

export function* dumpTimeIndex(file: string, options: IndexDumpOptions, findings: Findings): Generator<string> {
  const index = new IndexEntries(file, TIME_ENTRY_BYTES);
  const log = new SegmentReader(logBeside(file));
  try {
    if (options.sanityOnly) {
      checkTimeIndex(index);
      yield `${file} passed sanity check.`;
      return;
    }
    const batches = batchEnds(log);
    let previous = -1n;
    for (let at = 0; at < index.count; at += 1) {
      const { timestamp, offset } = timeEntry(index, at);
      if (offset === index.baseOffset && at > 0) return;
      compareWithLog(file, { timestamp, offset, previous }, batches, log, findings);
      if (!options.verifyOnly) yield `timestamp: ${timestamp} offset: ${offset}`;
      previous = timestamp;
    }
  } finally {
    log.close();
  }
}

function timeEntry(index: IndexEntries, at: number): { timestamp: bigint; offset: number } {
  const start = at * TIME_ENTRY_BYTES;
  return {
    timestamp: index.bytes.readBigInt64BE(start),
    offset: index.baseOffset + index.bytes.readInt32BE(start + 8),
  };
}

function checkTimeIndex(index: IndexEntries): void {
  if (index.count > 0) {
    const first = timeEntry(index, 0).timestamp;
    const last = timeEntry(index, index.count - 1);
    const complaint = `Corrupt time index found, time index file (${resolve(index.file)}) has non-zero size but the last`;
    if (last.timestamp < first) {
      throw new CommandError(
        `${complaint} timestamp is ${last.timestamp} which is less than the first timestamp ${first}`,
      );
    }
    if (last.offset < index.baseOffset) {
      throw new CommandError(
        `${complaint} offset is ${last.offset} which is less than the first offset ${index.baseOffset}`,
      );
    }
  }
  index.checkSize('Time index file');
}

interface BatchEnd {
  lastOffset: number;
  position: number;
}

function batchEnds(log: SegmentReader): BatchEnd[] {
  const ends: BatchEnd[] = [];
  for (const { position, bytes } of log.batches()) ends.push({ lastOffset: batch.lastOffset(bytes), position });
  return ends;
}

function compareWithLog(
  file: string,
  entry: { timestamp: bigint; offset: number; previous: bigint },
  batches: readonly BatchEnd[],
  log: SegmentReader,
  findings: Findings,
): void {
  const found = batches[firstAtOrAfter(batches, entry.offset)];
  if (!found || found.lastOffset !== entry.offset) {
    findings.offsetNotFound(resolve(file), entry.offset, found?.lastOffset ?? -1);
    return;
  }
  const stored = log.batchAt(found.position);
  let newest = -1n;
  for (const { timestamp } of stored ? readRecords(stored.bytes) : []) if (timestamp > newest) newest = timestamp;
  if (newest !== entry.timestamp) findings.timeMismatch(resolve(file), entry.timestamp, newest);
  if (entry.previous >= entry.timestamp) findings.timeOutOfOrder(resolve(file), entry.timestamp, entry.previous);
}

function firstAtOrAfter(batches: readonly BatchEnd[], offset: number): number {
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((batches[middle] as BatchEnd).lastOffset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
