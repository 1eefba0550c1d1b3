/** Faults on purpose as steps, each with what followed. Pure. */
import type { Fault, TimelineStep } from '../schemas';

const documents: Partial<Record<Fault['action'], string>> = {
  kill: 'startup-sequence.md#a-kill',
  stop: 'startup-sequence.md#a-clean-stop',
  pause: 'startup-sequence.md#a-lost-session',
  cut: 'startup-sequence.md#a-lost-session',
};

const MOST_CONSEQUENCES = 30;

export function faultSteps(faults: readonly Fault[]): TimelineStep[] {
  return faults.flatMap((fault) => [
    stepOf(fault),
    ...fault.consequences.slice(0, MOST_CONSEQUENCES).map((one) => consequence(fault, one)),
  ]);
}

function stepOf({ id, action, target, title, startedAtMs, endedAtMs, error, consequences }: Fault): TimelineStep {
  const what = error === null ? 'Made on purpose, through the fault panel.' : `It could not be made: ${error}`;
  const followed = consequences.length === 0 ? '' : ` What followed stands behind it in this lane.`;
  return {
    atMs: startedAtMs,
    tookMs: endedAtMs === null ? null : Math.max(0, endedAtMs - startedAtMs),
    name: action,
    title,
    explanation: `${what}${followed}`,
    document: documents[action] ?? null,
    details: { fault: id, target, whole: endedAtMs !== null },
    from: 'fault',
  };
}

function consequence({ id, title }: Fault, { atMs, afterMs, kind, text }: Fault['consequences'][number]): TimelineStep {
  return {
    atMs,
    tookMs: null,
    name: kind,
    title: text,
    explanation: `Followed from: ${title}.`,
    document: null,
    details: { fault: id, afterMs: Math.round(afterMs) },
    from: 'fault',
  };
}
