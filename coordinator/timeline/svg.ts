/**
 * The timeline as a picture that needs nothing else: one SVG document, readable at 1,000 pixels, light or dark as the viewer
 * prefers. Pure. Every text in it comes from people or from the cluster, and is escaped.
 */
import type { Timeline, TimelineLane, TimelineStep } from '../schemas';
import { axisFor, ticksOf, type Axis } from './axis';

const WIDTH = 1_000;
const GUTTER = 132;
const RIGHT_MARGIN = 16;
const TOP = 98;
const ROW = 18;
const LANE_PADDING = 10;
/** Of one character of the labels, on average. */
const CHARACTER = 5.9;
const LONGEST_LABEL = 44;
const MOST_STEPS = 160;
const MOST_NOTE_CHARACTERS = 150;
const TICK_LEAST = 64;
/** Steps that begin closer to each other than this are stairs. */
const STAIRS = 110;

interface PlacedStep {
  step: TimelineStep;
  left: number;
  right: number;
  row: number;
  /** Where the label begins, and whether it stands before the mark for lack of room behind it. */
  labelAt: number;
  before: boolean;
  label: string;
}

interface PlacedLane {
  lane: TimelineLane;
  steps: PlacedStep[];
  top: number;
  height: number;
}

/** A whole SVG document. */
export function timelineSvg(timeline: Timeline): string {
  const { lanes, leftOut } = newestSteps(timeline.lanes);
  const points = lanes.flatMap(({ steps }) => steps.flatMap(({ atMs, tookMs }) => [atMs, atMs + (tookMs ?? 0)]));
  const axis = axisFor(points, GUTTER, WIDTH - GUTTER - RIGHT_MARGIN);
  const placed = placeLanes(lanes, axis);
  const bottom = placed.at(-1);
  const lanesEnd = bottom ? bottom.top + bottom.height : TOP + 40;
  const height = lanesEnd + 44;
  const body = [
    header(timeline, leftOut),
    ...(points.length === 0 ? [text(GUTTER, TOP + 24, 'quiet', 'Nothing has been seen yet.')] : []),
    ...placed.map(laneBackground),
    axisMarks(axis, lanesEnd),
    ...placed.map(laneSteps),
    legend(lanesEnd + 24),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Timeline of the cluster">
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}"/>
${body.join('\n')}
</svg>
`;
}

const STYLE = `
svg{font:11px system-ui,-apple-system,"Segoe UI",sans-serif;--ground:#fff;--text:#1c2430;--quiet:#5b6675;--line:#d9dee6;--lane:#f4f6f9;--event:#2563c9;--znode:#16794c;--fault:#b8322a;--seen:#7a5195}
@media (prefers-color-scheme:dark){svg{--ground:#12161c;--text:#e6eaf0;--quiet:#9aa5b4;--line:#303946;--lane:#1a2029;--event:#74a9ff;--znode:#5cc894;--fault:#ff8278;--seen:#c9a2e6}}
.ground{fill:var(--ground)}text{fill:var(--text)}.title{font-size:16px;font-weight:600}.lane-title{font-size:12px;font-weight:600}
.quiet{fill:var(--quiet)}.lane{fill:var(--lane)}.line{stroke:var(--line);stroke-width:1}.cut{fill:var(--ground)}
.startup-event{fill:var(--event)}.znode{fill:var(--znode)}.fault{fill:var(--fault)}.observation{fill:var(--seen)}.bar{opacity:.28}
`
  .trim()
  .replaceAll('\n', '');

function header({ fromMs, toMs }: Timeline, leftOut: number): string {
  const times = fromMs === null || toMs === null ? '' : `${date(fromMs)} to ${date(toMs)} (UTC)`;
  const missing = leftOut === 0 ? '' : ` ${leftOut} earlier steps are left out.`;
  return [
    text(16, 28, 'title', 'What happened, in which order'),
    text(16, 46, 'quiet', `${times}.${missing} Point at a step to read what it means.`.replace(/^\. ?/, '')),
  ].join('\n');
}

function placeLanes(lanes: readonly TimelineLane[], axis: Axis): PlacedLane[] {
  let top = TOP;
  return lanes.map((lane) => {
    const steps = placeSteps(lane.steps, axis);
    const rows = Math.max(1, ...steps.map(({ row }) => row + 1));
    const noteHeight = lane.note === null ? 0 : 16;
    const height = Math.max(34, rows * ROW + 2 * LANE_PADDING - 4) + noteHeight;
    const placed = { lane, steps, top, height };
    top += height + 6;
    return placed;
  });
}

/**
 * Each step in a row where neither its mark nor its label touches another. Steps close to each other go down like stairs, so
 * that their order can be read off.
 */
function placeSteps(steps: readonly TimelineStep[], axis: Axis): PlacedStep[] {
  const rows: [number, number][][] = [];
  let former = { left: -Infinity, row: -1 };
  return steps.map((step) => {
    const left = axis.place(step.atMs);
    const right = Math.max(left + 6, step.tookMs === null ? 0 : axis.place(step.atMs + step.tookMs));
    const label = shortened(`${step.title}${duration(step.tookMs)}`, LONGEST_LABEL);
    const labelWidth = label.length * CHARACTER + 14;
    const before = left + labelWidth > WIDTH - RIGHT_MARGIN;
    const labelAt = before ? left - 6 : left + 12;
    const taken: [number, number] = before
      ? [left - labelWidth, Math.max(right, left + 8)]
      : [left - 3, Math.max(right, left + labelWidth)];
    const isFree = (row: number): boolean => (rows[row] ?? []).every(([from, to]) => taken[1] < from || taken[0] > to);
    let row = left - former.left < STAIRS ? former.row + 1 : 0;
    while (!isFree(row)) row++;
    (rows[row] ??= []).push(taken);
    former = { left, row };
    return { step, left, right, row, labelAt, before, label };
  });
}

function laneBackground({ lane, top, height }: PlacedLane): string {
  const note = lane.note === null ? '' : shortened(lane.note, MOST_NOTE_CHARACTERS);
  return [
    `<rect class="lane" x="8" y="${top}" width="${WIDTH - 16}" height="${height}" rx="6"/>`,
    text(18, top + 21, 'lane-title', shortened(lane.title, 18)),
    ...(lane.steps.length === 0 && note === '' ? [text(GUTTER, top + 21, 'quiet', 'Nothing was seen.')] : []),
    ...(note === '' ? [] : [text(GUTTER, top + height - 7, 'quiet', note)]),
  ].join('\n');
}

function laneSteps({ steps, top }: PlacedLane): string {
  return steps.map((placed) => stepMark(placed, top + LANE_PADDING + placed.row * ROW)).join('\n');
}

function stepMark({ step, left, right, labelAt, before, label }: PlacedStep, y: number): string {
  const { from, title, explanation, tookMs, atMs } = step;
  const told = `${date(atMs)} ${title}${duration(tookMs)}\n${explanation}`;
  const bar =
    tookMs === null
      ? ''
      : `<rect class="${from} bar" x="${num(left)}" y="${y}" width="${num(right - left)}" height="14" rx="3"/>`;
  const anchor = before ? ' text-anchor="end"' : '';
  return `<g><title>${escaped(told)}</title>${bar}${mark(from, left + 3, y + 7)}<text x="${num(labelAt)}" y="${y + 11}"${anchor}>${escaped(label)}</text></g>`;
}

/** Of another shape for each kind, so that it does not take colours to tell them apart. */
function mark(from: TimelineStep['from'], x: number, y: number): string {
  const [at, size] = [num(x), 4];
  switch (from) {
    case 'startup-event':
      return `<circle class="${from}" cx="${at}" cy="${y}" r="${size}"/>`;
    case 'znode':
      return `<path class="${from}" d="M${at} ${y - 5}l5 5l-5 5l-5 -5z"/>`;
    case 'fault':
      return `<path class="${from}" d="M${at} ${y - 5}l5 9h-10z"/>`;
    case 'observation':
      return `<rect class="${from}" x="${num(x - size)}" y="${y - size}" width="${2 * size}" height="${2 * size}"/>`;
  }
}

function axisMarks({ stretches, cuts, place }: Axis, bottom: number): string {
  const parts: string[] = [];
  for (const [index, stretch] of stretches.entries()) {
    parts.push(
      `<line class="line" x1="${num(stretch.left)}" y1="${TOP - 6}" x2="${num(stretch.right)}" y2="${TOP - 6}"/>`,
    );
    // Not every stretch is wide enough for its time of day.
    const room = (stretches[index + 1]?.left ?? WIDTH) - stretch.left;
    if (room > 58) parts.push(text(stretch.left, TOP - 24, 'quiet', timeOfDay(stretch.fromMs)));
    for (const { atMs, sinceMs } of ticksOf(stretch, TICK_LEAST)) {
      const x = num(place(atMs));
      parts.push(`<line class="line" x1="${x}" y1="${TOP - 9}" x2="${x}" y2="${bottom}"/>`);
      if (place(atMs) < WIDTH - 50) parts.push(text(place(atMs), TOP - 11, 'quiet', `+${span(sinceMs)}`));
    }
  }
  for (const { left, right, lengthMs } of cuts) {
    const middle = (left + right) / 2;
    parts.push(
      `<line class="line" stroke-dasharray="2 4" x1="${num(middle)}" y1="${TOP - 2}" x2="${num(middle)}" y2="${bottom}"/>`,
      `<text class="quiet" x="${num(middle)}" y="${TOP - 38}" text-anchor="middle">⋯ ${span(lengthMs)}</text>`,
    );
  }
  return parts.join('\n');
}

function legend(y: number): string {
  const kinds: [TimelineStep['from'], string][] = [
    ['startup-event', 'told by the broker itself'],
    ['znode', 'seen in ZooKeeper'],
    ['fault', 'fault on purpose, and what followed'],
    ['observation', 'done by the coordinator'],
  ];
  let x = GUTTER;
  const parts = kinds.map(([from, words]) => {
    const part = `${mark(from, x, y - 4)}${text(x + 10, y, 'quiet', words)}`;
    x += words.length * CHARACTER + 34;
    return part;
  });
  return [...parts, text(x, y, 'quiet', '⋯ time cut out')].join('\n');
}

function newestSteps(lanes: readonly TimelineLane[]): { lanes: TimelineLane[]; leftOut: number } {
  const times = lanes.flatMap(({ steps }) => steps.map(({ atMs }) => atMs)).sort((one, other) => one - other);
  const edge = times.at(-MOST_STEPS) ?? -Infinity;
  const kept = lanes.map((lane) => ({ ...lane, steps: lane.steps.filter(({ atMs }) => atMs >= edge) }));
  return { lanes: kept, leftOut: times.length - kept.reduce((sum, { steps }) => sum + steps.length, 0) };
}

function text(x: number, y: number, className: string, content: string): string {
  return `<text class="${className}" x="${num(x)}" y="${num(y)}">${escaped(content)}</text>`;
}

function duration(tookMs: number | null): string {
  return tookMs === null || tookMs === 0 ? '' : ` · ${span(tookMs)}`;
}

function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 && ms % 1_000 !== 0 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${Math.round(ms / 86_400_000)} days`;
}

function date(ms: number): string {
  return instant(ms).slice(0, 23).replace('T', ' ');
}

function timeOfDay(ms: number): string {
  return instant(ms).slice(11, 19);
}

/** A time that a broker made up must not end in an exception. */
function instant(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'an impossible time'.padEnd(24);
}

function num(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function shortened(content: string, most: number): string {
  const characters = [...content];
  return characters.length <= most ? content : `${characters.slice(0, most - 1).join('')}…`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also without the control characters that XML does not know at all, and halves of characters. */
function escaped(content: string): string {
  return content
    .replace(/(?![\n\t])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
