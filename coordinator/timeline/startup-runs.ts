/**
 * What brokers told of their starts, kept after they are gone: a broker that dies takes its own story with it. Pure but for
 * being state; owns the runs. Whatever a broker says is checked, as it may be anybody who answers at that address.
 */

export interface StartupEvent {
  readonly name: string;
  readonly atMs: number;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** One start of one broker. */
export interface StartupRun {
  readonly brokerId: number;
  readonly startedAtMs: number;
  /** The oldest first. */
  readonly events: readonly StartupEvent[];
}

const MOST_RUNS_PER_BROKER = 10;
const MOST_BROKERS = 1_000;
const MOST_EVENTS = 500;
const MOST_DETAILS = 20;
const LONGEST_TEXT = 300;

export class StartupRuns {
  private readonly byBroker = new Map<number, StartupRun[]>();

  /** All runs, by broker, the oldest first. */
  list(): readonly StartupRun[] {
    return [...this.byBroker.keys()].sort((one, other) => one - other).flatMap((id) => this.byBroker.get(id) ?? []);
  }

  /**
   * Takes what a broker tells of its current run.
   * @returns the events that are new
   */
  take(brokerId: number, events: readonly StartupEvent[]): readonly StartupEvent[] {
    const [first] = events;
    if (!first) return [];
    const runs = this.byBroker.get(brokerId) ?? [];
    const last = runs.at(-1);
    const newest = last?.events.at(-1);
    // A process that has told very much has forgotten its beginning: its events then overlap with those that are known.
    const same = last && (last.startedAtMs === first.atMs || events.some((event) => isSame(event, newest)));
    if (!same) {
      if (last && first.atMs < last.startedAtMs) return [];
      this.put(brokerId, [...runs, { brokerId, startedAtMs: first.atMs, events: events.slice(-MOST_EVENTS) }]);
      return events;
    }
    const from = events.findLastIndex((event) => isSame(event, newest)) + 1;
    const added = events.slice(from);
    if (added.length > 0) {
      const all = [...last.events, ...added].slice(-MOST_EVENTS);
      this.put(brokerId, [...runs.slice(0, -1), { ...last, events: all }]);
    }
    return added;
  }

  private put(brokerId: number, runs: StartupRun[]): void {
    if (!this.byBroker.has(brokerId) && this.byBroker.size >= MOST_BROKERS) return;
    this.byBroker.set(brokerId, runs.slice(-MOST_RUNS_PER_BROKER));
  }
}

/** @throws Error for what is not a list of startup events */
export function parseStartupEvents(text: string): StartupEvent[] {
  const list = JSON.parse(text) as unknown;
  if (!Array.isArray(list)) throw new Error('not a list of startup events');
  return list.slice(-MOST_EVENTS).map(parseEvent);
}

function parseEvent(value: unknown): StartupEvent {
  const { name, atMs, details } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || !Number.isFinite(atMs)) throw new Error('not a startup event');
  const plain = Object.entries(typeof details === 'object' && details ? details : {})
    .slice(0, MOST_DETAILS)
    .filter(([, item]) => ['string', 'number', 'boolean'].includes(typeof item))
    .map(([key, item]) => [key.slice(0, LONGEST_TEXT), typeof item === 'string' ? item.slice(0, LONGEST_TEXT) : item]);
  return {
    name: name.slice(0, LONGEST_TEXT),
    atMs: atMs as number,
    details: Object.fromEntries(plain) as StartupEvent['details'],
  };
}

function isSame(one: StartupEvent, other: StartupEvent | undefined): boolean {
  return other !== undefined && one.atMs === other.atMs && one.name === other.name;
}

/** What an earlier coordinator kept; nothing where the file is damaged. */
export function parseStoredRuns(text: string): StartupRuns {
  const runs = new StartupRuns();
  try {
    const stored = JSON.parse(text) as { brokerId: number; events: unknown }[];
    for (const { brokerId, events } of stored) {
      if (Number.isSafeInteger(brokerId)) runs.take(brokerId, parseStartupEvents(JSON.stringify(events)));
    }
  } catch {
    // As good as none: brokers that run tell theirs again.
  }
  return runs;
}
