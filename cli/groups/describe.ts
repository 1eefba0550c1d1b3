/** kafka-consumer-groups --describe: offsets with lag, members, or state. */
import type { ClusterClient } from '../../client';
import type { TopicPartition } from '../../protocol';
import type { CommandIo } from '../command';
import type { GroupsOptions } from './options';
import { findOffsets, OffsetSpec } from '../offsets/list-offsets';
import { fetchCommitted } from './committed-offsets';
import { assignmentOf, byPartition, describeGroup, listConsumerGroups, type DescribedGroup } from './lookup';
import { tableLines } from './table';

export async function describeConsumerGroups(
  cluster: ClusterClient,
  given: GroupsOptions,
  io: CommandIo,
): Promise<void> {
  const names = given.has('all-groups')
    ? (await listConsumerGroups(cluster)).map(({ groupId }) => groupId)
    : [...new Set(given.texts('group'))];
  for (const name of names.toSorted()) {
    const group = await describeGroup(cluster, name);
    if (given.has('members')) printMembers(group, given.has('verbose'), io);
    else if (given.has('state')) await printState(cluster, group, io);
    else await printOffsets(cluster, group, io);
  }
}

function print(io: CommandIo, lines: readonly string[]): void {
  io.stdout.write(`\n${lines.map((line) => line.trimEnd()).join('\n')}\n`);
}

/** Says what is special about the group's state; false when there is nothing to show. */
function hasSomething(group: DescribedGroup, rows: number, io: CommandIo): boolean {
  if (group.groupState === 'Dead') {
    io.stdout.write(`\nError: Consumer group '${group.groupId}' does not exist.\n`);
  } else if (group.groupState === 'Empty') {
    io.stderr.write(`\nConsumer group '${group.groupId}' has no active members.\n`);
  } else if (group.groupState !== 'Stable') {
    io.stderr.write(`\nWarning: Consumer group '${group.groupId}' is rebalancing.\n`);
  }
  return group.groupState !== 'Dead' && rows > 0;
}

interface OffsetRow extends TopicPartition {
  member: DescribedGroup['members'][number] | null;
}

async function printOffsets(cluster: ClusterClient, group: DescribedGroup, io: CommandIo): Promise<void> {
  const committed = await fetchCommitted(cluster, group.groupId, null);
  const assigned: OffsetRow[] = group.members
    .map((member) => ({ member, partitions: assignmentOf(member).toSorted(byPartition) }))
    .toSorted((one, other) => other.partitions.length - one.partitions.length)
    .flatMap(({ member, partitions }) => partitions.map((partition) => ({ ...partition, member })));
  const isAssigned = (entry: TopicPartition): boolean =>
    assigned.some(({ topic, partition }) => topic === entry.topic && partition === entry.partition);
  const unassigned = committed.filter((entry) => !isAssigned(entry)).toSorted(byPartition);
  const rows: OffsetRow[] = [
    ...assigned,
    ...unassigned.map(({ topic, partition }) => ({ topic, partition, member: null })),
  ];
  if (!hasSomething(group, rows.length, io)) return;
  const ends = await endOffsets(cluster, rows);
  const cells = rows.map(({ topic, partition, member }, index) => {
    const offset = committed.find((entry) => entry.topic === topic && entry.partition === partition)?.offset ?? -1;
    const end = ends[index] ?? -1;
    return [
      group.groupId,
      topic,
      String(partition),
      offset < 0 ? '-' : String(offset),
      end < 0 ? '-' : String(end),
      offset < 0 || end < 0 ? '-' : String(end - offset),
      member?.memberId ?? '-',
      member?.clientHost ?? '-',
      member?.clientId ?? '-',
    ];
  });
  const head = [
    'GROUP',
    'TOPIC',
    'PARTITION',
    'CURRENT-OFFSET',
    'LOG-END-OFFSET',
    'LAG',
    'CONSUMER-ID',
    'HOST',
    'CLIENT-ID',
  ];
  print(io, tableLines(head, cells, [15, 15, 10, 15, 15, 15, 15, 15]));
}

/** The offset that each partition's next record gets; -1 where the partition is gone or has no leader. */
async function endOffsets(cluster: ClusterClient, partitions: readonly TopicPartition[]): Promise<number[]> {
  const { topics } = await cluster.metadata([...new Set(partitions.map(({ topic }) => topic))]);
  const isLed = ({ topic, partition }: TopicPartition): boolean =>
    topics.some(
      ({ name, partitions: its }) =>
        name === topic && its.some((each) => each.partitionIndex === partition && each.leaderId >= 0),
    );
  const queries = partitions
    .filter(isLed)
    .map(({ topic, partition }) => ({ topic, partition, timestamp: OffsetSpec.LATEST }));
  const found = await findOffsets(cluster, queries);
  return partitions.map(
    ({ topic, partition }) => found.find((each) => each.topic === topic && each.partition === partition)?.offset ?? -1,
  );
}

/** Kafka prints the head of this table, and of no other, for a group without members or unknown, too. */
function printMembers(group: DescribedGroup, verbose: boolean, io: CommandIo): void {
  hasSomething(group, group.members.length, io);
  const withInstance = group.members.some(({ groupInstanceId }) => groupInstanceId);
  const rows = group.members.map((member) => {
    const partitions = assignmentOf(member);
    return [
      group.groupId,
      member.memberId,
      ...(withInstance ? [member.groupInstanceId ?? ''] : []),
      member.clientHost,
      member.clientId,
      String(partitions.length),
      verbose ? assignmentText(partitions) : '',
    ];
  });
  const instance = withInstance ? ['GROUP-INSTANCE-ID'] : [];
  const head = ['GROUP', 'CONSUMER-ID', ...instance, 'HOST', 'CLIENT-ID', '#PARTITIONS', verbose ? 'ASSIGNMENT' : ''];
  print(io, tableLines(head, rows, [15, 15, ...(withInstance ? [17] : []), 15, 15, 15]));
}

/** `orders(0,1), payments(2)` */
function assignmentText(partitions: readonly TopicPartition[]): string {
  if (partitions.length === 0) return '-';
  const topics = [...new Set(partitions.map(({ topic }) => topic))].toSorted();
  return topics
    .map(
      (name) =>
        `${name}(${partitions
          .filter(({ topic }) => topic === name)
          .toSorted(byPartition)
          .map(({ partition }) => partition)
          .join(',')})`,
    )
    .join(', ');
}

async function printState(cluster: ClusterClient, group: DescribedGroup, io: CommandIo): Promise<void> {
  if (!hasSomething(group, 1, io)) return;
  const coordinatorId = await cluster.findCoordinator(group.groupId);
  const broker = (await cluster.metadata([])).brokers.find(({ nodeId }) => nodeId === coordinatorId);
  const coordinator = `${broker?.host ?? '?'}:${broker?.port ?? '?'}  (${coordinatorId})`;
  const row = [group.groupId, coordinator, group.protocolData, group.groupState, String(group.members.length)];
  const width = Math.max(25, coordinator.length);
  print(
    io,
    tableLines(['GROUP', 'COORDINATOR (ID)', 'ASSIGNMENT-STRATEGY', 'STATE', '#MEMBERS'], [row], [width, 25, 20, 15]),
  );
}
