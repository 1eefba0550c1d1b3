/** Writes entries of ZooKeeper's transaction log, to read them back or to be read while they are written. */
import { adler32 } from '../../zookeeper/transaction-log/adler32';

/** A value of jute: a number is an int, a bigint a long, a string a string, a buffer (or null) a buffer. */
export type Jute = number | bigint | string | boolean | Buffer | null | readonly Jute[];

/** An array is a vector: its length, then its elements. */
export function jute(...values: Jute[]): Buffer {
  return Buffer.concat(values.map(one));
}

function one(value: Jute): Buffer {
  if (typeof value === 'number') return int(value);
  if (typeof value === 'bigint') return long(value);
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0]);
  if (typeof value === 'string') return Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)]);
  if (value === null) return int(-1);
  if (Buffer.isBuffer(value)) return Buffer.concat([int(value.length), value]);
  return Buffer.concat([int((value as readonly Jute[]).length), ...(value as readonly Jute[]).map(one)]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

export const fileHeader = Buffer.concat([Buffer.from('ZKLG'), int(2), long(0n)]);

/** One access control entry, as an open node has it. */
export const openAcl: Buffer = Buffer.concat([int(1), int(31), jute('world', 'anyone')]);

export interface EntryToWrite {
  zxid: bigint;
  type: number;
  record?: Buffer;
  session?: bigint;
  timeMs?: number;
  /** As ZooKeeper 3.6 and later write it; true when left out. */
  digest?: boolean;
}

/** What stands in a log for one transaction, without the checksum, the length and the end mark. */
export function transactionBytes({
  zxid,
  type,
  record,
  session = 1n,
  timeMs = 1_000,
  digest = true,
}: EntryToWrite): Buffer {
  const header = jute(session, 7, zxid, BigInt(timeMs), type);
  return Buffer.concat([header, record ?? Buffer.alloc(0), digest ? jute(2, 0x1234n) : Buffer.alloc(0)]);
}

export function logEntry(entry: EntryToWrite): Buffer {
  const bytes = transactionBytes(entry);
  return Buffer.concat([long(BigInt(adler32(bytes))), int(bytes.length), bytes, Buffer.from('B')]);
}

/** A persistent node that is created; `parentCVersion` counts the creations below its parent. */
export function createRecord(path: string, data: Buffer | null, ephemeral = false, parentCVersion = 1): Buffer {
  return Buffer.concat([jute(path, data), openAcl, jute(ephemeral, parentCVersion)]);
}
