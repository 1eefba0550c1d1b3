/**
 * Keeps a directory to one process at a time. Node has no fcntl locks, which is what Apache Kafka takes on a log
 * directory's `.lock` file, so three things stand in for one:
 *
 * - on Linux, an abstract socket named after the directory's device and inode. The kernel grants it to one holder
 *   and takes it back when the process ends, however it ends. It reaches as far as the network namespace.
 * - the holder's process id and start time, written into the lock file: elsewhere than on Linux this is the lock itself,
 *   and everywhere it lets an error name the holder. A process id alone is not believed, since ids are used again.
 * - the kernel's list of fcntl locks (/proc/locks), so that a directory which Apache Kafka holds is refused. The reverse
 *   is not possible: Apache Kafka cannot see that Gregor holds a directory.
 */
import * as fs from 'node:fs';
import { createServer, type Server } from 'node:net';

export interface DirectoryLock {
  release(): void;
}

/** Somebody else holds the directory. */
export class DirectoryLockedError extends Error {
  constructor(
    readonly lockFile: string,
    holder: string,
  ) {
    super(`${lockFile} is held by ${holder}; a log directory serves one broker at a time`);
    this.name = 'DirectoryLockedError';
  }
}

/**
 * Takes the lock, for the life of the process or until it is released.
 * @param lockFile a file inside the directory; created when missing, and left behind
 * @throws DirectoryLockedError when another process, or this one, holds it
 */
export async function lockDirectory(lockFile: string): Promise<DirectoryLock> {
  fs.closeSync(fs.openSync(lockFile, 'a'));
  const stat = fs.statSync(lockFile);
  const kafkaPid = fcntlHolder(stat);
  if (kafkaPid !== null) throw new DirectoryLockedError(lockFile, `process ${kafkaPid} (an fcntl lock)`);
  const server = process.platform === 'linux' ? await holdSocket(lockFile, stat) : null;
  if (!server && isAlive(readHolder(lockFile))) throw new DirectoryLockedError(lockFile, describeHolder(lockFile));
  fs.writeFileSync(lockFile, `${process.pid} ${startTime(process.pid)}\n`);
  return {
    release() {
      server?.close();
      fs.writeFileSync(lockFile, '');
    },
  };
}

function holdSocket(lockFile: string, stat: fs.Stats): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(new DirectoryLockedError(lockFile, describeHolder(lockFile)));
      else reject(error);
    });
    server.listen({ path: `\0gregor-directory-lock-${stat.dev}-${stat.ino}` }, () => resolve(server));
  });
}

interface Holder {
  pid: number;
  startTime: string;
}

function readHolder(lockFile: string): Holder | null {
  const [pid, started] = fs.readFileSync(lockFile, 'latin1').trim().split(' ');
  return pid && started && /^\d+$/.test(pid) ? { pid: Number(pid), startTime: started } : null;
}

function describeHolder(lockFile: string): string {
  const holder = readHolder(lockFile);
  if (holder?.pid === process.pid) return 'this process';
  return holder ? `process ${holder.pid}` : 'another process';
}

function isAlive(holder: Holder | null): boolean {
  if (!holder) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startTime(holder.pid) === holder.startTime;
}

/** The process's start in clock ticks since boot, from /proc; `-` where there is none to read. */
function startTime(pid: number): string {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}

/** The process that holds an fcntl lock on the file, as /proc/locks tells it; null when nobody does. */
function fcntlHolder(stat: fs.Stats): number | null {
  let locks: string;
  try {
    locks = fs.readFileSync('/proc/locks', 'latin1');
  } catch {
    return null;
  }
  const device = Number(stat.dev);
  const major = ((device >> 8) & 0xfff).toString(16).padStart(2, '0');
  const minor = ((device & 0xff) | ((device >> 12) & 0xfff00)).toString(16).padStart(2, '0');
  const id = `${major}:${minor}:${stat.ino}`;
  for (const line of locks.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === 'POSIX' && fields[5] === id) return Number(fields[4]);
  }
  return null;
}
