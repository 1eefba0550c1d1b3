/** Which partition of an internal topic a group or transactional id belongs to. */

/** String.hashCode of Java: 31 * hash + UTF-16 unit, wrapping at 32 bits. */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  return hash;
}

/**
 * The partition of an id: the arithmetic absolute value of its Java hash, modulo the number of partitions. Not the
 * sign-bit mask that producers use for keys; and -2^31, which has no positive twin, counts as 0
 * (org.apache.kafka.common.utils.Utils.abs).
 */
export function partitionForId(id: string, partitionCount: number): number {
  const hash = javaStringHash(id);
  return (hash === -2_147_483_648 ? 0 : Math.abs(hash)) % partitionCount;
}
