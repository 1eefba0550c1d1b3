/** How the lag of a group went: a line that breaks off where nothing is known. */
import type { GroupDetail } from '@schemas';
import { type Frame, linePath, valueTicks } from '../logic/chart.js';
import { count, plural, timeOfDay } from '../logic/format.js';
import { Empty } from './page.js';
import { useWidth } from './use-width.js';

const HEIGHT = 180;
const frameOf = (width: number): Frame => ({ left: 56, top: 12, width: width - 72, height: HEIGHT - 42 });

export function LagChart({ points }: { points: GroupDetail['lagHistory'] }) {
  const known = points.filter(({ lag }) => lag !== null);
  return known.length < 2 ? (
    <Empty>The lag is drawn when it has been read a few times.</Empty>
  ) : (
    <Chart points={points} known={known} />
  );
}

function Chart({ points, known }: Record<'points' | 'known', GroupDetail['lagHistory']>) {
  const [element, width] = useWidth<HTMLElement>();
  const frame = frameOf(width);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return null;
  const highest = Math.max(...known.map(({ lag }) => lag ?? 0));
  const ticks = valueTicks(highest);
  const top = ticks.at(-1) ?? 1;
  const path = linePath(
    points.map(({ atMs, lag }) => ({ atMs, value: lag })),
    top,
    frame,
  );
  const words = `Lag from ${timeOfDay(first.atMs).slice(0, 8)} to ${timeOfDay(last.atMs).slice(0, 8)}: now ${plural(known.at(-1)?.lag ?? 0, 'record')}, at most ${count(highest)}.`;
  return (
    <figure class="chart" ref={element}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={words}>
        {ticks.map((tick) => (
          <Tick value={tick} top={top} frame={frame} key={tick} />
        ))}
        <path class="curve" d={path} />
        <text x={frame.left} y={HEIGHT - 8}>
          {timeOfDay(first.atMs).slice(0, 8)}
        </text>
        <text x={width - 16} y={HEIGHT - 8} text-anchor="end">
          {timeOfDay(last.atMs).slice(0, 8)}
        </text>
      </svg>
      <figcaption class="small soft">{words}</figcaption>
    </figure>
  );
}

function Tick({ value, top, frame }: { value: number; top: number; frame: Frame }) {
  const y = frame.top + frame.height * (1 - value / top);
  return (
    <g>
      <line class="grid" x1={frame.left} x2={frame.left + frame.width} y1={y} y2={y} />
      <text x={frame.left - 8} y={y + 4} text-anchor="end">
        {count(value)}
      </text>
    </g>
  );
}
