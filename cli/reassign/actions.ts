/** What kafka-reassign-partitions does: generate, execute, verify, cancel, list. */
import type { ClusterClient } from '../../client';
import { systemRandom } from '../../runtime/random';
import { CommandError, type CommandIo } from '../command';
import {
  assignmentJson,
  byPartition,
  checkAssignment,
  duplicates,
  parseAssignment,
  parseTopics,
  partitionName,
  type PartitionReplicas,
} from './assignment';
import { describeMove, executeMoves, findMoves, isActive } from './directories';
import { type BrokerRack, proposeReplicas } from './propose';
import {
  alterReassignments,
  currentReassignments,
  describeReassignments,
  failOnRefusals,
  type Reassignment,
} from './reassignments';
import { replicasOfExistingTopics, replicasOfPartitions, replicasOfTopics } from './replicas';
import { TerseFailure } from './terse-failure';
import { clearThrottles, movesOf, throttleDirectories, throttleMoves } from './throttles';

export interface ActionContext {
  cluster: ClusterClient;
  io: CommandIo;
  print(line: string): void;
}

function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** Prints where the partitions of some topics are, and a proposal for them on certain brokers. */
export async function generate(
  { cluster, print }: ActionContext,
  topicsJson: string,
  brokerList: string,
  rackAware: boolean,
): Promise<void> {
  const brokers = parseBrokerList(brokerList);
  const topics = parseTopics(topicsJson);
  const twice = duplicates(topics);
  if (twice.length > 0)
    throw new CommandError(`List of topics to reassign contains duplicate entries: [${twice.join(', ')}]`);
  const current = await replicasOfExistingTopics(cluster, topics);
  const racks = await racksOf(cluster, brokers, rackAware);
  const proposed = topics.flatMap((topic) => {
    const its = current.filter((entry) => entry.topic === topic);
    const replicas = proposeReplicas(racks, its.length, its[0]?.replicas.length ?? 0, systemRandom);
    return replicas.map((each, partition): PartitionReplicas => ({ topic, partition, replicas: each }));
  });
  print(`Current partition replica assignment\n${assignmentJson(current)}\n`);
  print(`Proposed partition reassignment configuration\n${assignmentJson(proposed)}`);
}

function parseBrokerList(text: string): number[] {
  const brokers = text.split(',').map((each) => {
    if (!/^\d+$/.test(each)) throw new CommandError(`--broker-list: '${each}' is no broker id`);
    return Number(each);
  });
  const twice = duplicates(brokers);
  if (twice.length > 0) throw new CommandError(`Broker list contains duplicate entries: [${twice.join(', ')}]`);
  return brokers;
}

async function racksOf(cluster: ClusterClient, wanted: readonly number[], rackAware: boolean): Promise<BrokerRack[]> {
  const brokers = (await cluster.metadata([])).brokers
    .filter(({ nodeId }) => wanted.includes(nodeId))
    .map(({ nodeId, rack }) => ({ id: nodeId, rack: rackAware ? rack : null }));
  const withoutRack = brokers.filter(({ rack }) => rack === null).length;
  if (withoutRack === 0 || withoutRack === brokers.length) return brokers;
  throw new CommandError(
    'Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information.',
  );
}

export interface ExecuteOptions {
  additional: boolean;
  /** Bytes a second; negative for no limit. */
  throttle: number;
  directoryThrottle: number;
  timeoutMs: number;
}

