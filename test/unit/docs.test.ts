/** Documentation leads somewhere: every relative link names a file that is there, and a heading that it has. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const withoutCode = (text: string): string => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');

const anchorsOf = (file: string): string[] => {
  const text = readFileSync(file, 'utf8').replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading as string));
};

function brokenLinks(file: string): string[] {
  const text = withoutCode(readFileSync(file, 'utf8'));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split('#') as [string, string?];
    const target = path === '' ? file : join(dirname(file), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
}

describe('the documentation', () => {
  const files = ['README.md', 'CONTRIBUTING.md', ...markdownIn('docs'), ...markdownIn('docs/decisions')];

  it.each(files)('has no broken link in %s', (file) => {
    expect(brokenLinks(join(root, file))).toEqual([]);
  });

  it('names only commands that exist', () => {
    const missing = files.flatMap((file) => {
      const commands = readFileSync(join(root, file), 'utf8').matchAll(/(?<![/\w])bin\/[a-z][\w-]*(?:\.sh)?/g);
      return [...commands]
        .filter(([command]) => !existsSync(join(root, command)))
        .map(([command]) => `${file}: ${command}`);
    });
    expect(missing).toEqual([]);
  });

  it('runs only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const missing = files.flatMap((file) => {
      const calls = readFileSync(join(root, file), 'utf8').matchAll(/\bnpm run ([\w:-]+)/g);
      return [...calls].filter(([, name]) => !((name as string) in scripts)).map(([call]) => `${file}: ${call}`);
    });
    expect(missing).toEqual([]);
  });
});
