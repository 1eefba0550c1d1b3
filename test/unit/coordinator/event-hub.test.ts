import { createEventHub } from '../../../coordinator/event-hub';
import type { EventHub } from '../../../coordinator/parts';
import { silentLogger } from '../../../runtime/logger';
import { ManualClock } from '../../../runtime/manual-clock';

const hubOf = (capacity: number, clock = new ManualClock()): EventHub =>
  createEventHub({ clock, logger: silentLogger, capacity });

const publish = (hub: EventHub, ...texts: string[]): number[] =>
  texts.map((text) => hub.publish('broker', null, text).id);

const texts = (hub: EventHub, afterId: number, limit = 100): string[] =>
  hub.list(afterId, limit).events.map(({ type, text }) => (type === 'lost' ? 'lost' : text));

describe('the memory of events', () => {
  it('gives what came after an id, the oldest first, and no more than asked for', () => {
    const hub = hubOf(10);
    const [a = 0, b, c] = publish(hub, 'a', 'b', 'c');
    expect([b, c]).toEqual([a + 1, a + 2]);
    expect(texts(hub, a)).toEqual(['b', 'c']);
    expect(texts(hub, a, 1)).toEqual(['b']);
    expect(texts(hub, a + 2)).toEqual([]);
    expect(texts(hub, 0)).toEqual(['a', 'b', 'c']);
  });

  it('has bounds that are null as long as nothing happened', () => {
    const hub = hubOf(10);
    expect(hub.list(0, 10)).toEqual({ events: [], firstId: null, lastId: null });
    const [a, b] = publish(hub, 'a', 'b');
    expect(hub.list(0, 10)).toMatchObject({ firstId: a, lastId: b });
  });

  it('keeps the newest only, and says that earlier ones are lost to whoever missed some', () => {
    const hub = hubOf(3);
    const ids = publish(hub, 'a', 'b', 'c', 'd', 'e');
    expect(texts(hub, ids[0] as number)).toEqual(['lost', 'c', 'd', 'e']);
    expect(texts(hub, 0)).toEqual(['lost', 'c', 'd', 'e']);
    expect(texts(hub, ids[1] as number)).toEqual(['c', 'd', 'e']);
    expect(hub.list(0, 10).firstId).toBe(ids[2]);
  });

  it('goes on behind the lost ones without saying so again', () => {
    const hub = hubOf(2);
    const [a = 0] = publish(hub, 'a', 'b', 'c', 'd');
    const lost = hub.list(a, 1).events[0];
    expect(lost?.type).toBe('lost');
    expect(texts(hub, lost?.id as number)).toEqual(['c', 'd']);
  });

  it('takes the id of an earlier process for missed, not for up to date', () => {
    const clock = new ManualClock();
    const [last = 0] = publish(hubOf(10, clock), 'of the earlier process');
    clock.advance(1_000);
    const hub = hubOf(10, clock);
    expect(texts(hub, last)).toEqual(['lost']);
    publish(hub, 'a');
    expect(texts(hub, last)).toEqual(['lost', 'a']);
  });

  it('takes an id that it has not given yet for that of another process', () => {
    const hub = hubOf(10);
    const [a = 0] = publish(hub, 'a');
    expect(texts(hub, a + 1_000)).toEqual(['lost', 'a']);
  });

  it('tells listeners at once, until they are taken off, and whatever one of them throws', () => {
    const hub = hubOf(10);
    const seen: string[] = [];
    hub.subscribe(() => {
      throw new Error('a listener of no use');
    });
    const off = hub.subscribe(({ text }) => seen.push(text));
    publish(hub, 'a');
    off();
    publish(hub, 'b');
    expect(seen).toEqual(['a']);
  });
});
