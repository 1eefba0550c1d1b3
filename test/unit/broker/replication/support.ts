/** What the tests of replication share: partitions over real logs, on a clock that stands still, and a scripted controller. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IsrDecision, IsrProposal } from '../../../../broker/cluster/cluster-change';
import { defaultLogConfig, LogManager, type Log, type LogConfig } from '../../../../broker/log';
import { Partition, type LeaderAndIsrPartition } from '../../../../broker/replication/partition';
import { buildBatch } from '../../../../protocol/records';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';

export const topicPartition = { topic: 'orders', partition: 0 };
export const LAG_MS = 30_000;

const directories: string[] = [];
const managers = new Set<LogManager>();

afterEach(async () => {
  for (const manager of managers) await manager.shutdown({ clean: false });
  managers.clear();
});

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gregor-replication-'));
  directories.push(directory);
  return directory;
}

export async function openLogs(clock = new ManualClock(), config: Partial<LogConfig> = {}): Promise<LogManager> {
  const manager = await LogManager.load({
    logDirs: [temporaryDirectory()],
    logger: silentLogger,
    defaults: { ...defaultLogConfig, ...config },
    lock: false,
    clock,
  });
  managers.add(manager);
  return manager;
}

/** A batch with `count` records. */
export function records(count: number): Buffer {
  return buildBatch(
    Array.from({ length: count }, (_, i) => ({ timestamp: 1000n + BigInt(i), key: null, value: Buffer.from(`v${i}`) })),
  );
}

/** The state of a partition with replicas 1, 2, 3, led by broker 1 in epoch 0, all in sync, unless said otherwise. */
export function stateOf(changes: Partial<LeaderAndIsrPartition> = {}): LeaderAndIsrPartition {
  return {
    topicName: topicPartition.topic,
    partitionIndex: topicPartition.partition,
    controllerEpoch: 1,
    leader: 1,
    leaderEpoch: 0,
    isr: [1, 2, 3],
    partitionEpoch: 0,
    replicas: [1, 2, 3],
    addingReplicas: [],
    removingReplicas: [],
    isNew: true,
    leaderRecoveryState: 0,
    ...changes,
  };
}

export interface TestPartition {
  readonly partition: Partition;
  readonly log: Log;
  readonly clock: ManualClock;
  readonly alive: Set<number>;
  /** Proposals sent so far; `answer` settles the latest. */
  readonly proposals: IsrProposal[];
  answer(decision: IsrDecision): Promise<void>;
  /** Records a fetch of a follower that has everything before `offset`. */
  fetched(brokerId: number, offset: number, logStartOffset?: number): void;
}

/** A partition on broker 1 with an empty log, which has no role yet. */
export async function testPartition(config: Partial<LogConfig> = {}): Promise<TestPartition> {
  const clock = new ManualClock();
  const log = (await openLogs(clock, config)).getOrCreate(topicPartition, { isNew: true });
  const alive = new Set([1, 2, 3]);
  const proposals: IsrProposal[] = [];
  let settle: (decision: IsrDecision) => void = () => undefined;
  const partition = new Partition(topicPartition, {
    brokerId: 1,
    replicaLagTimeMaxMs: LAG_MS,
    clock,
    logger: silentLogger,
    isAlive: (id) => alive.has(id),
    alterPartition: (proposal) => {
      proposals.push(proposal);
      return new Promise((resolve) => (settle = resolve));
    },
  });
  return {
    partition,
    log,
    clock,
    alive,
    proposals,
    answer: async (decision) => {
      settle(decision);
      await new Promise((resolve) => setImmediate(resolve));
    },
    fetched: (brokerId, offset, logStartOffset = 0) => {
      const follower = partition.follower(brokerId);
      if (!follower) throw new Error(`broker ${brokerId} is no follower`);
      partition.recordFollowerFetch(follower, offset, logStartOffset, log.logEndOffset);
    },
  };
}

export function accepted(isr: readonly number[], partitionEpoch: number, leaderEpoch = 0): IsrDecision {
  return { accepted: true, leader: 1, leaderEpoch, isr, leaderRecoveryState: 0, partitionEpoch };
}
