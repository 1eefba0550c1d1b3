/** Reassignments that are under way, and starting and cancelling them. */
import type { ClusterClient } from '../../client';
import { errorForCode, type TopicPartition } from '../../protocol';
import {
  alterPartitionReassignments,
  type AlterPartitionReassignmentsResponse,
  listPartitionReassignments,
} from '../../protocol/apis';
import { groupByTopic } from '../groups/committed-offsets';
import { kafkaError } from '../topics/names';
import { byPartition, partitionName, type PartitionReplicas } from './assignment';
import { TerseFailure } from './terse-failure';

export interface Reassignment extends PartitionReplicas {
  /** All of the partition's replicas now, those that come and those that go included. */
  replicas: readonly number[];
  adding: readonly number[];
  removing: readonly number[];
}

/** @param partitions null for all of the cluster */
export async function currentReassignments(
  cluster: ClusterClient,
  partitions: readonly TopicPartition[] | null = null,
): Promise<Map<string, Reassignment>> {
  const topics =
    partitions === null ? null : groupByTopic(partitions).map(([name, its]) => ({ name, partitionIndexes: its }));
  const answer = await cluster.toController(listPartitionReassignments, { topics }, ({ errorCode }) => errorCode);
  if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, answer.errorMessage);
  const found = new Map<string, Reassignment>();
  for (const { name: topic, partitions: its } of answer.topics) {
    for (const { partitionIndex: partition, replicas, addingReplicas, removingReplicas } of its) {
      const place = { topic, partition };
      found.set(partitionName(place), { ...place, replicas, adding: addingReplicas, removing: removingReplicas });
    }
  }
  return found;
}

/** The text of --list. */
export function describeReassignments(current: ReadonlyMap<string, Reassignment>): string {
  if (current.size === 0) return 'No partition reassignments found.';
  const lines = [...current.values()].toSorted(byPartition).map(({ replicas, adding, removing, ...place }) => {
    const coming = adding.length === 0 ? '' : ` adding: ${adding.join(',')}.`;
    const going = removing.length === 0 ? '' : ` removing: ${removing.join(',')}.`;
    return `${partitionName(place)}: replicas: ${replicas.join(',')}.${coming}${going}`;
  });
  return `Current partition reassignments:\n${lines.join('\n')}`;
}

function errorCodeOf({ errorCode }: AlterPartitionReassignmentsResponse): number {
  return errorCode;
}

export interface Refusal extends TopicPartition {
  text: string;
}

/**
 * Starts reassignments, or cancels those whose replicas are null. Gives the partitions that the controller refused.
 * @throws KafkaError when it refused the request as a whole
 */
export async function alterReassignments(
  cluster: ClusterClient,
  wanted: readonly (TopicPartition & { replicas: readonly number[] | null })[],
): Promise<Refusal[]> {
  const topics = [...new Set(wanted.map(({ topic }) => topic))].map((name) => ({
    name,
    partitions: wanted
      .filter(({ topic }) => topic === name)
      .map(({ partition, replicas }) => ({ partitionIndex: partition, replicas })),
  }));
  const answer = await cluster.toController(alterPartitionReassignments, { topics }, errorCodeOf);
  if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, answer.errorMessage);
  return answer.responses
    .flatMap(({ name: topic, partitions }) =>
      partitions
        .filter(({ errorCode }) => errorCode !== 0)
        .map(({ partitionIndex: partition, errorCode, errorMessage }) => {
          return { topic, partition, text: errorMessage || errorForCode(errorCode).meaning };
        }),
    )
    .toSorted(byPartition);
}

/** @throws TerseFailure with a line for each partition that was refused */
export function failOnRefusals(refusals: readonly Refusal[], title: string): void {
  if (refusals.length === 0) return;
  throw new TerseFailure(
    `${title}\n${refusals.map((refusal) => `${partitionName(refusal)}: ${refusal.text}`).join('\n')}`,
  );
}
