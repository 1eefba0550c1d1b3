/** What changed between two payloads, line by line of their indented form. */

export interface DiffLine {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** Longest texts that are compared line by line; beyond, everything counts as replaced. */
const MOST_LINES = 400;

/** The shortest way from one text to the other, by the longest common subsequence of lines. */
export function diffLines(before: string, after: string): DiffLine[] {
  const left = linesOf(before);
  const right = linesOf(after);
  if (left.length > MOST_LINES || right.length > MOST_LINES) {
    return [...left.map((text) => line('removed', text)), ...right.map((text) => line('added', text))];
  }
  return walk(left, right, commonLengths(left, right));
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

function line(kind: DiffLine['kind'], text: string): DiffLine {
  return { kind, text };
}

/** lengths[i][j]: how many lines the ends of both, from i and j on, have in common. */
function commonLengths(left: string[], right: string[]): number[][] {
  const lengths = Array.from({ length: left.length + 1 }, () => Array.from({ length: right.length + 1 }, () => 0));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const both = at(lengths, i + 1, j + 1) + 1;
      lengths[i]![j] = left[i] === right[j] ? both : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  }
  return lengths;
}

function walk(left: string[], right: string[], lengths: number[][]): DiffLine[] {
  const result: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      result.push(line('same', left[i]!));
      i += 1;
      j += 1;
    } else if (i < left.length && (j >= right.length || at(lengths, i + 1, j) >= at(lengths, i, j + 1))) {
      result.push(line('removed', left[i]!));
      i += 1;
    } else {
      result.push(line('added', right[j]!));
      j += 1;
    }
  }
  return result;
}

function at(lengths: number[][], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}
