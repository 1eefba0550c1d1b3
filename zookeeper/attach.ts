/** Closing a session that somebody else holds. */
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { systemRandom } from '../runtime/random';
import { ServerConnection } from './connection';
import { ZkError } from './errors';

export interface AttachOptions {
  clock: Clock;
  logger: Logger;
  /** Gives up with CONNECTION_LOSS after this long; 10 s when left out. */
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Attaches to a session by its id and password and closes it: its ephemeral nodes vanish at once, and its owner
 * finds it expired. Resolves to `closed`, or to `gone` when the server knows no such session (or the password is wrong).
 * @param connectString a chroot in it does not matter
 */
export function attachAndClose(
  connectString: string,
  sessionId: Buffer,
  sessionPassword: Buffer,
  options: AttachOptions,
): Promise<'closed' | 'gone'> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    let connection: ServerConnection;
    let asked = false;
    const timer = options.clock.after(timeoutMs, () => {
      connection.abandon();
      const hex = sessionId.toString('hex');
      reject(new ZkError('CONNECTION_LOSS', null, `session ${hex} could not be closed within ${timeoutMs} ms`));
    });
    const end = (outcome: 'closed' | 'gone'): void => {
      timer.cancel();
      resolve(outcome);
    };
    const attempt = (): void => {
      connection = new ServerConnection({
        connectString,
        // Whoever attaches is granted a time-out of his own; it matters only if the closing gets lost.
        sessionTimeoutMs: timeoutMs,
        clock: options.clock,
        logger: options.logger,
        random: systemRandom,
        session: { id: sessionId, password: sessionPassword },
      });
      connection.open({
        onConnected: () => {
          asked = true;
          void connection.closeSession().then((answered) => (answered ? end('closed') : attempt()));
        },
        onDisconnected: () => undefined,
        // Gone after we have asked for it: only the answer was lost.
        onExpired: () => end(asked ? 'closed' : 'gone'),
        onWatchEvent: () => undefined,
      });
    };
    attempt();
  });
}
