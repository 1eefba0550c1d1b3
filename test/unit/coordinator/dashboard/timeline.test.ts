import fc from 'fast-check';
import {
  lastMinute,
  pan,
  placeOf,
  rowsFor,
  sinceStart,
  ticks,
  viewWith,
  zoom,
} from '../../../../coordinator/dashboard/logic/timeline-scale';
import { firstView, wholeOf } from '../../../../coordinator/dashboard/logic/timeline-view';

const whole = { fromMs: 1000, toMs: 11_000 };

describe('the part of the timeline that is shown', () => {
  it('never leaves the whole, however one zooms and moves', () => {
    const move = fc.oneof(
      fc.record({ factor: fc.constantFrom(0.5, 2, 3), around: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ share: fc.double({ min: -2, max: 2, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        let view = whole;
        for (const each of moves) {
          view = 'factor' in each ? zoom(view, whole, each.factor, each.around) : pan(view, whole, each.share);
        }
        expect(view.fromMs).toBeGreaterThanOrEqual(whole.fromMs - 1e-6);
        expect(view.toMs).toBeLessThanOrEqual(whole.toMs + 1e-6);
        expect(view.toMs - view.fromMs).toBeGreaterThanOrEqual(10 - 1e-6);
      }),
    );
  });

  it('keeps the point in place around which one zooms', () => {
    const view = zoom(whole, whole, 2, 0.25);
    expect(placeOf(view, 3500)).toBeCloseTo(0.25);
  });

  it('moves to a step that is out of sight, and stays where it is for one in sight', () => {
    const view = { fromMs: 2000, toMs: 3000 };
    expect(viewWith(view, whole, 2500)).toBe(view);
    expect(viewWith(view, whole, 8000)).toEqual({ fromMs: 7500, toMs: 8500 });
    expect(viewWith(view, whole, 11_000)).toEqual({ fromMs: 10_000, toMs: 11_000 });
  });

  it('can be the last minute, or all when there is less', () => {
    expect(lastMinute({ fromMs: 0, toMs: 200_000 })).toEqual({ fromMs: 140_000, toMs: 200_000 });
    expect(lastMinute(whole)).toEqual(whole);
  });

  it('is the startup at first, up to the first long pause', () => {
    const step = (atMs: number, from = 'startup-event') => ({ atMs, tookMs: null, from });
    const timeline = {
      fromMs: 1000,
      toMs: 1_000_000,
      lanes: [{ steps: [step(1000), step(3000), step(900_000)] }, { steps: [step(2000, 'znode'), step(4000)] }],
    };
    const view = firstView(timeline, wholeOf(timeline));
    expect(view.fromMs).toBe(1000);
    expect(view.toMs).toBeGreaterThan(4000);
    expect(view.toMs).toBeLessThan(10_000);
  });

  it('is the whole when no process tells its startup', () => {
    const timeline = { fromMs: null, toMs: null, lanes: [{ steps: [{ atMs: 5, tookMs: 10, from: 'znode' }] }] };
    expect(firstView(timeline, wholeOf(timeline))).toEqual(wholeOf(timeline));
    expect(wholeOf(timeline).fromMs).toBe(5);
  });
});

describe('the ruler', () => {
  it('has round distances from the beginning, not too many', () => {
    const marks = ticks({ fromMs: 1100, toMs: 4000 }, 1000, 6);
    expect(marks).toEqual([1500, 2000, 2500, 3000, 3500, 4000]);
  });

  it('names distances in the unit that suits them', () => {
    expect([0, 250, 1250, 61_000, 125_000].map(sinceStart)).toEqual([
      '+0 ms',
      '+250 ms',
      '+1.25 s',
      '+61.0 s',
      '+2 min 5 s',
    ]);
  });
});

describe('the rows of a lane', () => {
  it('hold labels that do not touch as long as there are rows enough', () => {
    const edges = fc
      .array(fc.record({ left: fc.integer({ min: 0, max: 300 }), width: fc.integer({ min: 1, max: 50 }) }))
      .map((list) => list.sort((a, b) => a.left - b.left).map(({ left, width }) => ({ left, right: left + width })));
    fc.assert(
      fc.property(edges, (list) => {
        const rows = rowsFor(list, 1000);
        const touching = list.flatMap((a, i) =>
          list.filter((b, j) => j > i && rows[i] === rows[j] && a.left < b.right && b.left < a.right),
        );
        expect(touching).toEqual([]);
      }),
    );
  });

  it('are never more than allowed', () => {
    const same = Array.from({ length: 20 }, () => ({ left: 0, right: 10 }));
    expect(new Set(rowsFor(same, 7)).size).toBe(7);
  });
});
