/** kafka-consumer-groups --reset-offsets: works out new offsets, shows them, and commits them with --execute. */
import { readFile } from 'node:fs/promises';
import type { ClusterClient } from '../../client';
import type { TopicPartition } from '../../protocol';
import { CommandError, type CommandIo } from '../command';
import type { GroupsOptions } from './options';
import { findOffsets, OffsetSpec } from '../offsets/list-offsets';
import { UsageError } from '../options';
import { commitOffsets, fetchCommitted } from './committed-offsets';
import { byPartition, describeGroup, listConsumerGroups } from './lookup';
import { namedPartitions } from './scope';
import { tableLines } from './table';
import { parseDateTime, parseDuration } from './times';

/** The ways to say where to; exactly one must be given. */
export const SCENARIOS = [
  'to-offset',
  'shift-by',
  'to-datetime',
  'by-duration',
  'to-earliest',
  'to-latest',
  'to-current',
  'from-file',
] as const;

type NewOffset = TopicPartition & { offset: number };

export async function resetOffsets(cluster: ClusterClient, given: GroupsOptions, io: CommandIo): Promise<void> {
  const names = given.has('all-groups')
    ? (await listConsumerGroups(cluster)).map(({ groupId }) => groupId)
    : [...new Set(given.texts('group'))];
  const plans: [string, NewOffset[]][] = [];
  for (const name of names) {
    const { groupState } = await describeGroup(cluster, name);
    if (groupState !== 'Empty' && groupState !== 'Dead') {
      io.stdout.write(
        `\nError: Assignments can only be reset if the group '${name}' is inactive, but the current state is ${groupState}.\n`,
      );
      plans.push([name, []]);
      continue;
    }
    const offsets = (await newOffsets(cluster, name, given, io)).toSorted(byPartition);
    if (given.has('execute')) await commitOffsets(cluster, name, offsets);
    plans.push([name, offsets]);
  }
  if (given.has('export')) printCsv(plans, given.texts('group').length === 1, io);
  else printPlan(plans, io);
}

function printPlan(plans: readonly [string, NewOffset[]][], io: CommandIo): void {
  const rows = plans.flatMap(([group, offsets]) =>
    offsets.map(({ topic, partition, offset }) => [group, topic, String(partition), String(offset)]),
  );
  const lines = tableLines(['GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET'], rows, [30, 30, 10]);
  io.stdout.write(`\n${lines.join('\n')}\n`);
}

function printCsv(plans: readonly [string, NewOffset[]][], oneGroup: boolean, io: CommandIo): void {
  for (const [group, offsets] of plans) {
    for (const { topic, partition, offset } of offsets) {
      io.stdout.write(`${oneGroup ? '' : `${group},`}${topic},${partition},${offset}\n`);
    }
  }
  io.stdout.write('\n');
}

async function scopeOf(cluster: ClusterClient, groupId: string, given: GroupsOptions): Promise<TopicPartition[]> {
  if (given.has('all-topics')) return fetchCommitted(cluster, groupId, null);
  if (!given.has('topic')) throw new UsageError('One of the reset scopes should be defined: --all-topics, --topic.');
  const { known, unknownTopics } = await namedPartitions(cluster, given.texts('topic'));
  if (unknownTopics.length > 0) throw new CommandError(`There is no topic ${unknownTopics.join(', ')}.`);
  return known;
}

async function newOffsets(
  cluster: ClusterClient,
  groupId: string,
  given: GroupsOptions,
  io: CommandIo,
): Promise<NewOffset[]> {
  if (given.has('from-file')) return withinRange(cluster, await planFromFile(groupId, given, io), io);
  const scope = await scopeOf(cluster, groupId, given);
  if (given.has('to-offset')) {
    const offset = given.number('to-offset') ?? 0;
    return withinRange(
      cluster,
      scope.map(({ topic, partition }) => ({ topic, partition, offset })),
      io,
    );
  }
  if (given.has('to-earliest')) return atTime(cluster, scope, OffsetSpec.EARLIEST);
  if (given.has('to-latest')) return atTime(cluster, scope, OffsetSpec.LATEST);
  if (given.has('shift-by'))
    return withinRange(cluster, await shifted(cluster, groupId, scope, given.number('shift-by') ?? 0), io);
  if (given.has('to-current')) return current(cluster, groupId, scope);
  const pointInTime = given.has('to-datetime')
    ? parseDateTime(given.text('to-datetime') ?? '')
    : io.clock.nowMs() - parseDuration(given.text('by-duration') ?? '');
  return since(cluster, scope, BigInt(Math.trunc(pointInTime)), io);
}

