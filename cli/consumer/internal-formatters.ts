/** How records of __consumer_offsets are printed: as JSON (KIP-1020), or in the older one-line form. */
import { contains, type Message } from '../../protocol';
import {
  decodeVersioned,
  groupMetadataKey,
  groupMetadataValue,
  offsetCommitKey,
  offsetCommitValue,
  readVersion,
} from '../../protocol/internal';
import { type Json, messageToJson } from './message-json';
import type { ConsumedRecord } from './records';

/** Offsets only, as JSON. */
export function offsetsFormatter(record: ConsumedRecord): Buffer | null {
  if (record.key === null || !isOffsetKey(record.key)) return null;
  return jsonLine(offsetCommitKey, offsetCommitValue, record);
}

/** Groups only, as JSON. */
export function groupMetadataFormatter(record: ConsumedRecord): Buffer | null {
  if (record.key === null || readVersion(record.key) !== groupMetadataKey.versions.max) return null;
  return jsonLine(groupMetadataKey, groupMetadataValue, record);
}

/** Offsets only: `[group,topic,partition]::OffsetAndMetadata(...)`. */
export function legacyOffsetsFormatter(record: ConsumedRecord): Buffer | null {
  if (record.key === null || !isOffsetKey(record.key)) return null;
  const { group, topic, partition } = decodeVersioned(offsetCommitKey, record.key);
  return Buffer.from(`[${group},${topic},${partition}]::${legacyValue(record.value)}\n`);
}

function legacyValue(bytes: Buffer | null): string {
  if (bytes === null) return 'NULL';
  const value = decodeVersioned(offsetCommitValue, bytes);
  const leaderEpoch = value.leaderEpoch < 0 ? 'Optional.empty' : `Optional[${value.leaderEpoch}]`;
  const expires = value.expireTimestamp < 0n ? 'None' : `Some(${value.expireTimestamp})`;
  return (
    `OffsetAndMetadata(offset=${value.offset}, leaderEpoch=${leaderEpoch}, metadata=${value.metadata}, ` +
    `commitTimestamp=${value.commitTimestamp}, expireTimestamp=${expires})`
  );
}

function isOffsetKey(key: Buffer): boolean {
  return contains(offsetCommitKey.versions, readVersion(key));
}

function jsonLine(keyMessage: Message, valueMessage: Message, record: ConsumedRecord): Buffer {
  const json = { key: versioned(keyMessage, record.key), value: versioned(valueMessage, record.value) };
  return Buffer.from(`${JSON.stringify(json)}\n`);
}

function versioned(message: Message, bytes: Buffer | null): Json | null {
  if (bytes === null) return null;
  const version = readVersion(bytes);
  if (!contains(message.versions, version)) return { version, data: 'unknown' };
  return { version, data: messageToJson(message, decodeVersioned(message, bytes), version) };
}
