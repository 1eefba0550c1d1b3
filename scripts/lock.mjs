/**
 * A lock between processes: a file that holds who made it. It is made under another name and then linked, so that nobody
 * sees it half-written; its owner touches it while it works. A lock whose owner has ended, or has not touched it for long
 * (a process of another machine or container), is taken over. Plain JavaScript, as it is used before anything is built.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

const TOUCH_EVERY_MS = 2000;
const ABANDONED_AFTER_MS = 30_000;
const TRY_EVERY_MS = 200;

/** Runs `work` while this process alone holds the lock; `onWait` is called once if somebody else holds it at first. */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  for (let told = false; !tryLock(path); told = true) {
    if (!told) onWait();
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
  }
  const touching = setInterval(() => touch(path), TOUCH_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    rmSync(path, { force: true });
  }
}

function tryLock(path) {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, host: hostname() }));
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isAbandoned(path)) removeAbandoned(path, mine);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Moves it away first: of several that find it abandoned, one succeeds, and it can see that it moved the right one. */
function removeAbandoned(path, mine) {
  const moved = `${mine}.old`;
  try {
    renameSync(path, moved);
    if (!isAbandoned(moved)) linkSync(moved, path); // in between somebody else had removed it and locked
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(moved, { force: true });
  }
}

function isAbandoned(path) {
  try {
    const { pid, host } = JSON.parse(readFileSync(path, 'utf8'));
    if (host === hostname() && !isRunning(pid)) return true;
    return Date.now() - statSync(path).mtimeMs > ABANDONED_AFTER_MS;
  } catch {
    return false; // released meanwhile
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM'; // it is another user's
  }
}

function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // taken over after this machine had slept; the work is idempotent
  }
}
