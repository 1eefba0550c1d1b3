/**
 * A history: what clients did and what they were told, one operation after the other. Each client writes its own; times
 * are of the machine's monotonic clock, so that the operations of several processes can be compared.
 */
import { readFile, writeFile } from 'node:fs/promises';

/** The groups that read in a history: the one of Java's consumers, the one of kafkajs. */
export const GROUPS = ['java', 'kafkajs'] as const;

/** Whether it was done: `fail` means surely not, `unknown` that nobody was told, perhaps not even later. */
export type Outcome = 'ok' | 'fail' | 'unknown';

interface Timed {
  /** One client object in one life: a consumer that is closed and opened again is another process. */
  process: string;
  /** Microseconds; the client was called. */
  beginUs: number;
  /** Microseconds; the client answered. */
  endUs: number;
}

/** One record sent to one partition. Every value is sent once in a history. */
export interface Send extends Timed {
  op: 'send';
  partition: number;
  value: string;
  /** Null when it was not told, or the client does not know. */
  offset: number | null;
  outcome: Outcome;
}

/** A member of a group got partitions and will read from their committed offsets on. */
export interface Assign extends Timed {
  op: 'assign';
  group: string;
  partitions: number[];
}

/** What one call of a consumer gave, in its order: partition, offset, value. */
export interface Poll extends Timed {
  op: 'poll';
  group: string;
  records: [partition: number, offset: number, value: string][];
}

export interface Commit extends Timed {
  op: 'commit';
  group: string;
  /** Null when the client does not tell. */
  generation: number | null;
  offsets: [partition: number, offset: number][];
  outcome: Outcome;
}

/** Committed offsets were asked for and told; null for a partition that has none. */
export interface ReadCommitted extends Timed {
  op: 'committed';
  group: string;
  /** Asked while all brokers agreed on who coordinates the group; otherwise a stale coordinator may have answered. */
  settled: boolean;
  offsets: [partition: number, offset: number | null][];
}

/** All records of a partition, when everything was over. */
export interface StoredLog {
  op: 'log';
  partition: number;
  records: [offset: number, value: string][];
}

export type Operation = Send | Assign | Poll | Commit | ReadCommitted | StoredLog;

/** Microseconds of the clock that every process of this machine shares. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** Reads what a client has written, one operation a line. */
export async function readHistory(file: string): Promise<Operation[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Operation);
}

export async function writeHistory(file: string, operations: readonly Operation[]): Promise<void> {
  await writeFile(file, operations.map((operation) => `${JSON.stringify(operation)}\n`).join(''));
}
