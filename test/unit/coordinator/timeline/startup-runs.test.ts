import { parseStartupEvents, parseStoredRuns, StartupRuns } from '../../../../coordinator/timeline/startup-runs';
import { startup } from './support';

describe('what brokers told of their starts', () => {
  it('grows while a broker starts, and is kept when the next start follows', () => {
    const runs = new StartupRuns();
    expect(runs.take(1, startup(['starting', 10], ['session established', 20]))).toHaveLength(2);
    expect(
      runs.take(1, startup(['starting', 10], ['session established', 20], ['running', 30])).map(({ name }) => name),
    ).toEqual(['running']);
    expect(runs.take(1, startup(['starting', 10], ['session established', 20], ['running', 30]))).toEqual([]);
    runs.take(1, startup(['starting', 100]));
    runs.take(0, startup(['starting', 50]));
    expect(runs.list().map(({ brokerId, startedAtMs, events }) => [brokerId, startedAtMs, events.length])).toEqual([
      [0, 50, 1],
      [1, 10, 3],
      [1, 100, 1],
    ]);
  });

  it('takes a broker that has forgotten its beginning for the same', () => {
    const runs = new StartupRuns();
    runs.take(1, startup(['starting', 10], ['running', 30]));
    runs.take(1, startup(['running', 30], ['broker registered', 90]));
    expect(runs.list()).toHaveLength(1);
    expect(runs.list()[0]?.events.map(({ atMs }) => atMs)).toEqual([10, 30, 90]);
  });

  it('is bounded, however often a broker starts', () => {
    const runs = new StartupRuns();
    for (let at = 0; at < 100; at++) runs.take(1, startup(['starting', at]));
    expect(runs.list().map(({ startedAtMs }) => startedAtMs)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  });

  it('outlives the coordinator through a file, of which damage loses no more than itself', () => {
    const runs = new StartupRuns();
    runs.take(3, startup(['starting', 10], ['running', 30]));
    expect(parseStoredRuns(JSON.stringify(runs.list())).list()).toEqual(runs.list());
    for (const text of ['', '{', '7', 'null', '[null]', '[{"brokerId":1}]', '[{"brokerId":1,"events":[{}]}]']) {
      expect(parseStoredRuns(text).list()).toEqual([]);
    }
  });

  it('is refused when it is something else that answers', () => {
    for (const text of ['<html>', '{}', '[1]', '[{"name":"x"}]', '[{"name":1,"atMs":2}]', 'null']) {
      expect(() => parseStartupEvents(text)).toThrow(/startup event|JSON|token/);
    }
    const odd = [{ name: 'x'.repeat(1_000), atMs: 1, details: { a: {}, b: 'y'.repeat(1_000), c: true } }];
    expect(parseStartupEvents(JSON.stringify(odd))).toEqual([
      { name: 'x'.repeat(300), atMs: 1, details: { b: 'y'.repeat(300), c: true } },
    ]);
  });
});
