import { DeadlineTimer } from '../../../../broker/replication/deadline-timer';
import { ManualClock } from '../../../../runtime/manual-clock';
import { seededRandom } from '../../../../runtime/random';

describe('DeadlineTimer', () => {
  it('expires items in the order of their deadlines, never early and at most one tick late', () => {
    const clock = new ManualClock();
    const timer = new DeadlineTimer(clock);
    const random = seededRandom(1);
    const expired: { due: number; at: number }[] = [];
    for (let i = 0; i < 500; i++) {
      const due = random.below(10_000);
      timer.add({ expire: () => expired.push({ due, at: clock.monotonicMs() }) }, due);
    }
    clock.advance(10_010);
    expect(expired).toHaveLength(500);
    for (const { due, at } of expired) {
      expect(at).toBeGreaterThanOrEqual(due);
      expect(at).toBeLessThanOrEqual(due + 5);
    }
    expect(expired.map(({ at }) => at)).toEqual(expired.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  it('does not expire what was removed, and keeps no timer for it beyond its tick', () => {
    const clock = new ManualClock();
    const timer = new DeadlineTimer(clock);
    const expire = jest.fn();
    const items = Array.from({ length: 100 }, () => ({ expire }));
    const ticks = items.map((item) => timer.add(item, 30_000));
    expect(clock.pendingTimers).toBe(1);
    items.forEach((item, i) => timer.remove(item, ticks[i] as number));
    expect(timer.size).toBe(0);
    clock.advance(40_000);
    expect(expire).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes an earlier deadline while it waits for a later one', () => {
    const clock = new ManualClock();
    const timer = new DeadlineTimer(clock);
    const order: string[] = [];
    timer.add({ expire: () => order.push('late') }, 1000);
    timer.add({ expire: () => order.push('early') }, 10);
    clock.advance(15);
    expect(order).toEqual(['early']);
    clock.advance(1000);
    expect(order).toEqual(['early', 'late']);
  });

  it('lets an expiring item add another one', () => {
    const clock = new ManualClock();
    const timer = new DeadlineTimer(clock);
    const expire = jest.fn();
    timer.add({ expire: () => void timer.add({ expire }, 20) }, 20);
    clock.advance(50);
    expect(expire).toHaveBeenCalledTimes(1);
  });
});
