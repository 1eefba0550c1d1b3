/** One step of a lesson. */
import type { LessonStep } from '@schemas';
import { duration } from '../logic/format.js';
import { ChangeList } from '../znodes/change.js';
import { Folded } from './folded.js';
import { Icon } from './icon.js';

interface StepProps {
  step: LessonStep;
  number: number;
  /** The one to be done next. */
  current: boolean;
  busy: boolean;
  onDo(): void;
}

const stateWords = { waiting: 'not done yet', running: 'being done', passed: 'done', failed: 'failed' };

export function LessonStepItem({ step, number, current, busy, onDo }: StepProps) {
  const ended = step.state === 'passed' || step.state === 'failed';
  // What comes later shows its title only: one thing at a time.
  const open = current || ended || step.state === 'running';
  return (
    <li
      class={`card lesson-step ${step.state} ${current ? 'current' : ''}`}
      aria-current={current ? 'step' : undefined}
    >
      <span class="mark" aria-hidden="true">
        {step.state === 'passed' ? (
          <Icon name="healthy" />
        ) : step.state === 'failed' ? (
          <Icon name="unhealthy" />
        ) : (
          number
        )}
      </span>
      <div class="body">
        <h2 tabIndex={-1}>
          <span class="visually-hidden">
            Step {number}, {stateWords[step.state]}:{' '}
          </span>
          {step.title}
        </h2>
        {open ? <Explanation step={step} /> : null}
        {current ? (
          <div>
            <button type="button" class="button primary" disabled={busy} onClick={onDo}>
              <Icon name="play" />
              {busy ? 'Doing it …' : step.state === 'failed' ? 'Do it again' : 'Do it'}
            </button>
          </div>
        ) : null}
        {ended || step.observed.length > 0 ? <Seen step={step} /> : null}
      </div>
    </li>
  );
}

function Explanation({ step }: { step: LessonStep }) {
  return (
    <>
      {step.text.split('\n\n').map((paragraph, index) => (
        <p key={index}>{paragraph}</p>
      ))}
      {step.command === null ? null : (
        <div class="form">
          <span class="small soft">By hand you would type:</span>
          <pre class="payload" tabIndex={0}>
            {step.command}
          </pre>
        </div>
      )}
    </>
  );
}

function Seen({ step }: { step: LessonStep }) {
  const took =
    step.startedAtMs !== null && step.endedAtMs !== null
      ? ` (took ${duration(step.endedAtMs - step.startedAtMs)})`
      : '';
  return (
    <>
      {step.observed.length > 0 ? (
        <section class="form" aria-label="What was seen">
          <h3>What was seen{took}</h3>
          <pre class="payload" tabIndex={0}>
            {step.observed.join('\n')}
          </pre>
        </section>
      ) : null}
      {step.checks.length > 0 ? (
        <section class="form" aria-label="Checks">
          <h3>Checked</h3>
          <ul class="checks">
            {step.checks.map(({ text, held, saw }, index) => (
              <li class={held ? 'held' : 'broken'} key={index}>
                <Icon name={held ? 'healthy' : 'unhealthy'} />
                <span>
                  <span class="visually-hidden">{held ? 'Held: ' : 'Did not hold: '}</span>
                  {text} {saw === '' ? null : <span class="small soft">– saw {saw}</span>}
                </span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {step.changes.length > 0 ? (
        <Folded title={`What changed in ZooKeeper (${step.changes.length})`} openAtFirst={step.changes.length <= 8}>
          {() => <Changes changes={step.changes} />}
        </Folded>
      ) : null}
    </>
  );
}

const MOST_CHANGES = 40;

function Changes({ changes }: { changes: LessonStep['changes'] }) {
  const more = changes.length - MOST_CHANGES;
  return (
    <>
      <ChangeList changes={changes.slice(0, MOST_CHANGES).reverse()} gaps={[]} withPath />
      {more > 0 ? (
        <p class="small soft">
          And {more} more: <a href="#/zookeeper">see them all in the flight recorder</a>
        </p>
      ) : null}
    </>
  );
}
