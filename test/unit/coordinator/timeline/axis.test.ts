import fc from 'fast-check';
import { axisFor, ticksOf } from '../../../../coordinator/timeline/axis';

describe('the axis of the timeline', () => {
  it('cuts out time in which nothing happens, and says how much', () => {
    const axis = axisFor([0, 500, 3_600_000, 3_600_500], 100, 800);
    expect(axis.cuts).toMatchObject([{ lengthMs: 3_599_500 }]);
    expect(axis.place(0)).toBe(100);
    expect(axis.place(3_600_500)).toBeCloseTo(900);
    // Half a second is as wide on either side.
    expect(axis.place(500) - axis.place(0)).toBeCloseTo(axis.place(3_600_500) - axis.place(3_600_000));
  });

  it('has few cuts, however often nothing happened', () => {
    const axis = axisFor(
      Array.from({ length: 200 }, (_, index) => index * 60_000 + (index % 7) * 5_000),
      0,
      800,
    );
    expect(axis.cuts.length).toBeLessThanOrEqual(8);
  });

  it('has a place for a single moment and for none', () => {
    expect(axisFor([5], 100, 800).place(5)).toBeGreaterThanOrEqual(100);
    expect(axisFor([], 100, 800).place(5)).toBe(100);
  });

  it('keeps the order of time, and stays inside', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 60 }), (times) => {
        const axis = axisFor(times, 100, 800);
        const places = times.toSorted((one, other) => one - other).map((time) => axis.place(time));
        expect(places).toEqual(places.toSorted((one, other) => one - other));
        expect(places[0]).toBeGreaterThanOrEqual(100);
        expect(places.at(-1)).toBeLessThanOrEqual(900.001);
      }),
    );
  });

  it('has round ticks, not too close to each other', () => {
    const stretch = { fromMs: 1_234, toMs: 2_734, left: 0, right: 450 };
    expect(ticksOf(stretch, 80).map(({ sinceMs }) => sinceMs)).toEqual([500, 1_000, 1_500]);
    expect(ticksOf({ ...stretch, toMs: 1_234 }, 80)).toEqual([]);
  });
});
