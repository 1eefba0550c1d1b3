/** CRC-32C (Castagnoli), the checksum of record batches and producer snapshots, by a native library. */
import { crc32c as native } from '@node-rs/crc32';

/** The checksum as an unsigned 32-bit number. */
export function crc32c(bytes: Buffer): number {
  return native(bytes);
}
