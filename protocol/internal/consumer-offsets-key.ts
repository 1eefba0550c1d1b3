/**
 * Keys of __consumer_offsets. The version in front says what a record is about: 0 and 1 a committed offset, 2 a group's
 * metadata. Others come from newer brokers and are left alone (kafka.coordinator.group.GroupMetadataManager).
 */
import { contains } from '../schema';
import { groupMetadataKey } from './group-metadata-key';
import { offsetCommitKey } from './offset-commit-key';
import { decodeVersioned, readVersion } from './versioned';

export type ConsumerOffsetsKey =
  | { readonly kind: 'offset'; readonly group: string; readonly topic: string; readonly partition: number }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'unknown'; readonly version: number };

/** What a record of __consumer_offsets is about; ProtocolError when its key is broken. */
export function decodeConsumerOffsetsKey(key: Buffer): ConsumerOffsetsKey {
  const version = readVersion(key);
  if (contains(offsetCommitKey.versions, version)) return { kind: 'offset', ...decodeVersioned(offsetCommitKey, key) };
  if (contains(groupMetadataKey.versions, version)) return { kind: 'group', ...decodeVersioned(groupMetadataKey, key) };
  return { kind: 'unknown', version };
}
