/** The tree's habits, held by a test so that nobody has to remember them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const root = join(__dirname, '..', '..');
const sourceFolders = [
  'runtime',
  'protocol',
  'settings',
  'client',
  'zookeeper',
  'broker',
  'coordinator',
  'supervisor',
  'embedded',
  'cli',
  'test',
];
const LONGEST_FILE_LINES = 600;

interface SourceFile {
  path: string;
  text: string;
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

const present = readdirSync(root).filter((name) => sourceFolders.includes(name));
const sources: SourceFile[] = present
  .flatMap(filesUnder)
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const product = sources.filter(({ path }) => !path.startsWith('test/'));

function offenders(files: readonly SourceFile[], isOffence: (file: SourceFile) => boolean): string[] {
  return files.filter(isOffence).map(({ path }) => path);
}

describe('the tree', () => {
  it('names its files in kebab-case', () => {
    expect(offenders(sources, ({ path }) => !/(^|\/)[a-z0-9.-]+\.tsx?$/.test(path))).toEqual([]);
  });

  it('has no file of more than 600 lines', () => {
    expect(offenders(sources, ({ text }) => text.split('\n').length > LONGEST_FILE_LINES)).toEqual([]);
  });

  it('opens every file with what it is responsible for', () => {
    expect(offenders(product, ({ text }) => !/^(#!.*\n)?\/\*\*/.test(text))).toEqual([]);
  });

  it('reads time and sets timers in runtime/ only, and in its counterpart for the browser', () => {
    const mayUseTime = (path: string): boolean =>
      path.startsWith('runtime/') || path === 'coordinator/dashboard/clock.ts';
    const usesTime = /\bDate\.now\(|\bsetTimeout\(|\bsetInterval\(|\bperformance\.now\(|\bMath\.random\(/;
    expect(offenders(product, ({ path, text }) => !mayUseTime(path) && usesTime.test(text))).toEqual([]);
  });

  it('leaves no loose ends in comments', () => {
    const looseEnd = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].map((word) => `\\b${word}\\b`).join('|'));
    expect(offenders(sources, ({ text }) => looseEnd.test(text))).toEqual([]);
  });

  it('names no place of one machine', () => {
    const machinePath = new RegExp(['/work' + '/main', '/opt' + '/k/', '/root' + '/'].join('|'));
    expect(offenders(sources, ({ text }) => machinePath.test(text))).toEqual([]);
  });
});
