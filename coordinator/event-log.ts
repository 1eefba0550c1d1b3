/** What matters of the live events, in the service's log as well: for whoever looks later why it was so at that hour. */
import type { Logger } from '../runtime/logger';
import type { EventHub } from './parts';
import type { LiveEvent } from './schemas';

/** Few of these happen even in a large cluster; changes of partitions or groups would fill the log. */
const LOGGED: ReadonlySet<LiveEvent['type']> = new Set(['broker', 'controller', 'zookeeper', 'fault']);

/** Returns a function that ends it. */
export function logEvents(events: EventHub, logger: Logger): () => void {
  return events.subscribe(({ type, subject, text }) => {
    const ofTheWhole = type === 'health' && subject === null;
    // One line each, whatever a broker has written about itself.
    if (LOGGED.has(type) || ofTheWhole) logger.info(text.replaceAll(/\p{Cc}+/gu, ' '));
  });
}
