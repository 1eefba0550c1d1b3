import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory } from '../../../runtime/directory-lock';

const directory = mkdtempSync(join(tmpdir(), 'gregor-lock-'));
const lockFile = join(directory, '.lock');

afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('is for one holder at a time and free again after release', async () => {
  const lock = await lockDirectory(lockFile);
  await expect(lockDirectory(lockFile)).rejects.toThrow('is held by this process');
  lock.release();
  (await lockDirectory(lockFile)).release();
});

it('does not believe what a dead process left in the file', async () => {
  writeFileSync(lockFile, '999999 123\n');
  const lock = await lockDirectory(lockFile);
  expect(lock.release()).toBeUndefined();
});
