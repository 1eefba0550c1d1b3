import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allApis } from '../../../protocol';
import { protocolDocument } from '../../../protocol/document';

const docs = join(__dirname, '../../../docs');

test('docs/protocol.md is what the definitions say (else: npm run docs:protocol)', () => {
  expect(readFileSync(join(docs, 'protocol.md'), 'utf8')).toBe(protocolDocument());
});

test('the page names every API once and leads to its file', () => {
  const links = [...protocolDocument().matchAll(/\((\.\.\/protocol\/apis\/[^)]+)\)/g)].map(
    ([, link]) => link as string,
  );
  expect(links).toHaveLength(allApis.length);
  expect(links.filter((link) => !existsSync(join(docs, link)))).toEqual([]);
});

test('the file of every API says what each of its versions changed', () => {
  const links = [...protocolDocument().matchAll(/\((\.\.\/protocol\/apis\/[^)]+)\)/g)].map(
    ([, link]) => link as string,
  );
  for (const link of links) {
    const source = readFileSync(join(docs, link), 'utf8');
    const api = allApis.find(({ name, key }) => source.startsWith(`/**\n * ${name} (key ${key}): `));
    expect({ link, found: api !== undefined }).toEqual({ link, found: true });
    const versions = [...source.matchAll(/^ \* v(\d+) /gm)].map(([, version]) => Number(version));
    const { min, max } = (api as (typeof allApis)[number]).request.versions;
    expect({ link, versions }).toEqual({ link, versions: Array.from({ length: max - min + 1 }, (_, i) => min + i) });
  }
});
