/** Each fault of support/mutations.ts, put into the product, is found by the simulation within a number of schedules. */
import { InvariantViolation } from './support/checker';
import { MUTATIONS, type Mutation } from './support/mutations';
import { runSchedule } from './support/schedule';

const FIRST_SEED = 1;
const MOST_SCHEDULES = Number(process.env.GREGOR_MUTATION_SCHEDULES ?? 300);

async function firstViolation({ apply }: Mutation): Promise<{ seed: number; violation: InvariantViolation } | null> {
  const undo = apply();
  try {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + MOST_SCHEDULES; seed++) {
      try {
        await runSchedule(seed);
      } catch (error) {
        if (!(error instanceof InvariantViolation)) throw error;
        return { seed, violation: error };
      }
    }
    return null;
  } finally {
    undo();
  }
}

test.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
  'it is noticed when %s',
  async (_, mutation) => {
    const found = await firstViolation(mutation);
    console.log(found ? `seed ${found.seed}: ${found.violation.message}` : 'not noticed');
    expect(mutation.caughtBy).toContain(found?.violation.invariant);
  },
  600_000,
);
