/** Consumer groups as they are shown, from all that is known. Pure. */
import { judgeGroup } from '../health/group';
import type { GroupDetail, GroupOffset, GroupSummary } from '../schemas';
import { coordinatorOf } from './group-coordinator';
import type { KnownGroup } from './group-store';
import type { Knowledge } from './knowledge';

export function groupSummary(known: KnownGroup, knowledge: Knowledge): GroupSummary {
  const { groupId, state, protocolType, protocol, members, totalLag, positions, lagHistory, rebalancesMs } = known;
  // ZooKeeper knows of a move before the new coordinator was asked for its groups.
  const coordinatorId = coordinatorOf(groupId, knowledge.state);
  const coordinatorAnswers = isFresh(known, knowledge);
  return {
    groupId,
    state: coordinatorAnswers ? state : 'Unknown',
    protocolType,
    protocol,
    coordinatorId,
    members: members.length,
    topics: [...positions.keys()].sort(),
    totalLag,
    recentRebalances: rebalancesMs.length,
    verdict: judgeGroup({
      groupId,
      state,
      members: members.length,
      totalLag,
      lagHistory,
      recentRebalances: rebalancesMs.length,
      coordinatorId,
      coordinatorAnswers,
    }),
  };
}

export function groupDetail(known: KnownGroup, summary: GroupSummary): Omit<GroupDetail, 'freshness'> {
  return {
    group: summary,
    members: known.members.map((member) => ({ ...member, assignment: [...member.assignment] })),
    offsets: offsetsOf(known),
    lagHistory: known.lagHistory.map((reading) => ({ ...reading })),
  };
}

/** Groups with committed offsets in a topic. */
export function groupsOf(topic: string, groups: ReadonlyMap<string, KnownGroup>): string[] {
  return [...groups.values()].flatMap(({ groupId, positions }) => (positions.has(topic) ? [groupId] : [])).sort();
}

/** Who in the group a partition is assigned to. */
export function assignees({ members }: Pick<KnownGroup, 'members'>): Map<string, string> {
  const assigned = new Map<string, string>();
  for (const { memberId, assignment } of members) {
    for (const { topic, partitions } of assignment) {
      for (const partition of partitions) assigned.set(`${topic}-${partition}`, memberId);
    }
  }
  return assigned;
}

function isFresh({ atMs }: KnownGroup, { nowMs, limits }: Knowledge): boolean {
  return nowMs - atMs <= limits.staleAfterMs;
}

function offsetsOf(known: KnownGroup): GroupOffset[] {
  const assigned = assignees(known);
  const offsets: GroupOffset[] = [];
  for (const [topic, partitions] of known.positions) {
    for (const [partition, { committed, highWatermark, lag }] of partitions) {
      const key = `${topic}-${partition}`;
      const memberId = assigned.get(key) ?? null;
      assigned.delete(key);
      offsets.push({ topic, partition, committedOffset: committed, highWatermark, lag, memberId });
    }
  }
  // Assigned, but nothing has been committed there yet.
  for (const { memberId, assignment } of known.members) {
    for (const { topic, partitions } of assignment) {
      for (const partition of partitions) {
        if (!assigned.has(`${topic}-${partition}`)) continue;
        offsets.push({ topic, partition, committedOffset: null, highWatermark: null, lag: null, memberId });
      }
    }
  }
  return offsets.sort((one, other) => compare(one.topic, other.topic) || one.partition - other.partition);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
