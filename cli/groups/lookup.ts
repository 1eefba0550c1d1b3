/** Groups as the cluster knows them. */
import type { ClusterClient } from '../../client';
import { errorForCode, KafkaError, type TopicPartition } from '../../protocol';
import { describeGroups, type DescribeGroupsResponse, listGroups, type ListGroupsResponse } from '../../protocol/apis';
import { CONSUMER_PROTOCOL_TYPE, decodeAssignment } from '../../protocol/internal';

export type ListedGroup = ListGroupsResponse['groups'][number];
export type DescribedGroup = DescribeGroupsResponse['groups'][number];
export type DescribedMember = DescribedGroup['members'][number];

/** Consumer groups of all brokers, each of which knows those that it coordinates; sorted by name. */
export async function listConsumerGroups(
  cluster: ClusterClient,
  statesFilter: readonly string[] = [],
  typesFilter: readonly string[] = [],
): Promise<ListedGroup[]> {
  const { brokers } = await cluster.metadata([]);
  const body = { statesFilter: [...statesFilter], typesFilter: [...typesFilter] };
  const answers = await Promise.all(brokers.map(({ nodeId }) => cluster.toBroker(nodeId, listGroups, body)));
  const groups = answers.flatMap((answer) => {
    if (answer.errorCode !== 0) throw new KafkaError(errorForCode(answer.errorCode));
    return answer.groups;
  });
  return groups
    .filter(({ protocolType }) => protocolType === CONSUMER_PROTOCOL_TYPE || protocolType === '')
    .toSorted((one, other) => (one.groupId < other.groupId ? -1 : 1));
}

/** One group. One that nobody knows is `Dead`. */
export async function describeGroup(cluster: ClusterClient, groupId: string): Promise<DescribedGroup> {
  const answer = await cluster.toCoordinator(
    groupId,
    describeGroups,
    { groups: [groupId], includeAuthorizedOperations: false },
    (response) => response.groups[0]?.errorCode ?? 0,
  );
  const group = answer.groups[0];
  if (!group) throw new KafkaError('UNKNOWN_SERVER_ERROR', `The coordinator said nothing about group ${groupId}`);
  if (group.errorCode !== 0) throw new KafkaError(errorForCode(group.errorCode));
  return group;
}

/** What a member reads. */
export function assignmentOf(member: DescribedMember): TopicPartition[] {
  return decodeAssignment(member.memberAssignment).assignedPartitions.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}

/** By topic, then by number. */
export function byPartition(one: TopicPartition, other: TopicPartition): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1;
  return one.partition - other.partition;
}
