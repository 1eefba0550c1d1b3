/** Asks a broker's HTTP listener for its startup events, in bounded time and memory. */
import { get } from 'node:http';
import type { Clock } from '../../runtime/clock';
import { parseStartupEvents, type StartupEvent } from './startup-runs';

const MOST_BYTES = 1_048_576;

/** Null when it does not answer in time, or not with startup events: then it is asked again. */
export function askStartupEvents(clock: Clock, address: string, timeoutMs: number): Promise<StartupEvent[] | null> {
  return new Promise((resolve) => {
    const settle = (events: StartupEvent[] | null): void => {
      timer.cancel();
      request.destroy();
      resolve(events);
    };
    const request = get(`http://${address}/startup`, { agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) settle(null);
        else chunks.push(chunk);
      });
      response.once('end', () => settle(response.statusCode === 200 ? parsed(Buffer.concat(chunks)) : null));
      response.once('error', () => settle(null));
    });
    request.once('error', () => settle(null));
    const timer = clock.after(timeoutMs, () => settle(null));
  });
}

function parsed(body: Buffer): StartupEvent[] | null {
  try {
    return parseStartupEvents(body.toString());
  } catch {
    return null;
  }
}
