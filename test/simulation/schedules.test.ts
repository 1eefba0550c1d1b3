/**
 * Seeded schedules of faults over the production broker. One seed is one schedule, and always the same: GREGOR_SEED=n runs
 * that one alone, GREGOR_SCHEDULES=n so many from GREGOR_FIRST_SEED (1 if not given) on.
 */
import { runSchedule } from './support/schedule';

const FIRST_SEED = Number(process.env.GREGOR_FIRST_SEED ?? 1);
const SCHEDULES = Number(process.env.GREGOR_SCHEDULES ?? 2000);

test('a seed gives the same schedule each time', async () => {
  for (const seed of [1, 2, 3]) expect(await runSchedule(seed)).toEqual(await runSchedule(seed));
}, 60_000);

test('schedules of crashes, expired sessions, cut links and late messages lose nothing and elect one leader per epoch', async () => {
  const only = process.env.GREGOR_SEED;
  const seeds = only ? [Number(only)] : Array.from({ length: SCHEDULES }, (_, i) => FIRST_SEED + i);
  const totals = { elections: 0, truncations: 0, acknowledged: 0, consumed: 0, steps: 0, simulatedMs: 0 };
  const without: number[] = [];
  for (const seed of seeds) {
    const result = await runSchedule(seed);
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += result[key];
    if (result.elections === 0 || result.truncations === 0) without.push(seed);
  }
  const range = `${seeds[0]} to ${seeds.at(-1)}`;
  console.log(`simulated ${seeds.length} schedules, seeds ${range}: ${JSON.stringify(totals)}`);
  expect(without).toEqual([]);
}, 7_200_000);
