/**
 * Which modules the dashboard's first page needs, found by following the imports of its entry. Named in the page, they are
 * all asked for at once; else a browser learns of each only when it has read the one that imports it.
 */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const ENTRY = 'main.js';
const MOST_MODULES = 200;

/** Paths of the modules that a module imports when it is loaded; `import()` is for later and is left out. */
export function importsOf(text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\b(?:[^'"();]*\bfrom)?\s*['"](\.{1,2}\/[^'"]+)['"]/gm);
  return [...statements].map(([, path]) => path as string);
}

/** Paths below `directory`, the entry first; without those that cannot be read. */
export function modulesOfFirstPage(directory: string): string[] {
  const found = new Set([ENTRY]);
  for (const module of found) {
    for (const path of found.size < MOST_MODULES ? importsOf(textOf(join(directory, module))) : []) {
      const imported = posix.normalize(posix.join(posix.dirname(module), path));
      if (!imported.startsWith('..')) found.add(imported);
    }
  }
  return [...found].filter((module) => textOf(join(directory, module)) !== '');
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
