/**
 * Puts the timeline together: one lane per process, each with its steps by time. Pure. A broker's own startup events go before
 * what can be concluded from znodes; where both tell the same, the znode only adds its zxid.
 */
import type { Fault, Timeline, TimelineLane, TimelineStep, ZnodeHistory } from '../schemas';
import { faultSteps } from './fault-steps';
import type { StartupRun } from './startup-runs';
import { startupSteps } from './startup-steps';
import type { StoryEntry } from './story';

/** What the coordinator itself did. */
export interface OwnStep {
  atMs: number;
  name: string;
  title: string;
  explanation: string;
}

export interface TimelineInput {
  runs: readonly StartupRun[];
  story: readonly StoryEntry[];
  /** Which broker a session belonged to, or the coordinator. */
  ownerOf: (session: string) => number | 'coordinator' | null;
  faults: readonly Fault[];
  own: readonly OwnStep[];
  /** Registered now. */
  brokerIds: readonly number[];
  /** `host:port` by broker id, as configured. */
  httpListeners: ReadonlyMap<number, string>;
  source: ZnodeHistory['source'];
}

const MOST_STEPS = 400;
/** So long around a start, a loss, an election or a fault everything is shown. */
const BEFORE_MS = 2_000;
const AFTER_MS = 15_000;
const AFTER_FAULT_MS = 30_000;
/** A znode and a startup event that tell the same are not further apart. */
const SAME_MOMENT_MS = 2_000;

interface Placed {
  lane: string;
  step: TimelineStep;
}

export function buildTimeline(input: TimelineInput): Timeline {
  const near = windowsOf(input);
  const story = input.story.filter(
    ({ chapter, atMs }) => chapter.weight === 'always' || near.some(([from, to]) => atMs >= from && atMs <= to),
  );
  const told = input.runs.flatMap((run) => startupSteps(run).map((step) => ({ lane: laneOf(run.brokerId), step })));
  const placed: Placed[] = [
    ...told,
    ...story.flatMap((entry) => placedEntry(entry, input, told)),
    ...faultSteps(input.faults).map((step) => ({ lane: 'faults', step })),
    ...input.own.map((own, index) => ({ lane: 'coordinator', step: ownStep(own, input.own[index + 1]) })),
  ];
  const shown = newest(placed, input.runs);
  const lanes = lanesFor(input, shown).filter(({ kind, steps }) => kind !== 'faults' || steps.length > 0);
  const steps = shown.map(({ step }) => step);
  return {
    fromMs: steps.length === 0 ? null : Math.min(...steps.map(({ atMs }) => atMs)),
    toMs: steps.length === 0 ? null : Math.max(...steps.map(({ atMs, tookMs }) => atMs + (tookMs ?? 0))),
    lanes,
  };
}

function lanesFor(input: TimelineInput, placed: readonly Placed[]): TimelineLane[] {
  const of = (id: string): TimelineStep[] =>
    placed
      .filter(({ lane }) => lane === id)
      .map(({ step }) => step)
      .sort((one, other) => one.atMs - other.atMs);
  const known = placed.flatMap(({ lane }) => (lane.startsWith('broker-') ? [Number(lane.slice(7))] : []));
  const ids = [...new Set([...input.brokerIds, ...input.httpListeners.keys(), ...known])].sort((a, b) => a - b);
  const brokers: TimelineLane[] = ids.map((id) => {
    const steps = of(laneOf(id));
    return { id: laneOf(id), kind: 'broker', title: `Broker ${id}`, steps, note: brokerNote(id, steps, input) };
  });
  const watched =
    'Seen by watches: times are those at which the coordinator learned of it, and who wrote is mostly unknown.';
  return [
    {
      id: 'zookeeper',
      kind: 'zookeeper',
      title: 'ZooKeeper',
      steps: of('zookeeper'),
      note: input.source === 'watch' ? watched : null,
    },
    ...brokers,
    { id: 'coordinator', kind: 'coordinator', title: 'Coordinator', steps: of('coordinator'), note: null },
    { id: 'faults', kind: 'faults', title: 'Faults on purpose', steps: of('faults'), note: null },
  ];
}

function brokerNote(
  id: number,
  steps: readonly TimelineStep[],
  { httpListeners, brokerIds }: TimelineInput,
): string | null {
  if (steps.some(({ from }) => from === 'startup-event')) return null;
  const listener = httpListeners.get(id);
  if (listener !== undefined)
    return `Its HTTP listener at ${listener} has not told its start yet; this is from znodes only.`;
  if (steps.length === 0 && !brokerIds.includes(id)) return null;
  return 'From znodes only: this broker has no HTTP listener that the coordinator knows of (Apache Kafka has none), so what it did by itself is not seen.';
}

