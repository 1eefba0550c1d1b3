import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { glossary } from '../../../../coordinator/dashboard/logic/glossary';
import { anchorOf } from '../../../../coordinator/http/documents';

const documents = join(__dirname, '..', '..', '..', '..', 'docs');

function leadsNowhere(target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const text = readFileSync(join(documents, file), 'utf8');
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));
  return anchor !== undefined && !anchors.includes(anchor);
}

describe('the explanations of terms', () => {
  it('lead to places that the documents have', () => {
    const broken = Object.entries(glossary).filter(([, { document }]) => leadsNowhere(document));
    expect(broken).toEqual([]);
  });

  it('are short, and whole sentences', () => {
    const wrong = Object.entries(glossary).filter(([, { text }]) => text.length > 220 || !text.endsWith('.'));
    expect(wrong).toEqual([]);
  });
});
