/** Scales and paths of small line charts: where a value stands, which ticks are worth a label. */

export interface Point {
  atMs: number;
  value: number | null;
}

/** Ticks 0 … top at round steps (1, 2 or 5 times a power of ten); the last one is at or above the highest value. */
export function valueTicks(highest: number, about = 4): number[] {
  if (highest <= 0) return [0, 1];
  const raw = highest / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw);
  const ticks = [0];
  while (ticks.at(-1)! < highest) ticks.push(ticks.at(-1)! + step);
  return ticks;
}

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** An SVG path through the points; where a value is not known the line breaks off instead of bridging the hole. */
export function linePath(points: readonly Point[], top: number, frame: Frame): string {
  const from = points[0]?.atMs ?? 0;
  const span = Math.max(1, (points.at(-1)?.atMs ?? 0) - from);
  let pen = 'M';
  return points
    .map(({ atMs, value }) => {
      if (value === null) {
        pen = 'M';
        return '';
      }
      const x = frame.left + (frame.width * (atMs - from)) / span;
      const y = frame.top + frame.height * (1 - value / top);
      const part = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = 'L';
      return part;
    })
    .filter((part) => part !== '')
    .join(' ');
}