/** Where an entry stands, and how it is told; nowhere when a startup event tells it. */
function placedEntry(entry: StoryEntry, input: TimelineInput, told: readonly Placed[]): Placed[] {
  const { chapter } = entry;
  const whose = entry.session === null ? null : input.ownerOf(entry.session);
  const owner = entry.brokerId ?? (whose === 'coordinator' ? null : whose);
  if (chapter.startupEvent !== undefined && owner !== null) {
    const same = told.find(
      ({ lane, step }) =>
        lane === laneOf(owner) &&
        step.name === chapter.startupEvent &&
        Math.abs(step.atMs - entry.atMs) <= SAME_MOMENT_MS,
    );
    if (same) {
      if (entry.firstZxid !== null) same.step.details['zxid'] = entry.firstZxid;
      return [];
    }
  }
  const tellsItself = owner !== null && input.runs.some(({ brokerId }) => brokerId === owner);
  // The session of a broker that tells nothing of its start is the first that is seen of it.
  const begins = chapter.name === 'session opened' && owner !== null && !tellsItself;
  const lane = owner !== null && (begins || !chapter.byZooKeeper) ? laneOf(owner) : 'zookeeper';
  return [
    {
      lane,
      step: stepOf(
        entry,
        whose === 'coordinator' ? whose : owner,
        begins ? registrationAfter(entry, input.story) : null,
      ),
    },
  ];
}

function stepOf(entry: StoryEntry, owner: number | 'coordinator' | null, untilMs: number | null): TimelineStep {
  const { chapter, count, texts, atMs, lastMs } = entry;
  const title = count === 1 ? chapter.title : chapter.titleOfMany.replace('#', String(count));
  const whose = chapter.byZooKeeper && entry.session !== null && owner !== null ? ` (${nameOf(owner)})` : '';
  const more = count > texts.length ? ` And ${count - texts.length} more.` : '';
  const took = untilMs === null ? lastMs - atMs : untilMs - atMs;
  return {
    atMs,
    tookMs: took > 0 ? took : null,
    name: chapter.name,
    title: `${title}${whose}`,
    explanation: `${texts.join(' ')}${more} ${chapter.explanation}`,
    document: chapter.document,
    details: {
      ...(entry.firstZxid === null ? {} : { zxid: entry.firstZxid }),
      ...(entry.lastZxid === null || entry.lastZxid === entry.firstZxid ? {} : { 'last zxid': entry.lastZxid }),
      ...(entry.session === null ? {} : { session: entry.session }),
      ...(typeof owner === 'number' ? { 'broker.id': owner } : {}),
      ...(count === 1 ? {} : { changes: count }),
    },
    from: 'znode',
  };
}

function registrationAfter({ session, atMs }: StoryEntry, story: readonly StoryEntry[]): number | null {
  const registration = story.find(
    (entry) => entry.chapter.name === 'broker registered' && entry.session === session && entry.atMs >= atMs,
  );
  return registration?.atMs ?? null;
}

function ownStep({ atMs, name, title, explanation }: OwnStep, next: OwnStep | undefined): TimelineStep {
  const tookMs = next ? next.atMs - atMs : null;
  return { atMs, tookMs, name, title, explanation, document: null, details: {}, from: 'observation' };
}

function windowsOf({ runs, story, faults }: TimelineInput): [number, number][] {
  const starts = runs.map(({ startedAtMs, events }): [number, number] => {
    const ran = events.find(({ name }) => name === 'running') ?? events.at(-1);
    return [startedAtMs - BEFORE_MS, (ran?.atMs ?? startedAtMs) + AFTER_MS];
  });
  const turns = story
    .filter(({ chapter }) => chapter.startupEvent !== undefined || chapter.name.endsWith(' gone'))
    .map(({ atMs }): [number, number] => [atMs - BEFORE_MS, atMs + AFTER_MS]);
  const broken = faults.map(({ startedAtMs, endedAtMs }): [number, number] => [
    startedAtMs - BEFORE_MS,
    (endedAtMs ?? startedAtMs) + AFTER_FAULT_MS,
  ]);
  return merged([...starts, ...turns, ...broken]);
}

function merged(windows: [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [from, to] of windows.sort((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** The newest steps, and always the newest start of each broker. */
function newest(placed: readonly Placed[], runs: readonly StartupRun[]): Placed[] {
  if (placed.length <= MOST_STEPS) return [...placed];
  const lastStart = new Map(runs.map(({ brokerId, startedAtMs }) => [laneOf(brokerId), startedAtMs]));
  const byTime = placed.toSorted((one, other) => one.step.atMs - other.step.atMs);
  const edge = (byTime.at(-MOST_STEPS) as Placed).step.atMs;
  return byTime.filter(
    ({ lane, step }) =>
      step.atMs >= edge || (step.from === 'startup-event' && step.atMs >= (lastStart.get(lane) ?? Infinity)),
  );
}

function nameOf(owner: number | 'coordinator'): string {
  return owner === 'coordinator' ? 'the coordinator' : `broker ${owner}`;
}

function laneOf(brokerId: number): string {
  return `broker-${brokerId}`;
}
