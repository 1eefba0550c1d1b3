/**
 * `/admin/reassign_partitions`, persistent: reassignments asked for by tools that write to ZooKeeper themselves.
 * `{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[1,2]}]}`. The controller rewrites it as
 * reassignments complete and deletes it after the last.
 */
import { decodeJson, encodeJson } from './json';
import type { NodePartition } from './topic-partitions';

export const REASSIGN_PARTITIONS_PATH = '/admin/reassign_partitions';

export interface RequestedReassignment extends NodePartition {
  replicas: number[];
}

export function encodeReassignPartitions(partitions: readonly RequestedReassignment[]): Buffer {
  return encodeJson({
    version: 1,
    partitions: partitions.map(({ topic, partition, replicas }) => ({ topic, partition, replicas })),
  });
}

export function decodeReassignPartitions(data: Buffer | null): RequestedReassignment[] {
  return decodeJson(data, REASSIGN_PARTITIONS_PATH)
    .objectArray('partitions')
    .map((json) => ({
      topic: json.string('topic'),
      partition: json.int('partition'),
      replicas: json.intArray('replicas'),
    }));
}
