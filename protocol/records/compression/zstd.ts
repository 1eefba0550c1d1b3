/**
 * Zstandard. Reading is plain JavaScript and always ready. Writing needs a WebAssembly library that loads
 * asynchronously, once per process; until it has loaded, frames hold their content as raw blocks, which every reader
 * takes. (Node 20 itself has no zstd.)
 */
import type * as Compressor from '@bokuweb/zstd-wasm';
import type * as Decompressor from 'fzstd';
import { RecordsError } from '../records-error';
import { onDemand } from './on-demand';

const compressor = onDemand(() => require('@bokuweb/zstd-wasm') as typeof Compressor);
const decompressor = onDemand(() => require('fzstd') as typeof Decompressor);

const FRAME_MAGIC = 0xfd2fb528;
/** The largest block the format allows. */
const RAW_BLOCK_BYTES = 128 * 1024;

let loading: Promise<void> | null = null;
let loaded = false;

/** Loads the compressor; whoever waits for this gets compressed frames from then on. */
export function prepareZstd(): Promise<void> {
  loading ??= compressor()
    .init()
    .then(() => {
      loaded = true;
    });
  return loading;
}

/** @param level 1 to 22; lower ones are taken as 1 */
export function compressZstd(bytes: Buffer, level: number): Buffer {
  if (!loaded) {
    void prepareZstd();
    return rawFrame(bytes);
  }
  const compressed = compressor().compress(bytes, Math.max(1, level));
  return Buffer.from(compressed.buffer, compressed.byteOffset, compressed.byteLength);
}

/** A frame that stores its content: magic, descriptor (single segment, 4-byte content size), raw blocks. */
function rawFrame(bytes: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt32LE(FRAME_MAGIC, 0);
  header[4] = 0b1010_0000;
  header.writeUInt32LE(bytes.length, 5);
  const parts: Buffer[] = [header];
  let at = 0;
  do {
    const block = bytes.subarray(at, at + RAW_BLOCK_BYTES);
    at += RAW_BLOCK_BYTES;
    const blockHeader = Buffer.alloc(3);
    blockHeader.writeUIntLE((block.length << 3) | (at >= bytes.length ? 1 : 0), 0, 3);
    parts.push(blockHeader, block);
  } while (at < bytes.length);
  return Buffer.concat(parts);
}

/** @throws RecordsError when the bytes are damaged or would expand beyond `maxBytes` */
export function decompressZstd(bytes: Buffer, maxBytes: number): Buffer {
  const parts: Uint8Array[] = [];
  let totalBytes = 0;
  const { Decompress } = decompressor();
  const stream = new Decompress((part) => {
    totalBytes += part.length;
    if (totalBytes > maxBytes) {
      throw new RecordsError('CORRUPT_MESSAGE', `A zstd frame expands to more than ${maxBytes} bytes`);
    }
    parts.push(part);
  });
  // In small steps, so that a frame which expands without bound is noticed before it has.
  for (let at = 0; at < bytes.length; at += RAW_BLOCK_BYTES) {
    stream.push(bytes.subarray(at, at + RAW_BLOCK_BYTES), at + RAW_BLOCK_BYTES >= bytes.length);
  }
  return Buffer.concat(parts);
}
