/** Long lists cut into pages, filtered and sorted before: so that a table never holds thousands of rows. */

export interface Page<T> {
  rows: T[];
  /** From 0, already inside the bounds. */
  page: number;
  pages: number;
  total: number;
}

export function pageOf<T>(rows: readonly T[], page: number, perPage: number): Page<T> {
  const pages = Math.max(1, Math.ceil(rows.length / perPage));
  const inside = Math.min(Math.max(0, page), pages - 1);
  return { rows: rows.slice(inside * perPage, (inside + 1) * perPage), page: inside, pages, total: rows.length };
}

export type SortValue = string | number | null;

/** A sorted copy; what is not known stands last in both directions, equal rows keep their order. */
export function sorted<T>(rows: readonly T[], by: (row: T) => SortValue, descending: boolean): T[] {
  const factor = descending ? -1 : 1;
  return rows.slice().sort((a, b) => {
    const [left, right] = [by(a), by(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return factor * compare(left, right);
  });
}

/** All words must occur, in any order and case. */
export function matches(text: string, filter: string): boolean {
  const lower = text.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}
