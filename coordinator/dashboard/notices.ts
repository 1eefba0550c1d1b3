/** Short messages about what the user did; read out by screen readers. */
import { act as call, CallError, messageOf } from './api.js';
import { after } from './clock.js';
import { Store } from './store.js';

export interface Notice {
  id: number;
  text: string;
  bad: boolean;
}

const STAYS_MS = 8000;
let nextId = 1;

export const notices = new Store<readonly Notice[]>([]);

export function dismiss(id: number): void {
  notices.set(notices.get().filter((notice) => notice.id !== id));
}

export function notify(text: string, bad = false): void {
  const id = nextId;
  nextId += 1;
  notices.set([...notices.get().slice(-3), { id, text, bad }]);
  if (!bad) after(STAYS_MS, () => dismiss(id));
}

/** Does an action and tells how it went. Resolves to null when it failed. */
export async function perform<T>(
  method: Parameters<typeof call>[0],
  path: string,
  body: unknown,
  /** What to tell when it worked; null when the page itself shows it. */
  done: ((answer: T) => string) | null,
): Promise<T | null> {
  try {
    const answer = await call<T>(method, path, body);
    if (done) notify(done(answer));
    return answer;
  } catch (error) {
    if (!(error instanceof CallError && error.code === 'CANCELLED')) notify(messageOf(error), true);
    return null;
  }
}
