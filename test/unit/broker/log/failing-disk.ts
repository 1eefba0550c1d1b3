/** The real disk, of which a test can make parts fail. */
import { systemDisk, type Disk, type DiskFile } from '../../../../runtime/disk';

export class FailingDisk implements Disk {
  /** Called before each operation with its name and path; what it throws is what the operation throws. */
  before: (operation: string, path: string) => void = () => undefined;

  /** From now on everything below `directory` fails as a broken device does. */
  breakDirectory(directory: string): void {
    this.before = (operation, path) => {
      if (path.startsWith(directory)) throw diskError('EIO', operation, path);
    };
  }

  open = (path: string, options: { create: boolean }): DiskFile =>
    this.file(
      path,
      this.run('open', path, () => systemDisk.open(path, options)),
    );
  openReadOnly = (path: string): DiskFile => this.run('open', path, () => systemDisk.openReadOnly(path));
  list: Disk['list'] = (path) => this.run('list', path, () => systemDisk.list(path));
  stat: Disk['stat'] = (path) => this.run('stat', path, () => systemDisk.stat(path));
  exists: Disk['exists'] = (path) => systemDisk.exists(path);
  readFile: Disk['readFile'] = (path) => this.run('read', path, () => systemDisk.readFile(path));
  writeFile: Disk['writeFile'] = (path, content) => this.run('write', path, () => systemDisk.writeFile(path, content));
  replaceFile: Disk['replaceFile'] = (path, content) =>
    this.run('write', path, () => systemDisk.replaceFile(path, content));
  replaceFileDurably: Disk['replaceFileDurably'] = async (path, content) =>
    this.run('write', path, () => systemDisk.replaceFileDurably(path, content));
  rename: Disk['rename'] = (from, to) => this.run('rename', from, () => systemDisk.rename(from, to));
  removeFile: Disk['removeFile'] = (path) => this.run('remove', path, () => systemDisk.removeFile(path));
  removeDirectory: Disk['removeDirectory'] = async (path) =>
    this.run('remove', path, () => systemDisk.removeDirectory(path));
  makeDirectory: Disk['makeDirectory'] = (path) => this.run('mkdir', path, () => systemDisk.makeDirectory(path));
  syncDirectory: Disk['syncDirectory'] = async (path) => this.run('fsync', path, () => systemDisk.syncDirectory(path));
  realPath: Disk['realPath'] = (path) => systemDisk.realPath(path);

  private run<T>(operation: string, path: string, act: () => T): T {
    this.before(operation, path);
    return act();
  }

  private file(path: string, file: DiskFile): DiskFile {
    return {
      sizeBytes: () => file.sizeBytes(),
      readSync: (into, position) => this.run('read', path, () => file.readSync(into, position)),
      read: async (into, position) => this.run('read', path, () => file.read(into, position)),
      writeSync: (bytes, position) => this.run('write', path, () => file.writeSync(bytes, position)),
      truncateSync: (sizeBytes) => this.run('truncate', path, () => file.truncateSync(sizeBytes)),
      sync: async () => this.run('fsync', path, () => file.sync()),
      syncSync: () => this.run('fsync', path, () => file.syncSync()),
      close: () => file.close(),
    };
  }
}

export function diskError(code: string, syscall: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: broken for the test, ${syscall} '${path}'`), { code, syscall, path });
}
