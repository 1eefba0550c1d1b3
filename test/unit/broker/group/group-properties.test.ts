/**
 * Whatever clients, timers and acknowledgements do, and in whatever order, a group keeps its promises:
 * - a generation has one leader, who alone is told the members, and is one of them; generations only grow;
 * - who gets an assignment gets its own one, and that of the generation it asked for;
 * - when everybody behaves again, all clients come together in one generation;
 * - every request is answered sooner or later; when all fall silent, the group has no members and no timer is left.
 */
import fc from 'fast-check';
import { CoordinatorBench, GROUP, REBALANCE_MS, SESSION_MS } from './coordinator-bench';
import { CLIENTS, World, type Action } from './group-world';

const who = fc.nat(CLIENTS - 1);
const of = <K extends Action['kind']>(kind: K): fc.Arbitrary<K> => fc.constant(kind);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: of('act'), who, data: fc.constantFrom(0, 0, 0, 1) }) },
  { weight: 12, arbitrary: fc.record({ kind: of('everybody acts') }) },
  { weight: 1, arbitrary: fc.record({ kind: of('restart'), who }) },
  { weight: 1, arbitrary: fc.record({ kind: of('leave'), who }) },
  { weight: 8, arbitrary: fc.record({ kind: of('advance'), ms: fc.constantFrom(1, 500, 500, 1000, 3000) }) },
  { weight: 1, arbitrary: fc.record({ kind: of('advance'), ms: fc.constantFrom(SESSION_MS, REBALANCE_MS) }) },
  { weight: 8, arbitrary: fc.record({ kind: of('acknowledge'), fails: fc.constantFrom(false, false, false, true) }) },
);

async function worldAfter(actions: readonly Action[]): Promise<World> {
  const bench = await CoordinatorBench.start({ 'group.initial.rebalance.delay.ms': '500' });
  bench.replicas.holdAppends = true;
  const world = new World(bench);
  for (const each of actions) await world.perform(each);
  return world;
}

test('a group keeps its promises whatever happens', async () => {
  let assignments = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 50, maxLength: 250, size: 'max' }), async (actions) => {
      const world = await worldAfter(actions);
      assignments += world.assignments;
      const { bench } = world;
      await world.calmDown();
      expect(world.clients.map(({ phase }) => phase)).toEqual(world.clients.map(() => 'stable'));
      expect(new Set(world.clients.map(({ generation }) => generation)).size).toBe(1);
      const { description } = bench.coordinator.describeGroup(GROUP);
      const ids = description?.members.map(({ memberId }) => memberId) ?? [];
      expect(ids.toSorted()).toEqual(world.clients.map(({ memberId }) => memberId).toSorted());
      await bench.advance(2 * REBALANCE_MS);
      // Dead when the search for expired offsets has come by: the group has none.
      expect(['Empty', 'Dead']).toContain(bench.state());
      expect(world.unanswered.size).toBe(0);
      await bench.coordinator.shutdown();
      expect(bench.clock.pendingTimers).toBe(0);
    }),
    { numRuns: 40 },
  );
  expect(assignments).toBeGreaterThan(100);
}, 60_000);
