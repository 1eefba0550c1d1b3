/** Where downloads are kept between runs, outside the project's tree. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** $GREGOR_CACHE, else $XDG_CACHE_HOME/gregor, else ~/.cache/gregor. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env['GREGOR_CACHE']) return env['GREGOR_CACHE'];
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gregor');
}
