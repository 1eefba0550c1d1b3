import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemDisk } from '../../../runtime/disk';

describe('making a directory', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gregor-disk-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('makes its parents too, and does nothing when it is there', () => {
    const path = join(root, 'a', 'b', 'c');
    systemDisk.makeDirectory(path);
    systemDisk.makeDirectory(path);
    expect(existsSync(path)).toBe(true);
  });

  it('fails where a file is in the way', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => systemDisk.makeDirectory(join(root, 'file'))).toThrow('EEXIST');
    expect(() => systemDisk.makeDirectory(join(root, 'file', 'below'))).toThrow('ENOTDIR');
  });

  it('fails where a file system takes no directories', () => {
    const error = { code: 'ENOENT', message: "ENOENT: no such file or directory, mkdir '/proc/nope'" };
    expect(() => systemDisk.makeDirectory('/proc/nope')).toThrow(expect.objectContaining(error));
    expect(() => systemDisk.makeDirectory('/proc/nope/below')).toThrow(expect.objectContaining(error));
  });
});
