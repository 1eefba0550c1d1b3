/**
 * What consumers tell each other through the group coordinator (protocol type `consumer`): each member its
 * subscription in JoinGroup, the group's leader everyone's assignment in SyncGroup. The coordinator itself looks inside
 * only for tools and for OffsetDelete. Rules: org.apache.kafka.clients.consumer.internals.ConsumerProtocol.
 */
import type { InputOf } from '../schema';
import { consumerProtocolAssignment, type ConsumerProtocolAssignment } from './consumer-protocol-assignment';
import { consumerProtocolSubscription, type ConsumerProtocolSubscription } from './consumer-protocol-subscription';
import { decodeForwardCompatible, encodeVersioned } from './versioned';

/** The protocol type under which consumers join. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';

export function encodeSubscription(
  subscription: InputOf<ConsumerProtocolSubscription>,
  version = consumerProtocolSubscription.versions.max,
): Buffer {
  return encodeVersioned(consumerProtocolSubscription, version, subscription);
}

/** ProtocolError when the bytes are not a subscription; versions newer than ours are read as ours. */
export function decodeSubscription(bytes: Buffer): ConsumerProtocolSubscription {
  return decodeForwardCompatible(consumerProtocolSubscription, bytes);
}

export function encodeAssignment(
  assignment: InputOf<ConsumerProtocolAssignment>,
  version = consumerProtocolAssignment.versions.max,
): Buffer {
  return encodeVersioned(consumerProtocolAssignment, version, assignment);
}

/**
 * ProtocolError when the bytes are not an assignment. A member without any partition may hold no bytes at all, which is
 * an empty assignment.
 */
export function decodeAssignment(bytes: Buffer): ConsumerProtocolAssignment {
  if (bytes.length === 0) return { assignedPartitions: [], userData: null };
  return decodeForwardCompatible(consumerProtocolAssignment, bytes);
}
