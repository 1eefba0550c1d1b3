/** Records of one partition that travel together. */
import type { NewRecord } from '../../protocol/records';

/** Where an acknowledged record went. */
export interface Acknowledgement {
  topic: string;
  partition: number;
  /** -1 with acks=0. */
  offset: number;
}

export type OnDone = (error: Error | null, acknowledgement: Acknowledgement | null) => void;

/** Bytes of a record besides its key, value and headers, at most. */
const RECORD_OVERHEAD_BYTES = 24;

export function recordBytes(record: NewRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const header of record.headers ?? []) bytes += 10 + header.key.length * 2 + (header.value?.length ?? 0);
  return bytes;
}

export class Batch {
  readonly records: NewRecord[] = [];
  private readonly callbacks: (OnDone | null)[] = [];
  bytes = 0;
  attempts = 0;
  /** First sequence number, given when the batch is first sent. */
  baseSequence = -1;

  constructor(readonly createdMs: number) {}

  add(record: NewRecord, bytes: number, onDone: OnDone | null): void {
    this.records.push(record);
    this.callbacks.push(onDone);
    this.bytes += bytes;
  }

  succeed(topic: string, partition: number, baseOffset: number): void {
    for (const [index, callback] of this.callbacks.entries()) {
      callback?.(null, { topic, partition, offset: baseOffset < 0 ? -1 : baseOffset + index });
    }
  }

  fail(error: Error): void {
    for (const callback of this.callbacks) callback?.(error, null);
  }
}
