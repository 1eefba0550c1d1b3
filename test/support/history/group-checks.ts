/**
 * What can be wrong with a group's committed offsets. Each offset is a register that commits write; whoever starts to read from
 * it, or asks for it when nobody is stale, must get what the last commit said, or one whose order to that commit nobody can
 * know. A coordinator that was replaced without knowing it tells anybody who asks what it last knew, as Kafka's does
 * (GroupCoordinator.handleFetchOffsets); but no member can be given partitions by it. Pure.
 */
import type { Anomaly } from './checker';
import type { Assign, Commit, Operation, Poll } from './operations';

interface Write {
  offset: number;
  beginUs: number;
  /** Infinite while nobody knows whether, and when, it was done. */
  endUs: number;
  by: string;
}

interface Read {
  partition: number;
  offset: number | null;
  beginUs: number;
  endUs: number;
  how: string;
  mayBeStale: boolean;
}

type GroupOperation = Extract<Operation, { group: string }>;

/**
 * Anomalies of all groups in a history.
 * @param stored the offsets at which a partition holds records, ascending
 */
export function checkGroups(
  history: readonly Operation[],
  stored: (partition: number) => readonly number[],
): Anomaly[] {
  const groups = new Map<string, GroupOperation[]>();
  for (const operation of history) {
    if (!('group' in operation)) continue;
    const of = groups.get(operation.group) ?? [];
    of.push(operation);
    groups.set(operation.group, of);
  }
  return [...groups.values()].flatMap((operations) => [
    ...staleOffsets(operations, stored),
    ...fencedCommits(operations),
    ...neverPolled(operations, stored),
  ]);
}

const commitsOf = (operations: readonly GroupOperation[]): Commit[] =>
  operations.filter((operation): operation is Commit => operation.op === 'commit' && operation.outcome !== 'fail');

function staleOffsets(
  operations: readonly GroupOperation[],
  stored: (partition: number) => readonly number[],
): Anomaly[] {
  const writes = new Map<number, Write[]>();
  for (const { offsets, process, beginUs, endUs, outcome } of commitsOf(operations)) {
    for (const [partition, offset] of offsets) {
      const all = writes.get(partition) ?? [];
      all.push({ offset, beginUs, endUs: outcome === 'ok' ? endUs : Infinity, by: process });
      writes.set(partition, all);
    }
  }
  return [...readsOf(operations, stored)].flatMap((read) => staleRead(read, writes.get(read.partition) ?? []));
}

/** Nothing when the offset may be what was committed last. */
function staleRead({ partition, offset, beginUs, endUs, how, mayBeStale }: Read, writes: readonly Write[]): Anomaly[] {
  if (mayBeStale) {
    if (offset === null || writes.some((write) => write.offset === offset && write.beginUs <= endUs)) return [];
    return [{ kind: 'stale group offset', text: `${how} ${offset} for partition ${partition}; nobody committed that` }];
  }
  const before = writes.filter((write) => write.endUs < beginUs);
  // A write that had ended before another one began, which in turn had ended before the read, was overwritten.
  const overwrittenUs = Math.max(-Infinity, ...before.map((write) => write.beginUs));
  const possible = (write: Write): boolean => write.offset === offset && !(write.endUs < overwrittenUs);
  if (offset === null ? before.length === 0 : writes.some(possible)) return [];
  const last = before.toSorted((a, b) => a.beginUs - b.beginUs).at(-1);
  const expected = last ? `${last.by} had committed ${last.offset}` : 'nobody had committed anything';
  const text = `${how} ${offset ?? 'none'} for partition ${partition}; ${expected} before`;
  return [{ kind: 'stale group offset', text }];
}

const timesOf = ({ beginUs, endUs }: GroupOperation) => ({ beginUs, endUs });

/** The committed offsets that were told, and those from which members began to read what they were assigned. */
function* readsOf(
  operations: readonly GroupOperation[],
  stored: (partition: number) => readonly number[],
): Generator<Read> {
  const assigned = new Map<string, Assign>();
  for (const operation of operations) {
    const { op, process } = operation;
    if (op === 'committed')
      for (const [partition, offset] of operation.offsets)
        yield { ...timesOf(operation), partition, offset, how: `${process} was told`, mayBeStale: !operation.settled };
    if (op === 'assign') for (const each of operation.partitions) assigned.set(`${process} ${each}`, operation);
    if (op !== 'poll') continue;
    for (const [partition, offset] of operation.records) {
      const since = assigned.get(`${process} ${partition}`);
      if (since === undefined) continue;
      assigned.delete(`${process} ${partition}`);
      // Without a committed offset a member begins where the log does.
      const atStart = offset === (stored(partition)[0] ?? 0);
      const read = { partition, beginUs: since.beginUs, endUs: operation.endUs, how: `${process} began to read at` };
      yield { ...read, offset: atStart ? null : offset, mayBeStale: false };
    }
  }
}

function fencedCommits(operations: readonly GroupOperation[]): Anomaly[] {
  const acknowledged = commitsOf(operations).filter(({ outcome }) => outcome === 'ok');
  const anomalies: Anomaly[] = [];
  for (const late of acknowledged) {
    const { process, generation, beginUs } = late;
    if (generation === null) continue;
    const newer = acknowledged.find((each) => each.endUs < beginUs && (each.generation ?? -1) > generation);
    if (newer === undefined) continue;
    const text = `${process} committed in generation ${generation} after ${newer.process} had in ${newer.generation}`;
    anomalies.push({ kind: 'fenced commit', text });
  }
  return anomalies;
}

/** A group reads every record at least once: whatever it has committed past, somebody in it must have got. */
function neverPolled(
  operations: readonly GroupOperation[],
  stored: (partition: number) => readonly number[],
): Anomaly[] {
  const polled = new Map<number, Set<number>>();
  for (const poll of operations.filter((operation): operation is Poll => operation.op === 'poll')) {
    for (const [partition, offset] of poll.records) {
      const offsets = polled.get(partition) ?? new Set();
      polled.set(partition, offsets.add(offset));
    }
  }
  const committed = new Map<number, number>();
  for (const { offsets } of commitsOf(operations).filter(({ outcome }) => outcome === 'ok'))
    for (const [partition, offset] of offsets)
      committed.set(partition, Math.max(offset, committed.get(partition) ?? 0));
  return [...committed].flatMap(([partition, end]): Anomaly[] => {
    const missing = stored(partition).filter((offset) => offset < end && !polled.get(partition)?.has(offset));
    if (missing.length === 0) return [];
    const group = operations[0]?.group;
    const text = `group ${group} committed ${end} for partition ${partition}, and none of it got ${missing.length} records from offset ${missing[0]} on`;
    return [{ kind: 'skipped poll', text }];
  });
}
