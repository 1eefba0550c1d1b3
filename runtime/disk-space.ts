/** How much room a file system has. */
import { statfs } from 'node:fs/promises';

export interface DiskSpace {
  readonly totalBytes: number;
  /** What this process may still use. */
  readonly usableBytes: number;
}

/** Room on the file system that holds `path`. Rejects when the path cannot be looked at. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  const { bsize, blocks, bavail } = await statfs(path);
  return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
}
