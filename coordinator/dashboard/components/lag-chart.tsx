/** How the lag of a group went: a line that breaks off where nothing is known. */
import type { GroupDetail } from '@schemas';
import { linePath, valueTicks } from '../logic/chart.js';
import { count, plural, timeOfDay } from '../logic/format.js';
import { Empty } from './page.js';

const WIDTH = 760;
const HEIGHT = 180;
const FRAME = { left: 60, top: 12, width: WIDTH - 76, height: HEIGHT - 42 };

export function LagChart({ points }: { points: GroupDetail['lagHistory'] }) {
  const known = points.filter(({ lag }) => lag !== null);
  const [first, last] = [points[0], points.at(-1)];
  if (known.length < 2 || !first || !last) return <Empty>The lag is drawn when it has been read a few times.</Empty>;
  const highest = Math.max(...known.map(({ lag }) => lag ?? 0));
  const ticks = valueTicks(highest);
  const top = ticks.at(-1) ?? 1;
  const path = linePath(
    points.map(({ atMs, lag }) => ({ atMs, value: lag })),
    top,
    FRAME,
  );
  const words = `Lag from ${timeOfDay(first.atMs).slice(0, 8)} to ${timeOfDay(last.atMs).slice(0, 8)}: now ${plural(known.at(-1)?.lag ?? 0, 'record')}, at most ${count(highest)}.`;
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        {ticks.map((tick) => (
          <Tick value={tick} top={top} key={tick} />
        ))}
        <path class="curve" d={path} />
        <text x={FRAME.left} y={HEIGHT - 8}>
          {timeOfDay(first.atMs).slice(0, 8)}
        </text>
        <text x={WIDTH - 16} y={HEIGHT - 8} text-anchor="end">
          {timeOfDay(last.atMs).slice(0, 8)}
        </text>
      </svg>
      <figcaption class="small soft">{words}</figcaption>
    </figure>
  );
}

function Tick({ value, top }: { value: number; top: number }) {
  const y = FRAME.top + FRAME.height * (1 - value / top);
  return (
    <g>
      <line class="grid" x1={FRAME.left} x2={FRAME.left + FRAME.width} y1={y} y2={y} />
      <text x={FRAME.left - 8} y={y + 4} text-anchor="end">
        {count(value)}
      </text>
    </g>
  );
}
