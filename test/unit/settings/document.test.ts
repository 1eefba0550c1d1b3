import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationDocument } from '../../../settings/document';

test('docs/configuration.md is what the declarations say (else: npm run docs:config)', () => {
  const file = readFileSync(join(__dirname, '../../../docs/configuration.md'), 'utf8');
  expect(file).toBe(configurationDocument());
});
