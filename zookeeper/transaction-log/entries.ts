/**
 * Cuts a transaction log file (version-2/log.<zxid of its first transaction>) into entries:
 *
 *     FileHeader: magic int 'ZKLG', version int 2, dbid long
 *     per transaction: Adler-32 long, length int, that many bytes, 'B'
 *     zeroes: the file is allocated ahead of what is written
 *
 * Pure: given bytes and a position. Whoever follows a log that is still written sees `end` or `short` where nothing more
 * stands yet, and also errors, as an entry may be written in parts.
 */
import { adler32 } from './adler32';
import { TransactionLogError } from './error';
import { decodeTransaction, type Transaction } from './transaction';

export const FILE_HEADER_BYTES = 16;
const MAGIC = 0x5a4b4c47;
const FORMAT_VERSION = 2;
/** Checksum and length of an entry. */
export const ENTRY_HEAD_BYTES = 12;
const END_MARK = 0x42;

/** Far above jute.maxbuffer (1 MiB by default), which bounds a transaction; a length beyond is damage. */
export const MOST_TRANSACTION_BYTES = 16 * 1024 * 1024;

/** @throws TransactionLogError of fault `header` */
export function checkFileHeader(bytes: Buffer): void {
  if (bytes.length < FILE_HEADER_BYTES) throw new TransactionLogError('header', `only ${bytes.length} bytes`);
  if (bytes.readUInt32BE(0) !== MAGIC) throw new TransactionLogError('header', `magic ${bytes.toString('hex', 0, 4)}`);
  const version = bytes.readInt32BE(4);
  if (version !== FORMAT_VERSION) throw new TransactionLogError('header', `version ${version}`);
}

export type Entry =
  | { kind: 'transaction'; transaction: Transaction; nextOffset: number }
  /** Zeroes, or no bytes at all: nothing has been written here yet. */
  | { kind: 'end' }
  /** The entry goes on beyond the bytes given; so many are needed from `offset` on to read further. */
  | { kind: 'short'; neededBytes: number };

/**
 * Reads the entry at `offset`.
 * @throws TransactionLogError
 */
export function readEntry(bytes: Buffer, offset: number): Entry {
  const there = bytes.length - offset;
  if (there <= 0) return { kind: 'end' };
  if (there < ENTRY_HEAD_BYTES) return { kind: 'short', neededBytes: ENTRY_HEAD_BYTES };
  const length = bytes.readInt32BE(offset + 8);
  // No transaction has no bytes. A checksum without a length is one whose length has not been written yet.
  if (length === 0) return { kind: 'end' };
  if (length < 0 || length > MOST_TRANSACTION_BYTES) throw new TransactionLogError('length', `${length} bytes`);
  const neededBytes = ENTRY_HEAD_BYTES + length + 1;
  if (there < neededBytes) return { kind: 'short', neededBytes };
  const start = offset + ENTRY_HEAD_BYTES;
  const end = start + length;
  if (bytes[end] !== END_MARK) throw new TransactionLogError('end-mark', `byte ${bytes[end]} at ${end}`);
  const record = bytes.subarray(start, end);
  const checksum = bytes.readBigInt64BE(offset);
  if (checksum !== BigInt(adler32(record))) throw new TransactionLogError('checksum', `of ${length} bytes`);
  return { kind: 'transaction', transaction: decodeTransaction(record), nextOffset: end + 1 };
}

/**
 * The zxid in the name of a log file, null when it is none.
 * @param name e.g. `log.1a`
 */
export function zxidOfLogFile(name: string): bigint | null {
  const match = /^log\.([0-9a-f]{1,16})$/.exec(name);
  return match ? BigInt(`0x${match[1]}`) : null;
}
