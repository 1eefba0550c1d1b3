/** Adler-32 (RFC 1950), which Node's zlib computes but does not give. */

const MODULUS = 65_521;
/** So many sums stay below 2^31 between two reductions. */
const BYTES_BETWEEN_REDUCTIONS = 3_800;

export function adler32(bytes: Buffer): number {
  let low = 1;
  let high = 0;
  for (let from = 0; from < bytes.length; from += BYTES_BETWEEN_REDUCTIONS) {
    const to = Math.min(from + BYTES_BETWEEN_REDUCTIONS, bytes.length);
    for (let i = from; i < to; i++) {
      low += bytes[i] as number;
      high += low;
    }
    low %= MODULUS;
    high %= MODULUS;
  }
  return high * 65_536 + low;
}
