/**
 * What was last heard of consumer groups, and what follows from hearing of them again and again: lag over time, rebalances,
 * how fast they read. A group stays known while its coordinator is away; it is forgotten when the coordinator no longer
 * lists it. Owns the lag histories, which are bounded.
 */
import { REBALANCE_WINDOW_MS, type LagReading } from '../health/group';
import type { GroupReading } from './read-groups';

export interface GroupPosition {
  readonly committed: number;
  /** As it stood when the committed offset was read, since a later one would show lag where there is none. */
  readonly highWatermark: number | null;
  readonly lag: number | null;
  /** Records per second that the group commits, between the last two readings. */
  readonly recordsPerSecond: number;
}

export interface KnownGroup extends Omit<GroupReading, 'committed'> {
  /** Broker that told of it. */
  readonly coordinatorId: number;
  readonly atMs: number;
  readonly totalLag: number | null;
  /** By topic and partition. */
  readonly positions: ReadonlyMap<string, ReadonlyMap<number, GroupPosition>>;
  readonly lagHistory: LagReading[];
  /** When each of the recent rebalances was seen. */
  readonly rebalancesMs: number[];
}

type HighWatermarkOf = (topic: string, partition: number) => number | null;

/** Ten minutes at the usual interval, one when there are very many groups; what growth is judged by is never less. */
const MOST_LAG_READINGS = 300;
const FEWEST_LAG_READINGS = 30;
const LAG_READINGS_OF_ALL = 120_000;
/** A bound on memory, not on use: a group that rebalances all the time. */
const REBALANCES_KEPT = 300;

export class GroupStore {
  private readonly groups = new Map<string, KnownGroup>();

  get all(): ReadonlyMap<string, KnownGroup> {
    return this.groups;
  }

  /** How many offsets a group has committed, as far as known. */
  committedCount(groupId: string): number {
    let count = 0;
    for (const partitions of this.groups.get(groupId)?.positions.values() ?? []) count += partitions.size;
    return count;
  }

  /**
   * Takes all groups that a broker coordinates. Those that it told of before and no longer does are forgotten, unless
   * another broker coordinates them now.
   * @param highWatermark null when it is not known
   * @returns groups that were seen to rebalance
   */
  take(brokerId: number, readings: readonly GroupReading[], atMs: number, highWatermark: HighWatermarkOf): string[] {
    const rebalanced: string[] = [];
    const listed = new Set(readings.map(({ groupId }) => groupId));
    for (const [groupId, { coordinatorId }] of this.groups) {
      if (coordinatorId === brokerId && !listed.has(groupId)) this.groups.delete(groupId);
    }
    const share = Math.floor(LAG_READINGS_OF_ALL / Math.max(1, this.groups.size));
    const kept = Math.min(MOST_LAG_READINGS, Math.max(FEWEST_LAG_READINGS, share));
    for (const reading of readings) {
      const before = this.groups.get(reading.groupId);
      const rebalancesMs = (before?.rebalancesMs ?? []).filter((seenMs) => seenMs > atMs - REBALANCE_WINDOW_MS);
      if (before && hasRebalanced(before, reading)) {
        rebalanced.push(reading.groupId);
        rebalancesMs.push(atMs);
      }
      const { committed, ...told } = reading;
      const positions = positionsOf(committed, before, atMs, highWatermark);
      const totalLag = totalLagOf(positions);
      const lagHistory = before?.lagHistory ?? [];
      lagHistory.push({ atMs, lag: totalLag });
      if (lagHistory.length > kept) lagHistory.splice(0, lagHistory.length - kept);
      this.groups.set(reading.groupId, {
        ...told,
        coordinatorId: brokerId,
        atMs,
        totalLag,
        positions,
        lagHistory,
        rebalancesMs: rebalancesMs.slice(-REBALANCES_KEPT),
      });
    }
    return rebalanced;
  }

  /** Forgets groups that another broker would know of by now. */
  keepOnly(stillThere: (group: KnownGroup) => boolean): void {
    for (const [groupId, group] of this.groups) if (!stillThere(group)) this.groups.delete(groupId);
  }
}

type Shape = Pick<GroupReading, 'state' | 'members'>;

const isRebalancing = ({ state }: Shape): boolean => state === 'PreparingRebalance' || state === 'CompletingRebalance';

/**
 * Whether a rebalance has begun since the former reading. Generations are not told by DescribeGroups, so one that began and ended in
 * between shows only by other members or other assignments.
 */
export function hasRebalanced(before: Shape, after: Shape): boolean {
  if (isRebalancing(after)) return !isRebalancing(before);
  if (after.state !== 'Stable' || isRebalancing(before)) return false;
  return before.state !== 'Stable' || shapeOf(before) !== shapeOf(after);
}

function shapeOf({ members }: Shape): string {
  return members
    .map(({ memberId, assignment }) => `${memberId} ${JSON.stringify(assignment)}`)
    .sort()
    .join('\n');
}

function positionsOf(
  committed: GroupReading['committed'],
  before: KnownGroup | undefined,
  atMs: number,
  highWatermarkOf: HighWatermarkOf,
): Map<string, Map<number, GroupPosition>> {
  const seconds = before ? (atMs - before.atMs) / 1000 : 0;
  const positions = new Map<string, Map<number, GroupPosition>>();
  for (const [topic, partitions] of committed) {
    const ofTopic = new Map<number, GroupPosition>();
    for (const [partition, offset] of partitions) {
      const highWatermark = highWatermarkOf(topic, partition);
      const former = before?.positions.get(topic)?.get(partition)?.committed ?? offset;
      ofTopic.set(partition, {
        committed: offset,
        highWatermark,
        // A commit may be newer than the mark.
        lag: highWatermark === null ? null : Math.max(0, highWatermark - offset),
        recordsPerSecond: seconds > 0 ? Math.max(0, offset - former) / seconds : 0,
      });
    }
    positions.set(topic, ofTopic);
  }
  return positions;
}

/** Records still to be read, over all partitions with a commit; null while no high watermark is known. */
function totalLagOf(positions: KnownGroup['positions']): number | null {
  let total: number | null = null;
  for (const partitions of positions.values()) {
    for (const { lag } of partitions.values()) if (lag !== null) total = (total ?? 0) + lag;
  }
  return total;
}
