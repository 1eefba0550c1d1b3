/**
 * Control records: what coordinators write into a log for the log's own use (KIP-98).
 *
 * ```
 * key:   version i16 | type i16 (0 abort, 1 commit)
 * value: version i16 | coordinatorEpoch i32                 (of an end-of-transaction marker)
 * ```
 */
import { RecordsError } from './records-error';

export type ControlType = 'abort' | 'commit' | 'other';

export interface EndTransactionMarker {
  type: 'abort' | 'commit';
  coordinatorEpoch: number;
}

const ABORT = 0;
const COMMIT = 1;
const CURRENT_VERSION = 0;

/** What kind of control record has this key; `other` for kinds that a data log does not act on. */
export function controlType(key: Buffer | null): ControlType {
  if (key === null || key.length < 4) {
    throw new RecordsError('INVALID_RECORD', "A control record's key is shorter than 4 bytes");
  }
  if (key.readInt16BE(0) < 0) throw new RecordsError('INVALID_RECORD', 'A control record has a negative version');
  const type = key.readInt16BE(2);
  if (type === ABORT) return 'abort';
  return type === COMMIT ? 'commit' : 'other';
}

/** The marker in a control record; null when it is another kind of control record. */
export function readEndTransactionMarker(key: Buffer | null, value: Buffer | null): EndTransactionMarker | null {
  const type = controlType(key);
  if (type === 'other') return null;
  if (value === null || value.length < 6) {
    throw new RecordsError('INVALID_RECORD', "An end-of-transaction marker's value is shorter than 6 bytes");
  }
  return { type, coordinatorEpoch: value.readInt32BE(2) };
}

/** Key and value of an end-of-transaction marker. */
export function writeEndTransactionMarker(marker: EndTransactionMarker): { key: Buffer; value: Buffer } {
  const key = Buffer.alloc(4);
  key.writeInt16BE(CURRENT_VERSION, 0);
  key.writeInt16BE(marker.type === 'commit' ? COMMIT : ABORT, 2);
  const value = Buffer.alloc(6);
  value.writeInt16BE(CURRENT_VERSION, 0);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  return { key, value };
}
