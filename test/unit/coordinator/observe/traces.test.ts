/** Sampled records as brokers tell them. */
import { httpListenersOf } from '../../../../coordinator/observe/http-listeners';
import { Throttle } from '../../../../coordinator/observe/throttle';
import { tracedRecords, Traces } from '../../../../coordinator/observe/traces';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { TaskGroup } from '../../../../runtime/task-group';

const record = (offset: number, appendedMs: number) => ({
  topic: 'orders',
  partition: 0,
  offset,
  leaderEpoch: 0,
  appendedMs,
  replicatedMs: { 1: appendedMs + 2 },
  committedMs: appendedMs + 2,
  fetchedMs: null,
});

function tracing(answers: Record<string, () => unknown>) {
  const clock = new ManualClock();
  const tasks = new TaskGroup('test', clock, silentLogger);
  const asked: string[] = [];
  const traces = new Traces({
    clock,
    tasks,
    listeners: httpListenersOf(['0=a:8000', '1=b:8000']),
    timeoutMs: 1_000,
    fetch: async (url) => {
      asked.push(url);
      return { ok: true, json: async () => answers[url]?.() };
    },
  });
  return { clock, traces, asked };
}

it('are asked for while somebody looks, and no longer', async () => {
  const { clock, traces, asked } = tracing({
    'http://a:8000/trace': () => ({ records: [record(1, 1_000), record(2, 3_000)] }),
    'http://b:8000/trace': () => ({ records: [record(7, 2_000)] }),
  });
  await clock.advanceAsync(5_000);
  expect(asked).toEqual([]);
  traces.since(0);
  await clock.advanceAsync(100);
  expect(traces.since(1_500).map(({ leader, offset }) => [leader, offset])).toEqual([
    [1, 7],
    [0, 2],
  ]);
  await clock.advanceAsync(60_000);
  const inAll = asked.length;
  expect(inAll).toBeLessThan(60);
  await clock.advanceAsync(60_000);
  expect(asked).toHaveLength(inAll);
});

it('of a broker that does not answer are forgotten, those of others stay', async () => {
  let broken = false;
  const { clock, traces } = tracing({
    'http://a:8000/trace': () => {
      if (broken) throw new Error('gone');
      return { records: [record(1, 1_000)] };
    },
    'http://b:8000/trace': () => ({ records: [record(7, 2_000)] }),
  });
  traces.since(0);
  await clock.advanceAsync(600);
  broken = true;
  await clock.advanceAsync(1_000);
  expect([traces.answers(0), traces.answers(1)]).toEqual([false, true]);
  expect(traces.since(0).map(({ leader }) => leader)).toEqual([1]);
});

it('that do not look like traces are left out', () => {
  const good = record(1, 1_000);
  const bad = [null, 7, {}, { ...good, topic: 5 }, { ...good, offset: '1' }, { ...good, appendedMs: Number.NaN }];
  expect(tracedRecords(3, { records: [...bad, good] })).toEqual([
    {
      topic: 'orders',
      partition: 0,
      offset: 1,
      leader: 3,
      appendedMs: 1_000,
      replicatedMs: { 1: 1_002 },
      committedMs: 1_002,
      fetchedMs: null,
    },
  ]);
  expect(tracedRecords(3, 'hello')).toEqual([]);
});

it.each(['0', 'a=b:1', '0=host', '0=host:port', '0=ho/st:1'])('are not looked for at %s', (entry) => {
  expect(() => httpListenersOf([entry])).toThrow('expected id=host:port');
});

it('are one of the things that are done a few times a second only, however often they are asked for', () => {
  const clock = new ManualClock();
  const tasks = new TaskGroup('test', clock, silentLogger);
  const doneMs: number[] = [];
  const throttle = new Throttle(clock, tasks, 250, () => {
    throttle.done();
    doneMs.push(clock.monotonicMs());
  });
  for (let i = 0; i < 100; i++) {
    throttle.ask();
    clock.advance(10);
  }
  clock.advance(1_000);
  expect(doneMs).toEqual([20, 270, 520, 770, 1_020]);
});
