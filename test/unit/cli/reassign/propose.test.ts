import fc from 'fast-check';
import { proposeReplicas } from '../../../../cli/reassign/propose';
import { seededRandom } from '../../../../runtime/random';

const brokers = (racks: readonly (string | null)[]) => racks.map((rack, id) => ({ id, rack }));

const count = (values: readonly number[]): number[] => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()];
};

describe('a proposal of replicas', () => {
  it('never puts two replicas of a partition on one broker, and spreads leaders evenly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        (brokerCount, rounds, seed) => {
          const factor = 1 + (Math.abs(seed) % brokerCount);
          const ids = brokers(Array.from({ length: brokerCount }, () => null));
          const proposal = proposeReplicas(ids, brokerCount * rounds, factor, seededRandom(seed));
          for (const replicas of proposal) expect(new Set(replicas).size).toBe(factor);
          expect(count(proposal.map(([leader]) => leader as number))).toEqual(ids.map(() => rounds));
          expect(count(proposal.flat())).toEqual(ids.map(() => rounds * factor));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('uses every rack before it uses one twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 3, maxLength: 9 }),
        fc.integer(),
        (racks, seed) => {
          const ids = brokers(racks);
          const factor = 1 + (Math.abs(seed) % ids.length);
          const enough = Math.min(factor, new Set(racks).size);
          for (const replicas of proposeReplicas(ids, 20, factor, seededRandom(seed))) {
            expect(new Set(replicas).size).toBe(factor);
            expect(new Set(replicas.map((id) => racks[id])).size).toBe(enough);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('needs enough brokers', () => {
    expect(() => proposeReplicas(brokers([null]), 1, 2, seededRandom(1))).toThrow(
      'Replication factor: 2 larger than available brokers: 1.',
    );
  });
});
