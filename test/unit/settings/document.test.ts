import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationDocument, withCoordinatorTable } from '../../../settings/document';

const page = (name: string): string => readFileSync(join(__dirname, '..', '..', '..', 'docs', name), 'utf8');

it('docs/configuration.md is what the declarations say; `npm run docs:config` writes it anew', () => {
  expect(page('configuration.md')).toBe(configurationDocument());
});

it('docs/coordinator.md has every key of the coordinator; `npm run docs:config` brings it up to date', () => {
  expect(page('coordinator.md')).toBe(withCoordinatorTable(page('coordinator.md')));
});
