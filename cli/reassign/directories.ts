/** Moving replicas between the log directories of a broker, and how far that is. */
import type { ClusterClient } from '../../client';
import { errorForCode, Errors } from '../../protocol';
import { alterReplicaLogDirs, describeLogDirs } from '../../protocol/apis';
import { sleep } from '../../runtime/clock';
import { CommandError, type CommandIo } from '../command';
import { exceptionText } from '../exception-name';
import { byPartition, partitionName, type ReplicaDirectory } from './assignment';
import { TerseFailure } from './terse-failure';

/** Where a replica is, and where it is being moved to; null for nowhere. */
export interface ReplicaPlace {
  current: string | null;
  future: string | null;
}

export interface DirectoryMove extends ReplicaDirectory {
  place: ReplicaPlace;
}

const RETRY_PAUSE_MS = 100;

function replicaName(replica: ReplicaDirectory): string {
  return `${partitionName(replica)}-${replica.broker}`;
}

export function byReplica(one: ReplicaDirectory, other: ReplicaDirectory): number {
  return one.broker - other.broker || byPartition(one, other);
}

/** Asks the brokers where these replicas are. */
export async function findMoves(cluster: ClusterClient, wanted: readonly ReplicaDirectory[]): Promise<DirectoryMove[]> {
  const moves: DirectoryMove[] = [];
  for (const broker of new Set(wanted.map((replica) => replica.broker))) {
    const { results } = await cluster.toBroker(broker, describeLogDirs, { topics: null });
    for (const replica of wanted.filter((each) => each.broker === broker)) {
      const place: ReplicaPlace = { current: null, future: null };
      for (const { logDir, topics } of results) {
        const found = topics
          .find(({ name }) => name === replica.topic)
          ?.partitions.find(({ partitionIndex }) => partitionIndex === replica.partition);
        if (found) place[found.isFutureKey ? 'future' : 'current'] = logDir;
      }
      moves.push({ ...replica, place });
    }
  }
  return moves.toSorted(byReplica);
}

export function isActive({ place }: DirectoryMove): boolean {
  return place.current !== null && place.future !== null;
}

/** A line on one replica. */
export function describeMove(move: DirectoryMove): string {
  const { broker, directory, place } = move;
  const name = partitionName(move);
  if (place.current === null) {
    return `Partition ${name} is not found in any live log dir on broker ${broker}. There is likely an offline log directory on the broker.`;
  }
  if (place.future === null) {
    return place.current === directory
      ? `Reassignment of replica ${replicaName(move)} completed successfully.`
      : `Partition ${name} on broker ${broker} is not being moved from log dir ${place.current} to ${directory}.`;
  }
  return place.future === directory
    ? `Reassignment of replica ${replicaName(move)} is still in progress.`
    : `Partition ${name} on broker ${broker} is being moved to log dir ${place.future} instead of ${directory}.`;
}

/**
 * Starts moves. A replica that its broker does not have yet is asked for again until it has.
 * @throws TerseFailure or CommandError when some could not be started in time, or were refused
 */
export async function executeMoves(
  cluster: ClusterClient,
  wanted: readonly ReplicaDirectory[],
  timeoutMs: number,
  io: CommandIo,
): Promise<void> {
  const deadlineMs = io.clock.monotonicMs() + timeoutMs;
  let pending = [...wanted];
  for (;;) {
    const started = await startMoves(cluster, pending);
    for (const { topic, partition, broker, directory } of started.toSorted(byReplica)) {
      io.stdout.write(
        `Successfully started moving log directory to ${directory} for replica ${topic}-${partition} with broker ${broker} \n`,
      );
    }
    pending = pending.filter((replica) => !started.includes(replica));
    if (pending.length === 0) return;
    if (io.clock.monotonicMs() >= deadlineMs || io.interrupted.aborted) {
      const names = pending.toSorted(byReplica).map(replicaName).join(',');
      throw new TerseFailure(
        `Timed out before log directory move${pending.length === 1 ? '' : 's'} could be started for: ${names}`,
      );
    }
    await sleep(io.clock, RETRY_PAUSE_MS);
  }
}

async function startMoves(cluster: ClusterClient, wanted: readonly ReplicaDirectory[]): Promise<ReplicaDirectory[]> {
  const started: ReplicaDirectory[] = [];
  for (const broker of new Set(wanted.map((replica) => replica.broker))) {
    const its = wanted.filter((replica) => replica.broker === broker);
    const dirs = its.map(({ topic, partition, directory }) => ({
      path: directory,
      topics: [{ name: topic, partitions: [partition] }],
    }));
    const { results } = await cluster.toBroker(broker, alterReplicaLogDirs, { dirs });
    for (const replica of its) {
      const code = results
        .filter(({ topicName }) => topicName === replica.topic)
        .flatMap(({ partitions }) => partitions)
        .find(({ partitionIndex }) => partitionIndex === replica.partition)?.errorCode;
      if (code === 0) started.push(replica);
      else if (code !== Errors.REPLICA_NOT_AVAILABLE.code) {
        throw new CommandError(
          `Failed to alter dir for ${replicaName(replica)}: ${exceptionText(errorForCode(code ?? -1))}`,
        );
      }
    }
  }
  return started;
}
