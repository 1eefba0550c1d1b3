/**
 * Which partitions of `__consumer_offsets` this broker leads, and the groups in them. Owns that map: a partition comes
 * in as loading when the broker is elected its leader, opens when its log has been read, and goes when the broker
 * resigns. A leader epoch older than one seen before changes nothing.
 */
import { Errors, GROUP_METADATA_TOPIC, type WireError } from '../../protocol';
import type { Clock } from '../../runtime/clock';
import { sleep } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { TaskGroup } from '../../runtime/task-group';
import type { LeadershipChange, ReplicaAppender } from '../replication/types';
import type { Group } from './group';
import { loadGroups } from './group-loader';
import { offsetsPartition } from './group-log';
import { partitionForId } from './group-partition';

export interface OwnedPartition {
  readonly index: number;
  loading: boolean;
  readonly groups: Map<string, Group>;
}

export interface OwnedPartitionsOptions {
  readonly replicas: ReplicaAppender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tasks: TaskGroup;
  readonly loadBufferBytes: number;
  /** Called for each group that was read, before requests for it are taken. */
  readonly onLoaded: (group: Group) => void;
  /** Called for each group that goes away with its partition. */
  readonly onUnloaded: (group: Group) => void;
}

const LOAD_RETRY_BACKOFF_MS = 1000;

export class OwnedPartitions {
  private readonly owned = new Map<number, OwnedPartition>();
  private readonly epochs = new Map<number, number>();
  private count = 1;

  constructor(private readonly options: OwnedPartitionsOptions) {}

  /** How many partitions the topic has: fixed when the broker starts, since it decides where a group lives. */
  set partitionCount(count: number) {
    this.count = count;
  }

  indexFor(groupId: string): number {
    return partitionForId(groupId, this.count);
  }

  /** The partition of a group, when this broker owns it. */
  partitionOf(groupId: string): OwnedPartition | null {
    return this.owned.get(this.indexFor(groupId)) ?? null;
  }

  group(groupId: string): Group | null {
    return this.partitionOf(groupId)?.groups.get(groupId) ?? null;
  }

  get anyLoading(): boolean {
    for (const partition of this.owned.values()) if (partition.loading) return true;
    return false;
  }

  *groups(): Generator<Group> {
    for (const partition of this.owned.values()) yield* partition.groups.values();
  }

  /** Why a request for the group cannot be answered here and now; null when it can. */
  whyNot(groupId: string): WireError | null {
    const partition = this.partitionOf(groupId);
    if (partition === null) return Errors.NOT_COORDINATOR;
    return partition.loading ? Errors.COORDINATOR_LOAD_IN_PROGRESS : null;
  }

  /** Takes or gives up a partition after this broker's role for it has changed. */
  leadershipChanged(change: LeadershipChange): void {
    const { topicPartition, role, leaderEpoch } = change;
    if (topicPartition.topic !== GROUP_METADATA_TOPIC) return;
    const index = topicPartition.partition;
    const known = this.epochs.get(index);
    // A replica that is stopped tells no epoch: it is gone for certain.
    if (role !== 'none' && known !== undefined && leaderEpoch < known) return;
    if (role !== 'none') this.epochs.set(index, leaderEpoch);
    if (role === 'leader') this.take(index, leaderEpoch);
    else this.giveUp(index, leaderEpoch);
  }

  giveUpAll(): void {
    for (const index of this.owned.keys()) this.giveUp(index, this.epochs.get(index) ?? -1);
  }

  private take(index: number, leaderEpoch: number): void {
    if (this.owned.has(index)) return;
    const partition: OwnedPartition = { index, loading: true, groups: new Map() };
    this.owned.set(index, partition);
    this.options.logger.info(`Elected as the coordinator of ${GROUP_METADATA_TOPIC}-${index} in epoch ${leaderEpoch}`);
    this.options.tasks.run(`loading of ${GROUP_METADATA_TOPIC}-${index}`, (signal) => this.load(partition, signal));
  }

  private giveUp(index: number, leaderEpoch: number): void {
    const partition = this.owned.get(index);
    if (!partition) return;
    this.owned.delete(index);
    for (const group of partition.groups.values()) this.options.onUnloaded(group);
    const unloaded = `${partition.groups.size} groups unloaded`;
    this.options.logger.info(
      `Resigned as the coordinator of ${GROUP_METADATA_TOPIC}-${index} in epoch ${leaderEpoch}: ${unloaded}`,
    );
  }

  /** Reads until it succeeds: to open a partition without its offsets would send its consumers back to the start. */
  private async load(partition: OwnedPartition, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.options;
    const name = `${GROUP_METADATA_TOPIC}-${partition.index}`;
    const isWanted = (): boolean => !signal.aborted && this.owned.get(partition.index) === partition;
    const startedAtMs = clock.monotonicMs();
    while (isWanted()) {
      try {
        const groups = await this.read(partition, isWanted);
        if (groups === null || !isWanted()) return;
        this.open(partition, groups);
        const spanMs = Math.round(clock.monotonicMs() - startedAtMs);
        logger.info(`${groups.length} groups loaded from ${name} in ${spanMs} ms`);
        return;
      } catch (error) {
        if (!isWanted()) return;
        logger.error(`${name} could not be loaded; trying again in ${LOAD_RETRY_BACKOFF_MS} ms`, error);
      }
      await sleep(clock, LOAD_RETRY_BACKOFF_MS, signal);
    }
  }

  private async read(partition: OwnedPartition, isWanted: () => boolean): Promise<Group[] | null> {
    const { replicas, clock, logger, loadBufferBytes } = this.options;
    const log = replicas.logOf(offsetsPartition(partition.index));
    if (log !== null) return loadGroups(log, { bufferBytes: loadBufferBytes, clock, logger, isWanted });
    logger.warn(`There is no log of ${GROUP_METADATA_TOPIC}-${partition.index} to load`);
    return [];
  }

  private open(partition: OwnedPartition, groups: readonly Group[]): void {
    for (const group of groups) partition.groups.set(group.id, group);
    for (const group of groups) this.options.onLoaded(group);
    partition.loading = false;
  }
}
