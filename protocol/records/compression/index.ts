/** The compression codecs of record batches, by the number in the batch's attributes. */
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { RecordsError } from '../records-error';
import { compressLz4, decompressLz4 } from './lz4';
import { compressSnappy, decompressSnappy } from './snappy';
import { compressZstd, decompressZstd } from './zstd';

export { prepareZstd } from './zstd';

export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

const names: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** What the records of one batch may expand to unless the caller allows more: far above what clients send. */
export const DEFAULT_MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024;

/** @throws RecordsError UNSUPPORTED_COMPRESSION_TYPE for a number that stands for no codec */
export function compressionName(id: number): CompressionName {
  const name = names[id];
  if (name === undefined) throw new RecordsError('UNSUPPORTED_COMPRESSION_TYPE', `Unknown compression type id ${id}`);
  return name;
}

export function compressionIdOf(name: CompressionName): number {
  return names.indexOf(name);
}

/** @param level the codec's own level; its default when left out */
export function compress(name: CompressionName, bytes: Buffer, level?: number): Buffer {
  switch (name) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes, { level: level ?? constants.Z_DEFAULT_COMPRESSION });
    case 'snappy':
      return compressSnappy(bytes);
    case 'lz4':
      return compressLz4(bytes);
    case 'zstd':
      return compressZstd(bytes, level ?? 3);
  }
}

/**
 * @param maxBytes the most that the answer may have
 * @throws RecordsError CORRUPT_MESSAGE when the bytes are damaged or would expand beyond `maxBytes`
 */
export function decompress(name: CompressionName, bytes: Buffer, maxBytes = DEFAULT_MAX_DECOMPRESSED_BYTES): Buffer {
  try {
    switch (name) {
      case 'none':
        return bytes;
      case 'gzip':
        return gunzipSync(bytes, { maxOutputLength: maxBytes });
      case 'snappy':
        return decompressSnappy(bytes, maxBytes);
      case 'lz4':
        return decompressLz4(bytes, maxBytes);
      case 'zstd':
        return decompressZstd(bytes, maxBytes);
    }
  } catch (error) {
    if (error instanceof RecordsError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecordsError('CORRUPT_MESSAGE', `Cannot decompress ${name} records: ${reason}`);
  }
}
