/** What was probably meant by an option that does not exist. */
import type { OptionTable } from './definition';

const MOST_EDITS = 3;

/** The option whose name is closest to what was written, if any is close. */
export function nearestName(written: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestEdits = MOST_EDITS + 1;
  for (const name of names) {
    const edits = editDistance(written, name);
    if (edits < bestEdits && edits < name.length / 2) [best, bestEdits] = [name, edits];
  }
  return best;
}

/** Levenshtein's distance. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replace = (row[j - 1] as number) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[right.length] as number;
}

/** `bootstrap-server localhost:9092` without its dashes, as people write it. */
export function forgottenDashes(table: OptionTable, words: readonly string[]): { text: string; hint: string } | null {
  const at = words.findIndex((word) => table[word] !== undefined || /^[\u2010-\u2015\u2212]/.test(word));
  if (at < 0) return null;
  const written = words[at] as string;
  const name = written.replace(/^[\u2010-\u2015\u2212]+/, '');
  const next = table[name]?.kind === 'flag' ? undefined : words[at + 1];
  const meant = next === undefined ? `--${name}` : `--${name} ${next}`;
  const problem = written === name ? 'has no dashes, so it is not read as an option' : 'begins with a typographic dash';
  return { text: `'${written}' ${problem}`, hint: `Did you mean ${meant}?` };
}
