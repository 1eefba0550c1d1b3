/** The steps of a broker's start as it tells them itself: what each is called, and what the broker does next. Pure. */
import type { TimelineStep } from '../schemas';
import type { StartupEvent, StartupRun } from './startup-runs';

interface StepText {
  title: string;
  explanation: string;
  document: string;
  /** Happens beside the others: leads to none of them. */
  beside?: true;
}

const firstBroker = 'startup-sequence.md#the-first-broker-of-a-new-cluster';
const moreBrokers = 'startup-sequence.md#more-brokers';

export const startupTexts: Readonly<Record<string, StepText>> = {
  starting: {
    title: 'Starts',
    explanation: 'The broker reads and checks its settings, and opens a session with ZooKeeper.',
    document: firstBroker,
  },
  'session established': {
    title: 'Has a ZooKeeper session',
    explanation:
      'ZooKeeper keeps the session while it hears from the broker in time; with the session its ephemeral znodes go. The broker now makes sure of the top-level znodes and reads the id of the cluster.',
    document: firstBroker,
  },
  'cluster id read': {
    title: 'Knows the cluster',
    explanation:
      'The very first broker made up the id, all later ones read it. It is compared with meta.properties in each log directory, so that a broker never joins the wrong cluster.',
    document: firstBroker,
  },
  'broker id known': {
    title: 'Knows its id',
    explanation: 'The broker reads the settings that were changed while it was away, and loads its logs.',
    document: firstBroker,
  },
  'logs loaded': {
    title: 'Logs are loaded',
    explanation:
      'After a clean stop logs are only opened; after a crash the end of each is read and checked. The broker now registers.',
    document: firstBroker,
  },
  'broker registered': {
    title: 'Is registered',
    explanation:
      'The ephemeral znode /brokers/ids/<id> says that the broker is part of the cluster. The zxid of its creation is the broker epoch. It is visible, but its port is not open yet.',
    document: moreBrokers,
  },
  'http listener open': {
    title: 'Tells of itself over HTTP',
    explanation: 'Startup events, metrics and traces can be read from here on; no client needs it.',
    document: firstBroker,
  },
  'controller elected': {
    title: 'Becomes the controller',
    explanation:
      'It was the first to create /controller, and in the same step raised the controller epoch. From now on it decides who leads which partition.',
    document: firstBroker,
    beside: true,
  },
  'listeners open': {
    title: 'Opens its port',
    explanation:
      'From here on requests are served. The port opens last, when everything that an answer needs is known.',
    document: firstBroker,
  },
  running: {
    title: 'Runs',
    explanation: 'The start is complete. What the broker leads and follows it is told by the controller.',
    document: moreBrokers,
  },
  'dead broker fenced': {
    title: 'Fences a dead broker',
    explanation: 'All live brokers were refused by it, so this one closes its session instead of waiting for its end.',
    document: 'startup-sequence.md#a-kill',
    beside: true,
  },
};

/** Of an event that a broker told after it ran: it lost its session and came back. */
const again: Readonly<Record<string, Pick<StepText, 'title' | 'explanation' | 'document'>>> = {
  'session established': {
    title: 'Has a new ZooKeeper session',
    explanation: 'The former one had ended. The broker registers again, and gets a new broker epoch.',
    document: 'startup-sequence.md#a-lost-session',
  },
  'broker registered': {
    title: 'Is registered again',
    explanation: 'Its former session had expired. With the new registration comes a new broker epoch.',
    document: 'startup-sequence.md#a-lost-session',
  },
};

/** The steps of one start, in their order; an event that is not known keeps its name. */
export function startupSteps({ events }: StartupRun): TimelineStep[] {
  const ran = events.findIndex(({ name }) => name === 'running');
  return events.map((event, index) => {
    const late = ran !== -1 && index > ran;
    const text = (late && again[event.name]) || startupTexts[event.name];
    return {
      atMs: event.atMs,
      tookMs: late || startupTexts[event.name]?.beside ? null : untilNext(events, index),
      name: event.name,
      title: text?.title ?? event.name,
      explanation: text?.explanation ?? 'A step that this coordinator does not know.',
      document: text?.document ?? null,
      details: { ...event.details },
      from: 'startup-event',
    };
  });
}

function untilNext(events: readonly StartupEvent[], index: number): number | null {
  const event = events[index] as StartupEvent;
  if (event.name === 'running') return null;
  const next = events.slice(index + 1).find(({ name }) => !startupTexts[name]?.beside);
  return next ? Math.max(0, next.atMs - event.atMs) : null;
}
