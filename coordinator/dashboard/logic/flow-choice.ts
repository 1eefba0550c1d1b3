/** Which topic the picture shows, and what the rates of its partitions come to. */

interface Rated {
  topic: string;
  leader: number | null;
  recordsPerSecond: number;
  readers: readonly { groupId: string; memberId: string | null; recordsPerSecond: number }[];
}

interface FlowLike {
  records: readonly { topic: string }[];
  rates: readonly Rated[];
}

/** The user's choice, else the busiest topic, else the first that is no internal one. */
export function pickTopic(
  chosen: string | null,
  names: readonly { name: string; internal: boolean }[],
  flow: FlowLike,
): string | null {
  if (chosen !== null && names.some(({ name }) => name === chosen)) return chosen;
  const open = names.filter(({ internal }) => !internal);
  const busy = (name: string) =>
    flow.rates.filter(({ topic }) => topic === name).reduce((sum, rate) => sum + rate.recordsPerSecond, 0) +
    flow.records.filter(({ topic }) => topic === name).length / 1000;
  const [busiest] = open.map(({ name }) => ({ name, rate: busy(name) })).sort((a, b) => b.rate - a.rate);
  return busiest?.name ?? names[0]?.name ?? null;
}

/** Records per second that each leader takes in. */
export function rateByLeader(rates: readonly Rated[]): Map<number, number> {
  const sums = new Map<number, number>();
  for (const { leader, recordsPerSecond } of rates) {
    if (leader !== null) sums.set(leader, (sums.get(leader) ?? 0) + recordsPerSecond);
  }
  return sums;
}

export interface ReaderRate {
  groupId: string;
  memberId: string;
  recordsPerSecond: number;
}

/**
 * Each member that reads, with what it commits per second; a group without members stands as one reader without a name.
 * @param most when there are more, those that read most are kept
 */
export function readersOf(rates: readonly Rated[], most: number): ReaderRate[] {
  const sums = new Map<string, ReaderRate>();
  for (const { groupId, memberId, recordsPerSecond } of rates.flatMap(({ readers }) => readers)) {
    const key = `${groupId}\n${memberId ?? ''}`;
    const last = sums.get(key) ?? { groupId, memberId: memberId ?? '', recordsPerSecond: 0 };
    sums.set(key, { ...last, recordsPerSecond: last.recordsPerSecond + recordsPerSecond });
  }
  const isThere = ({ memberId }: ReaderRate) => Number(memberId !== '');
  return [...sums.values()]
    .sort((a, b) => isThere(b) - isThere(a) || b.recordsPerSecond - a.recordsPerSecond)
    .slice(0, most)
    .sort((a, b) => a.groupId.localeCompare(b.groupId) || a.memberId.localeCompare(b.memberId));
}
