/**
 * What happened, for those who watch live: the newest events, numbered, in a ring of bounded size. Owns that memory.
 * Numbers begin with the time of the start, so that those of an earlier process are smaller: who comes back with one of
 * them is told that something was lost, and is not taken for being up to date.
 */
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import type { EventHub } from './parts';
import type { EventList, LiveEvent } from './schemas';

export interface EventHubOptions {
  clock: Clock;
  logger: Logger;
  /** How many events are kept; 10,000 when left out. */
  capacity?: number;
}

const DEFAULT_CAPACITY = 10_000;

export function createEventHub({ clock, logger, capacity = DEFAULT_CAPACITY }: EventHubOptions): EventHub {
  const ring: LiveEvent[] = [];
  const listeners = new Set<(event: LiveEvent) => void>();
  const startId = clock.nowMs();
  let nextId = startId;
  const firstId = (): number => nextId - ring.length;

  /** The oldest first; one with id n stands at place n % capacity once the ring is full. */
  const at = (id: number): LiveEvent => ring[(id - startId) % capacity] as LiveEvent;

  const lost = (firstKept: number): LiveEvent => ({
    id: firstKept - 1,
    atMs: clock.nowMs(),
    type: 'lost',
    subject: null,
    text: 'Earlier events are no longer kept.',
    data: null,
  });

  return {
    publish(type, subject, text, data = null) {
      const event: LiveEvent = { id: nextId, atMs: clock.nowMs(), type, subject, text, data };
      ring[(nextId - startId) % capacity] = event;
      nextId++;
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          logger.error(`A listener to events failed at event ${event.id}`, error);
        }
      }
      return event;
    },
    list(afterId, limit): EventList {
      const first = firstId();
      const events: LiveEvent[] = [];
      // 0 stands for "from the beginning": then something is lost only when something was dropped.
      const missing = afterId === 0 ? first > startId : afterId < first - 1 || afterId >= nextId;
      if (missing) events.push(lost(first));
      for (let id = missing || afterId < first ? first : afterId + 1; id < nextId && events.length < limit; id++) {
        events.push(at(id));
      }
      return { events, firstId: ring.length === 0 ? null : first, lastId: ring.length === 0 ? null : nextId - 1 };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
