import { Metrics } from '../../../runtime/metrics';

const linesOf = async (metrics: Metrics): Promise<string[]> =>
  (await metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

it('asks gauges and counts counters each time it is read, also those that came later', async () => {
  const metrics = new Metrics();
  let level = 1;
  metrics.gauge('level', 'How high', () => level);
  metrics.add('events', 'How often');
  metrics.add('events', 'How often', 2);
  expect(await linesOf(metrics)).toEqual(['level 1', 'events 3']);
  level = 5;
  metrics.add('events', 'How often');
  metrics.gauge('late', 'Declared after the first reading', () => 7);
  expect(await linesOf(metrics)).toEqual(['level 5', 'events 4', 'late 7']);
});

it('tells what a metric is and what it is for', async () => {
  const metrics = new Metrics();
  metrics.add('events', 'How often');
  expect(await metrics.render()).toContain('# HELP events How often\n# TYPE events counter');
});

it('refuses a second metric of the same name', () => {
  const metrics = new Metrics();
  metrics.gauge('level', 'How high', () => 1);
  expect(() => metrics.gauge('level', 'How high', () => 2)).toThrow('two metrics are called level');
});
