/**
 * Files that deletion and compaction leave behind when they are interrupted.
 *
 * `.deleted` was on its way out: it goes. `.cleaned` is the unfinished result of a compaction: it goes, and with it the
 * `.swap` files of the same attempt. Any other `.swap` file is a finished result that was replacing the segments in its
 * range of offsets: those go, and it takes their place.
 */
import { join } from 'node:path';
import { batch } from '../../protocol/records';
import type { Logger } from '../../runtime/logger';
import { BatchScanner } from './batch-scanner';
import { PooledFile, type FilePool } from './file-pool';
import { CLEANED_SUFFIX, DELETED_SUFFIX, LOG_SUFFIX, parseOffsetFileName, SWAP_SUFFIX } from './log-files';

const MARKS = [DELETED_SUFFIX, CLEANED_SUFFIX, SWAP_SUFFIX];

/**
 * @param names of the directory's files
 * @returns whether files came or went
 */
export function finishInterruptedWork(
  directory: string,
  names: readonly string[],
  pool: FilePool,
  logger: Logger,
): boolean {
  const { disk } = pool;
  if (!names.some((name) => MARKS.some((mark) => name.endsWith(mark)))) return false;
  const ending = (suffix: string): string[] => names.filter((name) => name.endsWith(suffix));
  for (const name of ending(DELETED_SUFFIX)) disk.removeFile(join(directory, name));
  const cleaned = ending(CLEANED_SUFFIX);
  const firstCleaned = Math.min(...cleaned.map((name) => offsetOf(name, CLEANED_SUFFIX)));
  for (const name of cleaned) disk.removeFile(join(directory, name));
  const swaps = ending(SWAP_SUFFIX);
  const finished = swaps.filter((name) => offsetOf(name, SWAP_SUFFIX) < firstCleaned);
  for (const name of swaps) if (!finished.includes(name)) disk.removeFile(join(directory, name));
  if (finished.length === 0) return true;
  removeReplaced(directory, names, finished, pool);
  for (const name of finished) {
    logger.info(`Finishing the replacement of ${join(directory, name)}`);
    disk.rename(join(directory, name), join(directory, name.slice(0, -SWAP_SUFFIX.length)));
  }
  return true;
}

/** Infinity for names that are not a segment's. */
function offsetOf(name: string, suffix: string): number {
  return parseOffsetFileName(name.slice(0, -suffix.length))?.offset ?? Infinity;
}

function removeReplaced(
  directory: string,
  names: readonly string[],
  finished: readonly string[],
  pool: FilePool,
): void {
  let first = Infinity;
  let end = -Infinity;
  for (const name of finished) {
    const parsed = parseOffsetFileName(name.slice(0, -SWAP_SUFFIX.length));
    if (parsed?.suffix !== LOG_SUFFIX) continue;
    first = Math.min(first, parsed.offset);
    end = Math.max(end, endOffsetOf(join(directory, name), parsed.offset, pool));
  }
  for (const name of names) {
    const parsed = parseOffsetFileName(name);
    if (parsed && parsed.offset >= first && parsed.offset < end) pool.disk.removeFile(join(directory, name));
  }
}

function endOffsetOf(path: string, baseOffset: number, pool: FilePool): number {
  const file = new PooledFile(pool, path);
  const scanner = new BatchScanner(file, 0, file.use().sizeBytes());
  let endOffset = baseOffset;
  while (scanner.next()) endOffset = batch.nextOffset(scanner.bytes, scanner.at);
  file.close();
  return endOffset;
}