/** Starts reassignments. */
export async function execute(context: ActionContext, json: string, options: ExecuteOptions): Promise<void> {
  const { cluster, io, print } = context;
  const assignment = parseAssignment(json);
  checkAssignment(assignment);
  const { partitions, directories } = assignment;
  const current = await currentReassignments(cluster);
  if (!options.additional && current.size > 0) {
    throw new TerseFailure(
      'Cannot execute because there is an existing partition assignment.  Use --additional to override this and ' +
        'create a new partition assignment in addition to the existing one. The --additional flag can also be used ' +
        'to change the throttle by resubmitting the current reassignment.',
    );
  }
  await checkBrokers(cluster, partitions);
  const now = await replicasOfPartitions(cluster, partitions);
  print(
    `Current partition replica assignment\n\n${assignmentJson(now)}\n\nSave this to use as the --reassignment-json-file option during rollback`,
  );
  if (options.throttle >= 0 || options.directoryThrottle >= 0) {
    print(
      'Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.',
    );
  }
  if (options.throttle >= 0) await throttleMoves(cluster, movesOf(current, partitions, now), options.throttle, print);
  if (options.directoryThrottle >= 0) {
    const brokers = [...new Set(directories.map(({ broker }) => broker))];
    await throttleDirectories(cluster, brokers, options.directoryThrottle, print);
  }
  failOnRefusals(await alterReassignments(cluster, partitions), 'Error reassigning partition(s):');
  const names = partitions.toSorted(byPartition).map(partitionName);
  print(`Successfully started partition ${plural('reassignment', names.length)} for ${names.join(',')}`);
  if (directories.length > 0) await executeMoves(cluster, directories, options.timeoutMs, io);
}

async function checkBrokers(cluster: ClusterClient, partitions: readonly PartitionReplicas[]): Promise<void> {
  const alive = new Set((await cluster.metadata([])).brokers.map(({ nodeId }) => nodeId));
  const unknown = partitions.flatMap(({ replicas }) => replicas).find((broker) => !alive.has(broker));
  if (unknown !== undefined) throw new CommandError(`Unknown broker id ${unknown}`);
}

/** Tells how far reassignments are; when none is left, clears the throttles. */
export async function verify({ cluster, print }: ActionContext, json: string, keepsThrottles: boolean): Promise<void> {
  const { partitions, directories } = parseAssignment(json);
  const current = await currentReassignments(cluster);
  const now = await replicasOfTopics(
    cluster,
    partitions.map(({ topic }) => topic),
  );
  const lines = partitions.toSorted(byPartition).map((target) => describePartition(target, current, now));
  print(['Status of partition reassignment:', ...lines].join('\n'));
  const moves = await findMoves(cluster, directories);
  print(moves.map(describeMove).join('\n'));
  if (current.size === 0 && !moves.some(isActive) && !keepsThrottles) await clearThrottles(cluster, partitions, print);
}

function describePartition(
  target: PartitionReplicas,
  current: ReadonlyMap<string, Reassignment>,
  now: readonly PartitionReplicas[],
): string {
  const name = partitionName(target);
  if (current.has(name)) return `Reassignment of partition ${name} is still in progress.`;
  const has = (now.find((entry) => partitionName(entry) === name)?.replicas ?? []).join(',');
  const wanted = target.replicas.join(',');
  if (has === wanted) return `Reassignment of partition ${name} is completed.`;
  return `There is no active reassignment of partition ${name}, but replica set is ${has} rather than ${wanted}.`;
}

/** Takes reassignments back that are under way. */
export async function cancel(
  context: ActionContext,
  json: string,
  keepsThrottles: boolean,
  timeoutMs: number,
): Promise<void> {
  const { cluster, io, print } = context;
  const { partitions, directories } = parseAssignment(json);
  const active = [...(await currentReassignments(cluster, partitions)).values()].toSorted(byPartition);
  if (active.length === 0) {
    print('None of the specified partition reassignments are active.');
  } else {
    const refusals = await alterReassignments(
      cluster,
      active.map((each) => ({ ...each, replicas: null })),
    );
    failOnRefusals(refusals, `Error cancelling partition ${plural('reassignment', refusals.length)} for:`);
    const names = active.map(partitionName).join(',');
    print(`Successfully cancelled partition ${plural('reassignment', active.length)} for: ${names}`);
  }
  const moving = (await findMoves(cluster, directories)).filter(isActive);
  if (moving.length === 0) {
    print('None of the specified partition moves are active.');
  } else {
    const back = moving.map((move) => ({ ...move, directory: move.place.current ?? move.directory }));
    await executeMoves(cluster, back, timeoutMs, io);
  }
  if (!keepsThrottles) await clearThrottles(cluster, partitions, print);
}

export async function list({ cluster, print }: ActionContext): Promise<void> {
  print(describeReassignments(await currentReassignments(cluster)));
}
