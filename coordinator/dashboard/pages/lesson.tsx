/** One run of a lesson, step by step: what will be done and why, a button that does it, and what was seen. */
import type { LessonRun } from '@schemas';
import { useEffect, useRef, useState } from 'preact/hooks';
import { act, CallError, messageOf } from '../api.js';
import { DocumentLink } from '../components/document-link.js';
import { LessonStepItem } from '../components/lesson-step.js';
import { Card, Heading, Loaded } from '../components/page.js';
import { plural } from '../logic/format.js';
import { notify, perform } from '../notices.js';
import { type Resource, useResource } from '../resource.js';
import { go } from '../router.js';
import type { PageProps } from '../page-props.js';

export function LessonPage({ rest }: PageProps) {
  const runId = rest[0] === 'runs' ? Number(rest[1]) : Number(rest[0]);
  const path = `/api/lessons/runs/${Number.isInteger(runId) ? runId : 0}`;
  const run = useResource<LessonRun>(path, { on: ['lesson'], everyMs: 5000 });
  return (
    <>
      <Heading
        title={run.data?.lesson.title ?? 'Lesson'}
        crumbs={[{ text: 'Lessons', href: '#/lessons' }]}
        lead={run.data?.lesson.summary}
      />
      {run.error?.status === 404 ? (
        <p class="note">
          This run is over and forgotten. <a href="#/lessons">Begin the lesson again</a>.
        </p>
      ) : (
        <Loaded resource={run}>{(data) => <Run run={data} resource={run} path={path} />}</Loaded>
      )}
    </>
  );
}

function Run({ run, resource, path }: { run: LessonRun; resource: Resource<LessonRun>; path: string }) {
  const [busy, setBusy] = useState(false);
  const asked = useRef(false);
  const done = run.steps.filter(({ state }) => state === 'passed').length;
  const step = async () => {
    setBusy(true);
    asked.current = true;
    try {
      await act<LessonRun>('POST', `${path}/steps`);
    } catch (error) {
      if (!(error instanceof CallError && error.code === 'CANCELLED')) notify(messageOf(error), true);
    }
    await resource.reload();
    setBusy(false);
  };
  useEffect(() => {
    if (!asked.current) return;
    asked.current = false;
    // The button that was pressed is gone: the reader goes on at what it came to.
    const headings = document.querySelectorAll<HTMLElement>('.lesson-step.passed h2, .lesson-step.failed h2');
    headings.item(headings.length - 1)?.focus({ preventScroll: true });
    document.querySelector('.lesson-step.current')?.scrollIntoView({ block: 'nearest' });
  }, [done, run.state]);
  return (
    <>
      <div class="form">
        <div
          class="progress"
          role="progressbar"
          aria-label="Steps done"
          aria-valuemin={0}
          aria-valuemax={run.steps.length}
          aria-valuenow={done}
        >
          <i style={{ width: `${(100 * done) / Math.max(1, run.steps.length)}%` }} />
        </div>
        <p class="small soft" role="status">
          {stateText(run, done)}
        </p>
      </div>
      <ol class="steps">
        {run.steps.map((each, index) => (
          <LessonStepItem
            key={index}
            step={each}
            number={index + 1}
            current={index === run.nextStep && run.state !== 'passed' && run.state !== 'ended'}
            busy={busy || each.state === 'running'}
            onDo={() => void step()}
          />
        ))}
      </ol>
      <End run={run} path={path} />
    </>
  );
}

function stateText(run: LessonRun, done: number): string {
  if (run.state === 'passed') return 'All steps done, and every check held.';
  if (run.state === 'ended') return 'This run has ended.';
  if (run.state === 'failed') return `A check did not hold. ${plural(done, 'step')} of ${run.steps.length} done.`;
  return `${done} of ${plural(run.steps.length, 'step')} done`;
}

function End({ run, path }: { run: LessonRun; path: string }) {
  const end = async () => {
    const answer = await perform<LessonRun>(
      'DELETE',
      path,
      undefined,
      () => 'The lesson has ended; what it made is removed.',
    );
    if (answer) go('#/lessons');
  };
  const passed = run.state === 'passed';
  return (
    <Card title={passed ? 'Well done' : 'Leave the lesson'} label="End of the lesson">
      {passed ? <p class="note good">You have seen it happen on a real cluster.</p> : null}
      {run.made.length > 0 ? (
        <p class="small">
          It made <strong>{run.made.join(', ')}</strong>, and removes that when it ends.
        </p>
      ) : null}
      <div class="row">
        <button
          type="button"
          class={passed ? 'button primary' : 'button'}
          disabled={run.state === 'ended'}
          onClick={() => void end()}
        >
          End and clean up
        </button>
        <DocumentLink document={run.lesson.document}>Read the background</DocumentLink>
      </div>
    </Card>
  );
}
