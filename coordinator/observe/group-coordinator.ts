/** Which broker coordinates a group: the leader of the partition of __consumer_offsets that the group's name falls on. */
import { leaderOf, type ClusterState } from './cluster-state';

/** Source: kafka.coordinator.group.GroupMetadataManager.partitionFor, over Java's String.hashCode. */
export function offsetsPartitionOf(groupId: string, partitions: number): number {
  let hash = 0;
  for (let i = 0; i < groupId.length; i++) hash = (Math.imul(hash, 31) + groupId.charCodeAt(i)) | 0;
  // Utils.abs: of the smallest int, which has no absolute value, it makes 0.
  const positive = hash === -0x8000_0000 ? 0 : Math.abs(hash);
  return positive % partitions;
}

/** Null while the partition has no leader, or nobody has ever used a group. */
export function coordinatorOf(groupId: string, state: ClusterState): number | null {
  const offsets = state.topics.get('__consumer_offsets')?.partitions;
  if (!offsets || offsets.length === 0) return null;
  const partition = offsets[offsetsPartitionOf(groupId, offsets.length)];
  return partition ? leaderOf(partition) : null;
}
