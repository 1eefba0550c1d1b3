/** `/admin/preferred_replica_election`, persistent: preferred leader elections asked for by old tools; deleted by the controller when handled. */
import { decodePartitionList, encodePartitionList, type NodePartition } from './topic-partitions';

export const PREFERRED_REPLICA_ELECTION_PATH = '/admin/preferred_replica_election';

export function encodePreferredReplicaElection(partitions: readonly NodePartition[]): Buffer {
  return encodePartitionList(partitions);
}

export function decodePreferredReplicaElection(data: Buffer | null): NodePartition[] {
  return decodePartitionList(data, PREFERRED_REPLICA_ELECTION_PATH);
}
