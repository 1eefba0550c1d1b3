/** Columns padded to their widest cell, as Kafka's tools print them. */

/** @param minimums width of each column but the last, which is never padded; a cell may be wider */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  minimums: readonly number[],
): string[] {
  const widths = minimums.map((minimum, column) => Math.max(minimum, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column < widths.length ? cell.padEnd(widths[column] as number) : cell)).join(' ');
  return [head, ...rows].map(line);
}
