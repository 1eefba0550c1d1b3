/** The range assignor: what a group's leader computes; each topic is cut into ranges, in the order of member ids. */
import type { TopicPartition } from '../../protocol';

export interface MemberTopics {
  memberId: string;
  groupInstanceId: string | null;
  topics: readonly string[];
}

/** @param partitionCounts by topic; topics that are missing get nobody */
export function assignRanges(
  members: readonly MemberTopics[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const assignment = new Map<string, TopicPartition[]>(members.map(({ memberId }) => [memberId, []]));
  const topics = [...new Set(members.flatMap((member) => member.topics))].toSorted();
  for (const topic of topics) {
    const interested = members.filter((member) => member.topics.includes(topic)).toSorted(byInstanceThenMember);
    const count = partitionCounts.get(topic) ?? 0;
    const each = Math.floor(count / interested.length);
    const withOneMore = count % interested.length;
    let partition = 0;
    for (const [index, { memberId }] of interested.entries()) {
      const end = partition + each + (index < withOneMore ? 1 : 0);
      for (; partition < end; partition += 1) assignment.get(memberId)?.push({ topic, partition });
    }
  }
  return assignment;
}

/** Static members come first, by their instance ids, so that a restart changes nothing. */
function byInstanceThenMember(one: MemberTopics, other: MemberTopics): number {
  if (one.groupInstanceId !== null && other.groupInstanceId !== null) {
    return compare(one.groupInstanceId, other.groupInstanceId);
  }
  if (one.groupInstanceId !== null) return -1;
  if (other.groupInstanceId !== null) return 1;
  return compare(one.memberId, other.memberId);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
