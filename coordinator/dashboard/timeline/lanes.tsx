/** The lanes: a ruler, and for each process its steps at their times, in as many rows as labels need. */
import type { Timeline, TimelineLane, TimelineStep } from '@schemas';
import { useWidth } from '../components/use-width.js';
import { plural } from '../logic/format.js';
import { placeOf, rowsFor, sinceStart, ticks, type View } from '../logic/timeline-scale.js';
import type { Chosen } from './step-card.js';

const MOST_ROWS = 12;
const ROW_HEIGHT = 28;
const MOST_STEPS = 160;

interface LanesProps {
  timeline: Timeline;
  view: View;
  originMs: number;
  chosen: Chosen | null;
  choose(chosen: Chosen): void;
}

export function Lanes({ timeline, view, originMs, chosen, choose }: LanesProps) {
  const [frame, inner] = useWidth<HTMLDivElement>();
  const width = inner - 24;
  return (
    <div class="lanes" ref={frame}>
      <div class="axis" aria-hidden="true">
        {ticks(view, originMs, Math.max(2, Math.floor(width / 110))).map((atMs) => (
          <span key={atMs} style={{ left: `${100 * placeOf(view, atMs)}%` }}>
            {sinceStart(atMs - originMs)}
          </span>
        ))}
      </div>
      {timeline.lanes.map((lane) => (
        <Lane key={lane.id} lane={lane} view={view} width={width} chosen={chosen} choose={choose} />
      ))}
    </div>
  );
}

interface LaneProps {
  lane: TimelineLane;
  view: View;
  width: number;
  chosen: Chosen | null;
  choose(chosen: Chosen): void;
}

/** About how wide a step's label is, in pixels. */
const labelWidth = (title: string) => Math.min(230, 18 + title.length * 6.7);

const isInside = (view: View) => (step: TimelineStep) =>
  step.atMs <= view.toMs && step.atMs + (step.tookMs ?? 0) >= view.fromMs;

function Lane({ lane, view, width, chosen, choose }: LaneProps) {
  const inside = lane.steps.filter(isInside(view));
  const steps = inside.slice(0, MOST_STEPS);
  const lefts = steps.map((step) => Math.max(0, placeOf(view, step.atMs) * width));
  // A label near the right edge is moved in, so that it can be read.
  const labels = steps.map((step, index) => Math.max(0, Math.min(lefts[index] ?? 0, width - labelWidth(step.title))));
  const edges = steps.map((step, index) => ({
    left: labels[index] ?? 0,
    right: (labels[index] ?? 0) + labelWidth(step.title) + 4,
  }));
  const rows = rowsFor(edges, MOST_ROWS);
  const height = (Math.max(-1, ...rows) + 1) * ROW_HEIGHT;
  return (
    <section class="lane" aria-label={`Lane ${lane.title}`}>
      <h2>
        {lane.title}
        <span class="small soft">
          {inside.length === lane.steps.length
            ? plural(lane.steps.length, 'step')
            : `${inside.length} of ${plural(lane.steps.length, 'step')} here`}
          {inside.length > steps.length ? `, the first ${MOST_STEPS} are drawn: zoom in` : ''}
          {lane.note ? ` · ${lane.note}` : ''}
        </span>
      </h2>
      <div class="lane-track" style={{ height: `${height}px` }}>
        {steps.map((step, index) => (
          <Step
            key={`${step.atMs} ${step.name} ${index}`}
            step={step}
            left={labels[index] ?? 0}
            top={(rows[index] ?? 0) * ROW_HEIGHT}
            took={{ left: lefts[index] ?? 0, width: ((step.tookMs ?? 0) / (view.toMs - view.fromMs)) * width }}
            pressed={chosen?.step.atMs === step.atMs && chosen.step.name === step.name && chosen.laneId === lane.id}
            choose={() => choose({ laneId: lane.id, laneTitle: lane.title, step })}
          />
        ))}
      </div>
    </section>
  );
}

interface StepProps {
  step: TimelineStep;
  left: number;
  top: number;
  took: { left: number; width: number };
  pressed: boolean;
  choose(): void;
}

function Step({ step, left, top, took, pressed, choose }: StepProps) {
  return (
    <>
      {pressed && took.width > 2 ? (
        <span class="took" style={{ left: `${took.left}px`, top: `${top}px`, width: `${took.width}px` }} />
      ) : null}
      <button
        type="button"
        class={`step ${step.from} ${took.left > left + 1 ? 'shifted' : ''}`}
        style={{ left: `${left}px`, top: `${top}px` }}
        aria-pressed={pressed}
        title={step.title}
        onClick={choose}
      >
        {step.title}
      </button>
    </>
  );
}
