/** Randomness as a dependency: a seeded source makes assignments and simulations repeatable. */
import { randomInt, randomUUID } from 'node:crypto';

export interface Random {
  /** A whole number in [0, bound). */
  below(bound: number): number;
  /** Sixteen bytes of a version 4 UUID. */
  uuidBytes(): Buffer;
}

export const systemRandom: Random = {
  below: (bound) => randomInt(bound),
  uuidBytes: () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
};

/** A repeatable source: the mulberry32 generator. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    below: (bound) => Math.floor(next() * bound),
    uuidBytes: () => {
      const bytes = Buffer.from(Array.from({ length: 16 }, () => Math.floor(next() * 256)));
      bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
      return bytes;
    },
  };
}
