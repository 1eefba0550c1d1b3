/**
 * Records of `__consumer_offsets`. Keys and values begin with an i16 version, then follow the (not flexible) bodies
 * that protocol/internal defines:
 *
 * ```
 * offset commit   key v1: group str16, topic str16, partition i32
 *                 value v3: offset i64, leaderEpoch i32, metadata str16, commitTimestamp i64
 *                 value v1, for an offset with its own expiry: offset, metadata, commitTimestamp, expireTimestamp
 * group metadata  key v2: group str16
 *                 value v3: protocolType, generation, protocol, leader, currentStateTimestamp, members
 * ```
 *
 * A record without value is a tombstone. Versions written are those of Kafka 3.9; all older ones are read, and the
 * flexible version 4. Keys of other versions belong to groups of a newer kind.
 */
import type { TopicPartition } from '../../protocol';
import {
  decodeVersioned,
  encodeVersioned,
  groupMetadataKey,
  groupMetadataValue,
  offsetCommitKey,
  offsetCommitValue,
  readVersion,
} from '../../protocol/internal';
import type { CommittedOffset } from './group-offsets';
import type { StoredGroup } from './group-state';
import { newMember } from './member';
import type { GroupSnapshot } from './step';

const OFFSET_KEY_VERSION = 1;
const GROUP_KEY_VERSION = 2;
const OFFSET_VALUE_VERSION = 3;
const OFFSET_VALUE_VERSION_WITH_EXPIRY = 1;
const GROUP_VALUE_VERSION = 3;

export function encodeOffsetKey(groupId: string, { topic, partition }: TopicPartition): Buffer {
  return encodeVersioned(offsetCommitKey, OFFSET_KEY_VERSION, { group: groupId, topic, partition });
}

export function encodeGroupKey(groupId: string): Buffer {
  return encodeVersioned(groupMetadataKey, GROUP_KEY_VERSION, { group: groupId });
}

export function encodeOffsetValue(committed: CommittedOffset): Buffer {
  const { offset, leaderEpoch, metadata, commitTimestampMs, expireTimestampMs } = committed;
  const fields = { offset, leaderEpoch, metadata, commitTimestamp: commitTimestampMs };
  if (expireTimestampMs === null) return encodeVersioned(offsetCommitValue, OFFSET_VALUE_VERSION, fields);
  const withExpiry = { ...fields, expireTimestamp: expireTimestampMs };
  return encodeVersioned(offsetCommitValue, OFFSET_VALUE_VERSION_WITH_EXPIRY, withExpiry);
}

export function encodeGroupValue(snapshot: GroupSnapshot): Buffer {
  return encodeVersioned(groupMetadataValue, GROUP_VALUE_VERSION, {
    protocolType: snapshot.protocolType,
    generation: snapshot.generation,
    protocol: snapshot.protocolName,
    leader: snapshot.leaderId,
    currentStateTimestamp: snapshot.stateSinceMs,
    members: snapshot.members.map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: member.subscription,
      assignment: member.assignment,
    })),
  });
}

/** @throws ProtocolError for bytes that are not what their version says, and for unknown versions */
export function decodeOffsetValue(bytes: Buffer, topicPartition: TopicPartition): CommittedOffset {
  const body = decodeVersioned(offsetCommitValue, bytes);
  return {
    topicPartition,
    offset: body.offset,
    leaderEpoch: body.leaderEpoch,
    metadata: body.metadata,
    commitTimestampMs: body.commitTimestamp,
    expireTimestampMs: body.expireTimestamp === -1n ? null : body.expireTimestamp,
  };
}

/** @throws ProtocolError for bytes that are not what their version says, and for unknown versions */
export function decodeGroupValue(bytes: Buffer): StoredGroup {
  const version = readVersion(bytes);
  const body = decodeVersioned(groupMetadataValue, bytes);
  return {
    protocolType: body.protocolType,
    generation: body.generation,
    protocolName: body.protocol,
    leaderId: body.leader,
    stateSinceMs: body.currentStateTimestamp === -1n ? null : body.currentStateTimestamp,
    members: body.members.map((member) => ({
      ...newMember({
        id: member.memberId,
        instanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        protocolType: body.protocolType,
        rebalanceTimeoutMs: version === 0 ? member.sessionTimeout : member.rebalanceTimeout,
        sessionTimeoutMs: member.sessionTimeout,
        // Slices of the log's bytes must not keep a whole read buffer alive.
        protocols: [{ name: body.protocol ?? '', metadata: Buffer.from(member.subscription) }],
      }),
      assignment: Buffer.from(member.assignment),
    })),
  };
}
