/**
 * The token that actions need. The one of actions.token, or one of our own, which is made once and kept in data.dir for the
 * next start. A file that others could have written or read is not trusted: a folder under /tmp can be anybody's.
 */
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rm } from 'node:fs/promises';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { CoordinatorConfig } from '../../settings/coordinator';

const TOKEN_BYTES = 32;
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;

const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

export interface Token {
  readonly token: string;
  /** Where it can be read; null when it was configured. */
  readonly file: string | null;
}

/** @throws Error when data.dir belongs to somebody else, or is no folder */
export async function loadToken(config: CoordinatorConfig): Promise<Token> {
  const configured = config['actions.token'];
  if (configured !== '') return { token: configured, file: null };
  const directory = config['data.dir'];
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await checkDirectory(directory);
  const file = join(directory, 'token');
  const kept = await readKept(file);
  if (kept !== null) return { token: kept, file };
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await rm(file, { recursive: true, force: true });
  const handle = await open(file, 'wx', OWNER_ONLY);
  try {
    await handle.writeFile(`${token}\n`);
  } finally {
    await handle.close();
  }
  return { token, file };
}

/** Absent on Windows, where these bits mean nothing. */
const ownUser = (): number | null => process.getuid?.() ?? null;

async function checkDirectory(directory: string): Promise<void> {
  const user = ownUser();
  if (user === null) return;
  const stat = await lstat(directory);
  const foreign = stat.uid !== user && user !== 0;
  if (foreign) {
    throw new Error(
      `data.dir ${directory} belongs to another user, who could know or change the token; choose another folder`,
    );
  }
  if ((stat.mode & WRITABLE_BY_OTHERS) !== 0 && !stat.isSymbolicLink()) {
    await chmod(directory, stat.mode & 0o7777 & ~WRITABLE_BY_OTHERS);
  }
}

/** The token of an earlier start; null when there is none that can be trusted. */
async function readKept(file: string): Promise<string | null> {
  let handle;
  try {
    handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch {
    return null;
  }
  try {
    const stat = await handle.stat();
    const user = ownUser();
    if (!stat.isFile() || (user !== null && (stat.uid !== user || (stat.mode & OTHERS) !== 0))) return null;
    const text = (await handle.readFile('utf8')).trim();
    return tokenPattern.test(text) ? text : null;
  } finally {
    await handle.close();
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether `given` is the token, in a time that does not tell how much of it is right. */
export function isToken(given: string, token: string): boolean {
  return token !== '' && timingSafeEqual(digest(given), digest(token));
}
