/** What a broker tells about its start: the startup events of its HTTP listener. */
import type { StepContext } from '../lesson';

export interface StartupEvent {
  readonly name: string;
  readonly sinceStartMs: number;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

export type StartupStory = readonly StartupEvent[];

const ANSWER_WITHIN_MS = 3_000;

/** The events of a broker's latest start, the oldest first; null when no HTTP listener of it is known. */
export async function startupOf({ observation, clock }: StepContext, brokerId: number): Promise<StartupStory | null> {
  const listener = observation.cluster().brokers.find((broker) => broker.brokerId === brokerId)?.httpListener;
  if (!listener) return null;
  const giveUp = new AbortController();
  const timer = clock.after(ANSWER_WITHIN_MS, () => giveUp.abort(new Error(`${listener} does not answer`)));
  try {
    const answer = await fetch(`http://${listener}/startup`, { signal: giveUp.signal });
    if (!answer.ok) throw new Error(`${listener}/startup answers ${answer.status}`);
    return (await answer.json()) as StartupStory;
  } finally {
    timer.cancel();
  }
}
