/**
 * Where sampled records are, as brokers with an HTTP listener tell at /trace. Asked only while somebody looks: the first call of
 * `flow` begins it, and it ends some seconds after the last. Owns what was answered last.
 */
import type { Clock } from '../../runtime/clock';
import type { TaskGroup } from '../../runtime/task-group';
import type { TracedRecord } from '../schemas';

export interface TracesOptions {
  readonly clock: Clock;
  readonly tasks: TaskGroup;
  /** `host:port` by broker. */
  readonly listeners: ReadonlyMap<number, string>;
  readonly timeoutMs: number;
  /** The global fetch when left out. */
  fetch?: (url: string, options: { signal: AbortSignal }) => Promise<Pick<Response, 'ok' | 'json'>>;
}

const ASK_EVERY_MS = 500;
const WATCHED_FOR_MS = 10_000;
/** A broker keeps 100. */
const MOST_RECORDS_PER_BROKER = 200;

export class Traces {
  private readonly records = new Map<number, readonly TracedRecord[]>();
  private readonly busy = new Set<number>();
  private watchedUntilMs = Number.NEGATIVE_INFINITY;
  private asking = false;

  constructor(private readonly options: TracesOptions) {}

  /** Whether any broker tells traces at all. */
  get possible(): boolean {
    return this.options.listeners.size > 0;
  }

  /** Whether a broker told its traces when it was asked last. */
  answers(brokerId: number): boolean {
    return this.records.has(brokerId);
  }

  /** Records appended since then, the oldest first. Keeps the asking going. */
  since(sinceMs: number): TracedRecord[] {
    this.watch();
    const all = [...this.records.values()].flat().filter(({ appendedMs }) => appendedMs >= sinceMs);
    return all.sort((one, other) => one.appendedMs - other.appendedMs);
  }

  private watch(): void {
    const { clock, tasks } = this.options;
    this.watchedUntilMs = clock.monotonicMs() + WATCHED_FOR_MS;
    if (this.asking || !this.possible || tasks.stopping) return;
    this.asking = true;
    const turn = (): void => {
      if (clock.monotonicMs() >= this.watchedUntilMs) {
        this.asking = false;
        return;
      }
      for (const [brokerId, address] of this.options.listeners) this.ask(brokerId, address);
      tasks.after(ASK_EVERY_MS, turn);
    };
    turn();
  }

  private ask(brokerId: number, address: string): void {
    if (this.busy.has(brokerId)) return;
    this.busy.add(brokerId);
    this.options.tasks.run(`ask broker ${brokerId} for traces`, async () => {
      try {
        this.records.set(brokerId, tracedRecords(brokerId, await this.get(`http://${address}/trace`)));
      } catch {
        // Shown as what it is: the flow falls back to offsets for this broker.
        this.records.delete(brokerId);
      } finally {
        this.busy.delete(brokerId);
      }
    });
  }

  private async get(url: string): Promise<unknown> {
    const { clock, tasks, timeoutMs, fetch: get = fetch } = this.options;
    const tooLate = new AbortController();
    const timer = clock.after(timeoutMs, () => tooLate.abort(new Error(`no answer within ${timeoutMs} ms`)));
    try {
      const answer = await get(url, { signal: AbortSignal.any([tooLate.signal, tasks.signal]) });
      if (!answer.ok) throw new Error(`${url} was refused`);
      return await answer.json();
    } finally {
      timer.cancel();
    }
  }
}

/** Reads an answer of /trace; what does not look like a trace is left out. */
export function tracedRecords(brokerId: number, answer: unknown): TracedRecord[] {
  const records = (answer as { records?: unknown } | null)?.records;
  if (!Array.isArray(records)) return [];
  return records.slice(-MOST_RECORDS_PER_BROKER).flatMap((record: unknown) => {
    const { topic, partition, offset, appendedMs, replicatedMs, committedMs, fetchedMs } = (record ?? {}) as Record<
      string,
      unknown
    >;
    if (typeof topic !== 'string' || ![partition, offset, appendedMs].every(Number.isFinite)) return [];
    return [
      {
        topic,
        partition: partition as number,
        offset: offset as number,
        leader: brokerId,
        appendedMs: appendedMs as number,
        replicatedMs: times(replicatedMs),
        committedMs: timeOrNull(committedMs),
        fetchedMs: timeOrNull(fetchedMs),
      },
    ];
  });
}

function times(value: unknown): Record<string, number> {
  const entries = Object.entries((value ?? {}) as object).filter(([, time]) => Number.isFinite(time));
  return Object.fromEntries(entries) as Record<string, number>;
}

function timeOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