async function atTime(
  cluster: ClusterClient,
  scope: readonly TopicPartition[],
  timestamp: bigint,
): Promise<NewOffset[]> {
  const found = await findOffsets(
    cluster,
    scope.map(({ topic, partition }) => ({ topic, partition, timestamp })),
  );
  return found.map(({ topic, partition, offset, error }) => {
    if (error)
      throw new CommandError(`Error getting the offset of topic partition: ${topic}-${partition}: ${error.meaning}`);
    return { topic, partition, offset };
  });
}

/** The first record of that time or later; the end where there is none. */
async function since(
  cluster: ClusterClient,
  scope: readonly TopicPartition[],
  timestamp: bigint,
  io: CommandIo,
): Promise<NewOffset[]> {
  const found = await atTime(cluster, scope, timestamp);
  const without = found.filter(({ offset }) => offset < 0);
  for (const { topic, partition } of without) {
    io.stdout.write(
      `\nWarn: Partition ${partition} from topic ${topic} is empty. Falling back to latest known offset.\n`,
    );
  }
  return [...found.filter(({ offset }) => offset >= 0), ...(await atTime(cluster, without, OffsetSpec.LATEST))];
}

function offsetOf(offsets: readonly NewOffset[], wanted: TopicPartition): number | undefined {
  return offsets.find(({ topic, partition }) => topic === wanted.topic && partition === wanted.partition)?.offset;
}

async function shifted(
  cluster: ClusterClient,
  groupId: string,
  scope: readonly TopicPartition[],
  by: number,
): Promise<NewOffset[]> {
  const committed = await fetchCommitted(cluster, groupId, null);
  return scope.map(({ topic, partition }) => {
    const offset = offsetOf(committed, { topic, partition });
    if (offset === undefined) {
      throw new UsageError(
        `Cannot shift offset for partition ${topic}-${partition} since there is no current committed offset`,
      );
    }
    return { topic, partition, offset: offset + by };
  });
}

async function current(
  cluster: ClusterClient,
  groupId: string,
  scope: readonly TopicPartition[],
): Promise<NewOffset[]> {
  const committed = await fetchCommitted(cluster, groupId, null);
  const without = scope.filter((entry) => offsetOf(committed, entry) === undefined);
  const kept = scope.flatMap(({ topic, partition }) => {
    const offset = offsetOf(committed, { topic, partition });
    return offset === undefined ? [] : [{ topic, partition, offset }];
  });
  return [...kept, ...(await atTime(cluster, without, OffsetSpec.LATEST))];
}

/** Moves offsets that lie outside of the log to its nearer end. */
async function withinRange(cluster: ClusterClient, wanted: readonly NewOffset[], io: CommandIo): Promise<NewOffset[]> {
  const starts = await atTime(cluster, wanted, OffsetSpec.EARLIEST);
  const ends = await atTime(cluster, wanted, OffsetSpec.LATEST);
  return wanted.map(({ topic, partition, offset }) => {
    const name = `${topic}-${partition}`;
    const start = offsetOf(starts, { topic, partition }) ?? 0;
    const end = offsetOf(ends, { topic, partition }) ?? 0;
    const moved = Math.min(Math.max(offset, start), end);
    if (moved !== offset) {
      const which = offset > end ? 'higher than latest' : 'lower than earliest';
      io.stderr.write(
        `WARN New offset (${offset}) is ${which} offset for topic partition ${name}. Value will be set to ${moved}\n`,
      );
    }
    return { topic, partition, offset: moved };
  });
}

/** `topic,partition,offset` lines, or `group,topic,partition,offset`. */
async function planFromFile(groupId: string, given: GroupsOptions, io: CommandIo): Promise<NewOffset[]> {
  const file = given.text('from-file') ?? '';
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CommandError(`Cannot read ${file}: ${error.message}`);
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const plan = lines.map((line) => parsePlanLine(line, given.texts('group')));
  const own = plan.filter(({ group }) => group === groupId);
  if (own.length === 0) io.stdout.write(`\nError: No reset plan for group ${groupId} found\n`);
  return own.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
}

function parsePlanLine(line: string, groups: readonly string[]): NewOffset & { group: string } {
  const cells = line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  const [group, topic, partition, offset] = cells.length === 3 ? [groups[0], ...cells] : cells;
  if (cells.length > 4 || !group || !topic || !/^\d+$/.test(partition ?? '') || !/^\d+$/.test(offset ?? '')) {
    throw new CommandError(`'${line}' is not topic,partition,offset or group,topic,partition,offset`);
  }
  return { group, topic, partition: Number(partition), offset: Number(offset) };
}
