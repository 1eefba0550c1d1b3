/**
 * Which partition a record with a key goes to, reckoned by ourselves, to compare with what the client library did:
 * murmur2 of the key with the seed and the constants that all Kafka clients share, the sign bit taken off, modulo the number
 * of partitions.
 */

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

/** The 32-bit murmur2 hash as Kafka's clients reckon it; may be negative. */
export function murmur2(data: Buffer): number {
  let hash = SEED ^ data.length;
  const wholeBytes = data.length - (data.length % 4);
  for (let at = 0; at < wholeBytes; at += 4) {
    let part = Math.imul(data.readInt32LE(at), MULTIPLIER);
    part = Math.imul(part ^ (part >>> SHIFT), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ part;
  }
  if (wholeBytes < data.length) {
    let rest = 0;
    for (let at = data.length - 1; at >= wholeBytes; at--) rest = (rest << 8) | (data[at] as number);
    hash = Math.imul(hash ^ rest, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return (hash ^ (hash >>> 15)) | 0;
}

/** The partition of a key among so many. */
export function partitionOfKey(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}
