/**
 * Rounds of traffic under restarts: Java clients write and read (java/TrafficScenarios.java) while brokers are stopped
 * and started in a seeded way, alone, in turn, together, or one while another comes back. Afterwards every reader has
 * seen every acknowledged record, once and in order, and the replicas' logs are equal byte by byte.
 */
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterClient } from '../../client';
import type { Cluster } from '../../embedded';
import { sleep, systemClock } from '../../runtime/clock';
import { seededRandom, type Random } from '../../runtime/random';
import type { AnsweringProcess } from './answering-process';
import { eventually } from './eventually';

export const RESTARTS = ['one', 'in turn', 'twice', 'two', 'overlapping', 'coordinator', 'killed'] as const;

export interface RestartRound {
  seed: number;
  restart: (typeof RESTARTS)[number];
  /** The producer sends as fast as it can instead of a thousand records a second. */
  flood: boolean;
  /** Processes that only take processor time away meanwhile. */
  busyLoops: number;
}

const PARTITIONS = 3;
const LONGEST_PAUSE_MS = 1_000;
const EQUAL_WITHIN_MS = 60_000;
/** Its own waits end earlier, with what they have seen. */
const ANSWER_WITHIN_MS = 280_000;

/** Runs one round on a cluster of three; gives what is wrong afterwards, in words, or nothing. */
export async function runRestartRound(
  cluster: Cluster,
  java: AnsweringProcess,
  round: RestartRound,
): Promise<string[]> {
  const random = seededRandom(round.seed);
  const topic = await fact(java, round.flood ? 'flood' : 'start');
  const endLoops = startBusyLoops(round.busyLoops);
  try {
    await restart(cluster, topic, round.restart, random);
    const [failures, complaints] = (await fact(java, 'stop')).split('\t');
    const faults = [failures, complaints].filter((list) => list !== '[]').map(String);
    return [...faults, ...(await differencesOfReplicas(cluster, topic))];
  } finally {
    endLoops();
  }
}

async function fact(java: AnsweringProcess, scenario: string): Promise<string> {
  const answer = await java.ask(`TrafficScenarios.${scenario}`, ANSWER_WITHIN_MS);
  if (answer.startsWith('!')) throw new Error(answer.slice(1).replaceAll('\\n', '\n'));
  return answer;
}

async function restart(cluster: Cluster, group: string, kind: RestartRound['restart'], random: Random): Promise<void> {
  const ids = cluster.brokers.map(({ id }) => id);
  const one = random.below(ids.length);
  const other = (one + 1 + random.below(ids.length - 1)) % ids.length;
  const pause = (): Promise<void> => sleep(systemClock, random.below(LONGEST_PAUSE_MS));
  switch (kind) {
    case 'one':
      await cluster.stop(one);
      await pause();
      return cluster.start(one);
    case 'in turn':
      for (const id of ids) await cluster.restart(id);
      return;
    case 'twice':
      await cluster.restart(one);
      return cluster.restart(one);
    case 'two':
      await Promise.all([cluster.stop(one), cluster.stop(other)]);
      await pause();
      await Promise.all([cluster.start(one), cluster.start(other)]);
      return;
    case 'overlapping': {
      await cluster.stop(one);
      const back = cluster.start(one);
      await pause();
      await cluster.stop(other);
      await Promise.all([back, cluster.start(other)]);
      return;
    }
    case 'coordinator':
      return cluster.restart(await coordinatorOf(cluster, group));
    case 'killed':
      await cluster.kill(one);
      return cluster.start(one);
  }
}

async function coordinatorOf(cluster: Cluster, group: string): Promise<number> {
  const clock = systemClock;
  const client = new ClusterClient({ bootstrapServers: cluster.bootstrap, clientId: 'restart-rounds', clock });
  try {
    return await client.retrying(() => client.findCoordinator(group));
  } finally {
    await client.close();
  }
}

/** The followers have up to a minute to get what the leader has; what differs then differs for good. */
async function differencesOfReplicas(cluster: Cluster, topic: string): Promise<string[]> {
  let differences: string[] = [];
  const compare = async (): Promise<boolean> => {
    differences = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const logs = await Promise.all(
        cluster.brokers.map(({ directory }) => logOf(join(directory, 'data', `${topic}-${partition}`))),
      );
      const equal = logs.every((log) => log.equals(logs[0] as Buffer));
      const sizes = logs.map(({ length }) => length).join(', ');
      if (!equal) differences.push(`the replicas of ${topic}-${partition} differ; they have ${sizes} bytes`);
    }
    return differences.length === 0;
  };
  await eventually('equality of the replicas', compare, EQUAL_WITHIN_MS).catch(() => undefined);
  return differences;
}

async function logOf(directory: string): Promise<Buffer> {
  const segments = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort();
  return Buffer.concat(await Promise.all(segments.map((name) => readFile(join(directory, name)))));
}

function startBusyLoops(count: number): () => void {
  const loops = Array.from({ length: count }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  return () => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
}
