/** kafka-consumer-groups --delete and --delete-offsets */
import type { ClusterClient } from '../../client';
import { errorForCode, Errors, type TopicPartition, type WireError } from '../../protocol';
import { deleteGroups, offsetDelete } from '../../protocol/apis';
import type { CommandIo } from '../command';
import type { GroupsOptions } from './options';
import { groupByTopic } from './committed-offsets';
import { byPartition, listConsumerGroups } from './lookup';
import { namedPartitions } from './scope';
import { tableLines } from './table';

export async function deleteConsumerGroups(cluster: ClusterClient, given: GroupsOptions, io: CommandIo): Promise<void> {
  const names = given.has('all-groups')
    ? (await listConsumerGroups(cluster)).map(({ groupId }) => groupId)
    : [...new Set(given.texts('group'))];
  const failed: [string, WireError][] = [];
  const deleted: string[] = [];
  for (const name of names) {
    const answer = await cluster.toCoordinator(
      name,
      deleteGroups,
      { groupsNames: [name] },
      (response) => response.results[0]?.errorCode ?? 0,
    );
    const error = errorForCode(answer.results[0]?.errorCode ?? 0);
    if (error === Errors.NONE) deleted.push(name);
    else failed.push([name, error]);
  }
  if (failed.length === 0) {
    io.stdout.write(`Deletion of requested consumer groups ('${deleted.join("', '")}') was successful.\n`);
    return;
  }
  io.stdout.write('\nError: Deletion of some consumer groups failed:\n');
  for (const [name, error] of failed) {
    io.stdout.write(`* Group '${name}' could not be deleted due to: ${error.name}: ${explain(error)}\n`);
  }
  if (deleted.length > 0) {
    io.stdout.write(`\nThese consumer groups were deleted successfully: '${deleted.join("', '")}'\n`);
  }
}

function explain(error: WireError): string {
  if (error === Errors.NON_EMPTY_GROUP) return 'the group has members; stop them first';
  if (error === Errors.GROUP_ID_NOT_FOUND) return 'there is no such group';
  return error.meaning;
}

export async function deleteGroupOffsets(cluster: ClusterClient, given: GroupsOptions, io: CommandIo): Promise<void> {
  const groupId = given.text('group') ?? '';
  const { known, unknownTopics } = await namedPartitions(cluster, given.texts('topic'));
  const answer = await cluster.toCoordinator(
    groupId,
    offsetDelete,
    {
      groupId,
      topics: groupByTopic(known).map(([name, partitions]) => ({
        name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
      })),
    },
    ({ errorCode }) => errorCode,
  );
  const partitionError = (entry: TopicPartition): WireError => {
    const partitions = answer.topics.find(({ name }) => name === entry.topic)?.partitions ?? [];
    const code =
      partitions.find(({ partitionIndex }) => partitionIndex === entry.partition)?.errorCode ?? answer.errorCode;
    return errorForCode(code);
  };
  const failures = known.map(partitionError).filter((error) => error !== Errors.NONE);
  printVerdict(
    errorForCode(answer.errorCode),
    failures.length + unknownTopics.length,
    groupId,
    given.texts('topic'),
    io,
  );
  const rows = known.toSorted(byPartition).map((entry) => {
    const error = partitionError(entry);
    return [entry.topic, String(entry.partition), error === Errors.NONE ? 'Successful' : `Error: :${error.meaning}`];
  });
  for (const topic of unknownTopics) rows.push([topic, 'Not Provided', 'Error: :There is no such topic']);
  const lines = tableLines(['TOPIC', 'PARTITION', 'STATUS'], rows, [30, 15]);
  io.stdout.write(`\n${lines.join('\n')}\n`);
}

function printVerdict(
  error: WireError,
  failures: number,
  groupId: string,
  topics: readonly string[],
  io: CommandIo,
): void {
  const texts: Readonly<Record<string, string>> = {
    INVALID_GROUP_ID: `'${groupId}' is not valid.`,
    GROUP_ID_NOT_FOUND: `'${groupId}' does not exist.`,
    GROUP_AUTHORIZATION_FAILED: `Access to '${groupId}' is not authorized.`,
    NON_EMPTY_GROUP: `Deleting offsets of a consumer group '${groupId}' is forbidden if the group is not empty.`,
  };
  if (error === Errors.NONE && failures === 0) {
    io.stdout.write(`Request succeed for deleting offsets with topic ${topics.join(', ')} group ${groupId}\n`);
  } else if (error === Errors.NONE) {
    io.stdout.write('\nError: Encounter some partition level error, see the follow-up details:\n');
  } else {
    io.stdout.write(`\nError: ${texts[error.name] ?? `Encounter some unknown error: ${error.name}`}\n`);
  }
}
