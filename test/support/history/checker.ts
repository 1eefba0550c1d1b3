/**
 * Finds in a history what Kafka promises cannot be there, in the style of Jepsen's Kafka workload. It knows nothing of
 * brokers; what it reports is wrong whatever happened to them. Pure.
 */
import { checkGroups } from './group-checks';
import type { Operation, Poll, Send, StoredLog } from './operations';

export type AnomalyKind =
  /** A record that was acknowledged, or given to a consumer, is not in the log. */
  | 'lost record'
  /** One value is in the log more than once. */
  | 'duplicate'
  /** Two values were seen at one offset, or one value at two offsets. */
  | 'inconsistent offsets'
  /** The log holds, or a consumer got, what nobody sent or what was surely refused. */
  | 'phantom record'
  /** A producer's later record precedes its earlier one in a partition. */
  | 'non-monotonic send'
  /** A consumer got an offset again, or one below what it had, without having been assigned the partition anew. */
  | 'non-monotonic poll'
  /** A consumer, or a group, went past a record that the log holds. */
  | 'skipped poll'
  /** A group's committed offset is not what the last acknowledged commit said: in most cases it went back. */
  | 'stale group offset'
  /** A member of an earlier generation could commit after one of a later generation had. */
  | 'fenced commit';

export interface Anomaly {
  kind: AnomalyKind;
  text: string;
}

const SHOWN_OF_A_KIND = 5;

/** Every anomaly of a history, in words. */
export function findAnomalies(history: readonly Operation[]): Anomaly[] {
  const seen = new Records(history);
  return [
    ...seen.anomalies,
    ...lostRecords(seen, history),
    ...phantoms(seen, history),
    ...nonMonotonicSends(seen, history),
    ...polls(seen, history),
    ...checkGroups(history, (partition) => seen.offsetsIn(partition)),
  ];
}

/** For failure messages: how many of each kind, and the first ones. */
export function describeAnomalies(anomalies: readonly Anomaly[]): string[] {
  const kinds = [...new Set(anomalies.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const texts = anomalies.filter((anomaly) => anomaly.kind === kind).map(({ text }) => text);
    const more = texts.length - SHOWN_OF_A_KIND;
    return [
      ...texts.slice(0, SHOWN_OF_A_KIND).map((text) => `${kind}: ${text}`),
      ...(more > 0 ? [`${kind}: and ${more} more`] : []),
    ];
  });
}

/** What is at which offset, from everybody who saw it: logs, consumers, producers that were told an offset. */
class Records {
  readonly anomalies: Anomaly[] = [];
  /** By `partition value`; the first offset when there are several. */
  private readonly offsets = new Map<string, number>();
  private readonly values = new Map<string, { value: string; by: string }>();
  private readonly logs = new Map<number, number[]>();
  private readonly stored = new Set<string>();

  constructor(private readonly history: readonly Operation[]) {
    for (const operation of history) if (operation.op === 'log') this.store(operation);
    for (const operation of history) {
      if (operation.op === 'poll')
        for (const [partition, offset, value] of operation.records)
          this.see(partition, offset, value, `${operation.process} read`);
      if (operation.op === 'send' && operation.outcome === 'ok' && operation.offset !== null)
        this.see(operation.partition, operation.offset, operation.value, `${operation.process} was told`);
    }
  }

  /** Ascending. */
  offsetsIn(partition: number): readonly number[] {
    return this.logs.get(partition) ?? [];
  }

  holds(partition: number, value: string): boolean {
    return this.stored.has(`${partition} ${value}`);
  }

  offsetOf(partition: number, value: string): number | undefined {
    return this.offsets.get(`${partition} ${value}`);
  }

  private store({ partition, records }: StoredLog): void {
    this.logs.set(
      partition,
      records.map(([offset]) => offset),
    );
    for (const [offset, value] of records) {
      const key = `${partition} ${value}`;
      if (this.stored.has(key)) {
        const text = `${value} is in partition ${partition} at offsets ${this.offsets.get(key)} and ${offset}`;
        if (!this.mayBeSentAnew(partition, value)) this.anomalies.push({ kind: 'duplicate', text });
        this.values.set(`${partition} ${offset}`, { value, by: 'the log has' });
        continue;
      }
      this.stored.add(key);
      this.see(partition, offset, value, 'the log has');
    }
  }

  /**
   * Whether its producer gave up an earlier record of the partition while this one was under way. Without a transaction the
   * Java producer then begins a new epoch and sends what is under way again under new sequences, which no broker can know
   * (TransactionManager.bumpIdempotentProducerEpoch).
   */
  private mayBeSentAnew(partition: number, value: string): boolean {
    const sends = this.history.filter((each): each is Send => each.op === 'send' && each.partition === partition);
    const own = sends.find((send) => send.value === value);
    if (!own) return false;
    const gaveUpMeanwhile = ({ process, outcome, beginUs, endUs }: Send): boolean =>
      process === own.process &&
      outcome === 'unknown' &&
      beginUs < own.beginUs &&
      endUs > own.beginUs &&
      endUs < own.endUs;
    return sends.some(gaveUpMeanwhile);
  }

