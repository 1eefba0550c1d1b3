/** The timeline: one lane per process, what each did in which order, how long it took, and why. */
import type { Timeline, TimelineStep } from '@schemas';
import { useState } from 'preact/hooks';
import { type Column, DataTable } from '../components/data-table.js';
import { Card, Empty, Heading, Loaded } from '../components/page.js';
import { duration, timeOfDay } from '../logic/format.js';
import { lastMinute, pan, sinceStart, type View, viewWith, zoom } from '../logic/timeline-scale.js';
import { firstView, wholeOf } from '../logic/timeline-view.js';
import { useResource } from '../resource.js';
import { Lanes } from '../timeline/lanes.js';
import { type Chosen, StepCard } from '../timeline/step-card.js';

export function TimelinePage() {
  const timeline = useResource<Timeline>('/api/timeline', {
    on: ['startup', 'fault', 'controller', 'broker'],
    everyMs: 15_000,
  });
  return (
    <>
      <Heading
        title="Timeline"
        lead="How the cluster came up, and what happened since: one lane per process. Choose a step to read what it means."
        actions={
          <>
            <a class="button" href="/api/timeline" download="timeline.json">
              Save as JSON
            </a>
            <a class="button" href="/api/timeline.svg" download="timeline.svg">
              Save as SVG
            </a>
          </>
        }
      />
      <Loaded resource={timeline}>
        {(data) =>
          data.lanes.every(({ steps }) => steps.length === 0) ? (
            <Empty>No step is known yet.</Empty>
          ) : (
            <TimelineView timeline={data} />
          )
        }
      </Loaded>
    </>
  );
}

function TimelineView({ timeline }: { timeline: Timeline }) {
  const whole = wholeOf(timeline);
  const [view, setView] = useState<View | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const shown = view ?? firstView(timeline, whole);
  const find = (next: Chosen) => {
    setChosen(next);
    setView(viewWith(shown, whole, next.step.atMs));
  };
  return (
    <>
      <Controls view={shown} whole={whole} setView={setView} startup={firstView(timeline, whole)} />
      <Lanes timeline={timeline} view={shown} originMs={whole.fromMs} chosen={chosen} choose={setChosen} />
      {chosen ? <StepCard chosen={chosen} originMs={whole.fromMs} /> : null}
      <StepTable timeline={timeline} originMs={whole.fromMs} choose={find} />
    </>
  );
}

interface ControlsProps {
  view: View;
  whole: View;
  startup: View;
  setView(view: View): void;
}

function Controls({ view, whole, startup, setView }: ControlsProps) {
  const buttons: [string, string, View][] = [
    ['−', 'Zoom out', zoom(view, whole, 1 / 2)],
    ['+', 'Zoom in', zoom(view, whole, 2)],
    ['◂', 'Earlier', pan(view, whole, -0.4)],
    ['▸', 'Later', pan(view, whole, 0.4)],
  ];
  return (
    <div class="row" role="toolbar" aria-label="Part of the timeline">
      {buttons.map(([sign, name, next]) => (
        <button type="button" class="button" key={name} aria-label={name} title={name} onClick={() => setView(next)}>
          {sign}
        </button>
      ))}
      <button type="button" class="button" onClick={() => setView(startup)}>
        The startup
      </button>
      <button type="button" class="button" onClick={() => setView(lastMinute(whole))}>
        The last minute
      </button>
      <button type="button" class="button" onClick={() => setView(whole)}>
        All of it
      </button>
      <span class="small soft" role="status">
        {duration(view.toMs - view.fromMs)} of {duration(whole.toMs - whole.fromMs)}, from {timeOfDay(view.fromMs)}
      </span>
    </div>
  );
}

interface Listed extends Chosen {
  key: string;
}

const origins: Record<TimelineStep['from'], string> = {
  'startup-event': 'told by the process',
  znode: 'seen in ZooKeeper',
  fault: 'fault on purpose',
  observation: 'observed',
};

function StepTable({
  timeline,
  originMs,
  choose,
}: {
  timeline: Timeline;
  originMs: number;
  choose(chosen: Chosen): void;
}) {
  const rows: Listed[] = timeline.lanes
    .flatMap(({ id, title, steps }) =>
      steps.map((step, index) => ({ key: `${id} ${index}`, laneId: id, laneTitle: title, step })),
    )
    .sort((a, b) => a.step.atMs - b.step.atMs);
  const columns: readonly Column<Listed>[] = [
    { id: 'at', title: 'When', cell: ({ step }) => <span class="nowrap">{sinceStart(step.atMs - originMs)}</span> },
    { id: 'lane', title: 'Who', sort: ({ laneTitle }) => laneTitle, cell: ({ laneTitle }) => laneTitle },
    {
      id: 'what',
      title: 'What',
      long: true,
      cell: (row) => (
        <button type="button" class="button plain" onClick={() => choose(row)}>
          {row.step.title}
        </button>
      ),
    },
    {
      id: 'took',
      title: 'Took',
      number: true,
      sort: ({ step }) => step.tookMs,
      cell: ({ step }) => duration(step.tookMs),
    },
    { id: 'from', title: 'Known from', cell: ({ step }) => <span class="small soft">{origins[step.from]}</span> },
  ];
  return (
    <Card title="The same as a table" label="Steps of the timeline">
      <DataTable
        caption="Steps of the timeline in order"
        columns={columns}
        rows={rows}
        rowKey={({ key }) => key}
        text={({ laneTitle, step }) => `${laneTitle} ${step.title} ${step.name}`}
        filterLabel="Filter steps"
        perPage={25}
      />
    </Card>
  );
}
