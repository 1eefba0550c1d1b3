import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const dashboard = join(__dirname, '..', '..', '..', '..', 'coordinator', 'dashboard');
const html = readFileSync(join(dashboard, 'static', 'index.html'), 'utf8');

function sourceOf(module: string): string {
  const path = join(dashboard, module.replace(/\.js$/, ''));
  try {
    return readFileSync(`${path}.ts`, 'utf8');
  } catch {
    return readFileSync(`${path}.tsx`, 'utf8');
  }
}

/** Everything that is loaded before the first page can be shown: imports, and theirs, but no types and nothing lazy. */
function closureOf(entry: string): string[] {
  const found = new Set([entry]);
  for (const module of found) {
    for (const [, clause = '', from = ''] of sourceOf(module).matchAll(/^import ([^;]*?) from '(\.[^']+)';/gm)) {
      const isCode = !clause.startsWith('type ');
      if (isCode) found.add(join(dirname(module), from));
    }
  }
  return [...found];
}

describe('the first page', () => {
  const needed = closureOf('main.js').filter((module) => module !== 'main.js');

  it('needs no module of another page', () => {
    expect(needed.filter((module) => /^(pages|picture|timeline|znodes)\//.test(module))).toEqual(['pages/overview.js']);
  });

  it('has neither scripts nor styles of its own, as the policy forbids them', () => {
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son\w+=/);
  });
});
