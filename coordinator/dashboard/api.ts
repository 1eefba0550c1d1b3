/** Calls of the coordinator's REST interface. */
import type { ErrorAnswer } from '@schemas';
import { askForToken, forgetToken, storedToken } from './token.js';

/** An answer that is an error, or none at all (status 0). */
export class CallError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CallError';
  }
}

/** A service that was stopped in the middle keeps connections open and says nothing. */
const ANSWER_TIMEOUT_MS = 10_000;

/** @throws CallError; AbortError when the signal was given */
export async function get<T>(path: string, signal?: AbortSignal, timeoutMs = ANSWER_TIMEOUT_MS): Promise<T> {
  const patience = AbortSignal.timeout(timeoutMs);
  return answerOf<T>(await send(path, { signal: signal ? AbortSignal.any([signal, patience]) : patience }));
}

/**
 * Does something that changes the cluster. Asks for the token when there is none or the one at hand is refused.
 * @throws CallError; with code CANCELLED when the user gives no token
 */
export async function act<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  let why = 'To change something, the coordinator asks for its token.';
  for (;;) {
    const token = storedToken() ?? (await askForToken(why));
    if (token === null) throw new CallError(0, 'CANCELLED', 'Nothing was done: no token was given');
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const response = await send(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    if (response.status !== 401) return answerOf<T>(response);
    forgetToken();
    why = 'The coordinator did not accept this token.';
  }
}

async function send(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...options, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new CallError(0, 'NO_ANSWER', 'The coordinator does not answer');
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const answer = (await response.json().catch(() => null)) as ErrorAnswer | null;
  throw new CallError(response.status, answer?.error ?? 'ERROR', answer?.message ?? `HTTP status ${response.status}`);
}

/** What to tell of a failure. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
