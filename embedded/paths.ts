/** Where the compiled files lie, also when this file runs as TypeScript under a test runner. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Full path of a file below dist/, e.g. `embedded/broker-agent.js`. */
export function compiled(path: string): string {
  const parent = dirname(__dirname);
  const file = join(__filename.endsWith('.ts') ? join(parent, 'dist') : parent, path);
  if (!existsSync(file)) throw new Error(`${file} is missing; run: npm run build`);
  return file;
}
