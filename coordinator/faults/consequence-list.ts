/**
 * What followed a fault, in the order of time and in sentences. Things of the same kind that follow each other closely, as the
 * new leaders of hundreds of partitions do, become one sentence. Bounded. Owns the sentences.
 */
import type { FaultConsequence } from '../schemas';

const MOST_CONSEQUENCES = 60;
const MOST_NAMED = 3;
/** What comes later than this after the last of its kind is told on its own. */
const TOGETHER_MS = 2_000;
/** Spans below this are told as one moment. */
const MOMENT_MS = 500;

interface Entry {
  kind: string;
  /** Sentences without the time; several where one entry tells of many things. */
  readonly parts: string[];
  /** Things that are counted but no longer named. */
  more: number;
  /** What the further things are, e.g. `partitions`. */
  readonly what: string;
  readonly atMs: number;
  lastMs: number;
  suffix: string;
}

export class ConsequenceList {
  private readonly entries: Entry[] = [];
  private changes = 0;

  constructor(private readonly startedAtMs: number) {}

  /** Grows with every change; to see whether there is anything new to tell. */
  get version(): number {
    return this.changes;
  }

  /** @param suffix stands behind the time, e.g. `(epoch 5)`; may be set later by amend() */
  add(kind: string, text: string, atMs: number, suffix = ''): void {
    this.insert({ kind, parts: [text], more: 0, what: '', atMs, lastMs: atMs, suffix });
  }

  /** Adds to the entry of this kind that is just growing, or begins one. */
  gather(kind: string, text: string, what: string, atMs: number): void {
    const open = this.entries.findLast((entry) => entry.kind === kind && atMs - entry.lastMs <= TOGETHER_MS);
    if (!open) {
      this.insert({ kind, parts: [text], more: 0, what, atMs, lastMs: atMs, suffix: '' });
      return;
    }
    if (open.parts.length < MOST_NAMED) open.parts.push(text);
    else open.more += 1;
    open.lastMs = Math.max(open.lastMs, atMs);
    this.changes += 1;
  }

  /** Sets what stands behind the time of the newest entry of a kind. */
  amend(kind: string, suffix: string): void {
    const entry = this.entries.findLast((each) => each.kind === kind);
    if (!entry || entry.suffix === suffix) return;
    entry.suffix = suffix;
    this.changes += 1;
  }

  has(kind: string): boolean {
    return this.entries.some((entry) => entry.kind === kind);
  }

  list(): FaultConsequence[] {
    const inOrder = this.entries.toSorted((one, other) => one.atMs - other.atMs);
    return inOrder.map((entry) => {
      const { kind, atMs } = entry;
      return { kind, atMs, afterMs: Math.max(0, atMs - this.startedAtMs), text: this.textOf(entry) };
    });
  }

  /** How many sentences there are. */
  get count(): number {
    return this.entries.length;
  }

  /** Those that were added after the first `count`, in the order in which they were. */
  addedAfter(count: number): string[] {
    return this.entries.slice(count).map((entry) => this.textOf(entry));
  }

  private insert(entry: Entry): void {
    if (this.entries.length >= MOST_CONSEQUENCES) return;
    this.entries.push(entry);
    this.changes += 1;
  }

  private textOf({ parts, more, what, atMs, lastMs, suffix }: Entry): string {
    const seconds = (timeMs: number): string => (Math.max(0, timeMs - this.startedAtMs) / 1000).toFixed(1);
    const all = more > 0 ? `${parts.join(', ')} and ${more} more ${what}` : parts.join(', ');
    const when = lastMs - atMs < MOMENT_MS ? `${seconds(atMs)} s` : `${seconds(atMs)} to ${seconds(lastMs)} s`;
    return `${asSentence(all)} after ${when}${suffix === '' ? '' : ` ${suffix}`}`;
  }
}

/** The name of a topic at the beginning stays as it is. */
function asSentence(text: string): string {
  return /^(broker|every|everything|the) /.test(text) ? text.replace(/^./, (first) => first.toUpperCase()) : text;
}