  private see(partition: number, offset: number, value: string, by: string): void {
    const place = `${partition} ${offset}`;
    const there = this.values.get(place);
    if (there !== undefined && there.value !== value) {
      const text = `at offset ${offset} of partition ${partition} ${by} ${value}, and ${there.by} ${there.value}`;
      this.anomalies.push({ kind: 'inconsistent offsets', text });
    } else if (there === undefined) this.values.set(place, { value, by });
    const key = `${partition} ${value}`;
    const known = this.offsets.get(key);
    if (known === undefined) this.offsets.set(key, offset);
    else if (known !== offset && there?.value !== value) {
      const text = `${by} ${value} of partition ${partition} at offset ${offset}, and it was seen at ${known}`;
      this.anomalies.push({ kind: 'inconsistent offsets', text });
    }
  }
}

function lostRecords(seen: Records, history: readonly Operation[]): Anomaly[] {
  const lost = new Map<string, string>();
  for (const operation of history) {
    if (operation.op === 'send' && operation.outcome === 'ok' && !seen.holds(operation.partition, operation.value)) {
      const { process, partition, value, offset } = operation;
      const text = `${value} of ${process} was acknowledged in partition ${partition} at ${offset ?? 'an unknown offset'}`;
      lost.set(`${partition} ${value}`, text);
    }
    if (operation.op !== 'poll') continue;
    for (const [partition, offset, value] of operation.records) {
      if (seen.holds(partition, value) || lost.has(`${partition} ${value}`)) continue;
      lost.set(`${partition} ${value}`, `${value} was read by ${operation.process} at ${partition}:${offset}`);
    }
  }
  return [...lost.values()].map((text) => ({ kind: 'lost record', text: `${text}, and is not in the log` }));
}

function phantoms(seen: Records, history: readonly Operation[]): Anomaly[] {
  const sends = new Map<string, Send>();
  for (const operation of history)
    if (operation.op === 'send') sends.set(`${operation.partition} ${operation.value}`, operation);
  const anomalies = new Map<string, Anomaly>();
  const look = (partition: number, offset: number, value: string): void => {
    const send = sends.get(`${partition} ${value}`);
    if (send !== undefined && send.outcome !== 'fail') return;
    const why = send === undefined ? 'nobody sent it there' : `${send.process} was told that it was refused`;
    const text = `${value} is in partition ${partition} at offset ${offset}, but ${why}`;
    anomalies.set(text, { kind: 'phantom record', text });
  };
  for (const operation of history) {
    if (operation.op === 'log')
      for (const [offset, value] of operation.records) look(operation.partition, offset, value);
    if (operation.op === 'poll') for (const record of operation.records) look(...record);
  }
  return [...anomalies.values()];
}

/** Also of records whose outcome is unknown: if they are in the log, they are there in the order of their sending. */
function nonMonotonicSends(seen: Records, history: readonly Operation[]): Anomaly[] {
  const sends = history.filter((operation): operation is Send => operation.op === 'send');
  const anomalies: Anomaly[] = [];
  const latest = new Map<string, { value: string; offset: number }>();
  for (const { process, partition, value } of sends.toSorted((a, b) => a.beginUs - b.beginUs)) {
    const offset = seen.offsetOf(partition, value);
    if (offset === undefined) continue;
    const key = `${process} ${partition}`;
    const before = latest.get(key);
    if (before !== undefined && offset < before.offset) {
      const text = `${process} sent ${before.value} before ${value} to partition ${partition}; they are at offsets ${before.offset} and ${offset}`;
      anomalies.push({ kind: 'non-monotonic send', text });
    }
    latest.set(key, { value, offset });
  }
  return anomalies;
}

function polls(seen: Records, history: readonly Operation[]): Anomaly[] {
  const anomalies: Anomaly[] = [];
  /** The last offset that a process has got of a partition since it was assigned; operations of a process are in order. */
  const positions = new Map<string, { offset: number; poll: Poll }>();
  for (const operation of history) {
    if (operation.op === 'assign')
      for (const partition of operation.partitions) positions.delete(`${operation.process} ${partition}`);
    if (operation.op !== 'poll') continue;
    for (const [partition, offset] of operation.records) {
      const key = `${operation.process} ${partition}`;
      const before = positions.get(key);
      positions.set(key, { offset, poll: operation });
      if (before === undefined) continue;
      const where = before.poll === operation ? 'in one poll' : 'from one poll to a later one';
      const text = `${operation.process} got offset ${offset} of partition ${partition} after ${before.offset}, ${where}`;
      if (offset <= before.offset) anomalies.push({ kind: 'non-monotonic poll', text });
      if (offset <= before.offset + 1) continue;
      const skipped = seen.offsetsIn(partition).filter((each) => each > before.offset && each < offset);
      if (skipped.length > 0)
        anomalies.push({ kind: 'skipped poll', text: `${text}; the log has ${skipped.length} records between` });
    }
  }
  return anomalies;
}
