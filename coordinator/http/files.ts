/** Where the files lie that the service hands out, also when this file runs as TypeScript under a test runner. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = __filename.endsWith('.ts') ? join(__dirname, '..', '..') : join(__dirname, '..', '..', '..');

/** The dashboard's compiled modules. */
export const modulesDirectory = join(root, 'dist', 'coordinator', 'dashboard');
/** Its page, styles and pictures. */
export const pagesDirectory = join(root, 'coordinator', 'dashboard', 'static');
export const documentsDirectory = join(root, 'docs');

/** The folder of an installed package, as Node would find it from here; null when it is not installed. */
export function packageDirectory(name: string): string | null {
  for (let folder = root; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
    if (folder === dirname(folder)) return null;
  }
}
