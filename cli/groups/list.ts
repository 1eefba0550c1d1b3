/** kafka-consumer-groups --list */
import type { ClusterClient } from '../../client';
import type { CommandIo } from '../command';
import type { GroupsOptions } from './options';
import { UsageError } from '../options';
import { listConsumerGroups } from './lookup';
import { tableLines } from './table';

const STATES = ['PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead', 'Empty', 'Assigning', 'Reconciling'];
const TYPES = ['Consumer', 'Classic', 'Share'];

export async function listGroupNames(cluster: ClusterClient, given: GroupsOptions, io: CommandIo): Promise<void> {
  const states = filterValues(given.text('state'), STATES, 'state', 'states');
  const types = filterValues(given.text('type'), TYPES, 'types', 'types');
  const groups = await listConsumerGroups(cluster, states, types);
  if (!given.has('state') && !given.has('type')) {
    for (const { groupId } of groups) io.stdout.write(`${groupId}\n`);
    return;
  }
  const columns = (type: string, state: string): string[] => [
    ...(given.has('type') ? [type] : []),
    ...(given.has('state') ? [state] : []),
  ];
  const rows = groups.map(({ groupId, groupType, groupState }) => [
    groupId,
    ...columns(capitalised(groupType) || 'Unknown', groupState || 'Unknown'),
  ]);
  const nameWidth = Math.max(15, ...groups.map(({ groupId }) => groupId.length)) + 10;
  const lines = tableLines(['GROUP', ...columns('TYPE', 'STATE')], rows, [nameWidth, 20, 20]);
  io.stdout.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`);
}

function filterValues(text: string | null, valid: readonly string[], name: string, plural: string): string[] {
  if (text === null || text === '') return [];
  return text.split(',').map((part) => {
    const found = valid.find((each) => each.toLowerCase() === part.trim().toLowerCase());
    if (found !== undefined) return found;
    throw new UsageError(`Invalid ${name} list '${text}'. Valid ${plural} are: ${valid.join(', ')}`);
  });
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
