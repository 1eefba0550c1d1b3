/** Records as people see them: text where a key or value is UTF-8, else base64, shortened; and which of them are wanted. */
import type { LogRecord } from '../../protocol/records';
import { payloadOf } from '../recorder/payload';
import type { Payload, RecordView } from '../schemas';
import type { PlacedRecord } from './partition-reader';

/** What a record does not say itself. */
export interface RecordPlace extends Omit<PlacedRecord, 'record'> {
  topic: string;
  partition: number;
}

export function recordViewOf(record: LogRecord, place: RecordPlace, previewBytes: number): RecordView {
  const shown = (bytes: Buffer | null): Payload | null => (bytes === null ? null : payloadOf(bytes, previewBytes));
  return {
    topic: place.topic,
    partition: place.partition,
    offset: record.offset,
    timestampMs: Number(record.timestamp),
    timestampType: place.isLogAppendTime ? 'LogAppendTime' : 'CreateTime',
    leaderEpoch: place.leaderEpoch < 0 ? null : place.leaderEpoch,
    transaction: place.transaction,
    key: shown(record.key),
    value: shown(record.value),
    headers: record.headers.map(({ key, value }) => ({ key, value: shown(value) })),
  };
}

/** About how many bytes a view takes in an answer. */
export function viewBytes({ key, value, headers }: RecordView): number {
  const fixed = 250;
  const ofHeaders = headers.reduce((sum, header) => sum + header.key.length + (header.value?.text.length ?? 0), 0);
  return fixed + (key?.text.length ?? 0) + (value?.text.length ?? 0) + ofHeaders;
}

/** A test of records for bytes in key and value; null stands for no filter. */
export function recordFilter(
  key: string | undefined,
  value: string | undefined,
): ((record: LogRecord) => boolean) | null {
  if (!key && !value) return null;
  const has = (bytes: Buffer | null, wanted: string | undefined): boolean =>
    !wanted || (bytes !== null && bytes.includes(wanted, 0, 'utf8'));
  return (record) => has(record.key, key) && has(record.value, value);
}
