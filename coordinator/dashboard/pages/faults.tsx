/** Faults on purpose: what can be broken, what is broken now, and what followed from each fault. */
import type { Fault, FaultAction, FaultsView, FaultTarget } from '@schemas';
import { useState } from 'preact/hooks';
import { reloadCluster } from '../cluster.js';
import { FormDialog } from '../components/dialog.js';
import { Icon } from '../components/icon.js';
import { Card, Empty, Heading, Loaded } from '../components/page.js';
import { dateTime, duration, timeOfDay } from '../logic/format.js';
import { perform } from '../notices.js';
import { useResource } from '../resource.js';

const words: Record<FaultAction, { name: string; effect: string; heals?: boolean }> = {
  kill: { name: 'Kill', effect: 'ends the process at once, without a goodbye (SIGKILL)' },
  stop: { name: 'Stop', effect: 'asks the process to end orderly (SIGTERM)' },
  pause: { name: 'Pause', effect: 'freezes the process: it keeps its connections and says nothing (SIGSTOP)' },
  resume: { name: 'Resume', effect: 'lets a frozen process go on', heals: true },
  restart: { name: 'Restart', effect: 'ends the process orderly and starts it again' },
  start: { name: 'Start', effect: 'starts the process again', heals: true },
  cut: { name: 'Cut', effect: 'lets nothing through between the two any more' },
  heal: { name: 'Heal', effect: 'lets everything through again', heals: true },
};

export function FaultsPage() {
  const faults = useResource<FaultsView>('/api/faults', { on: ['fault', 'view'], everyMs: 5000 });
  const [asking, setAsking] = useState<{ target: FaultTarget; action: FaultAction } | null>(null);
  const make = async (target: FaultTarget, action: FaultAction) => {
    const answer = await perform<Fault>(
      'POST',
      '/api/faults',
      { target: target.id, action },
      () => `Done: ${words[action].name} ${target.title}`,
    );
    void faults.reload();
    void reloadCluster();
    return answer !== null;
  };
  const choose = (target: FaultTarget, action: FaultAction) => {
    if (words[action].heals) void make(target, action);
    else setAsking({ target, action });
  };
  return (
    <>
      <Heading
        title="Faults"
        lead="Break something on purpose, and watch how the cluster copes. For learning and for tests."
      />
      <Loaded resource={faults}>
        {(view) => (
          <>
            <p class={view.enabled ? 'note bad' : 'note'} role="status">
              <strong>{view.enabled ? 'Faults are on.' : 'Faults are off.'}</strong> {view.note}
            </p>
            <Targets targets={view.targets} choose={choose} />
            <Card title="What was done, and what followed" label="Faults and what followed">
              {view.faults.length === 0 ? <Empty>No fault has been made.</Empty> : null}
              {view.faults
                .slice()
                .sort((a, b) => b.startedAtMs - a.startedAtMs)
                .map((fault) => (
                  <FaultItem fault={fault} key={fault.id} />
                ))}
            </Card>
          </>
        )}
      </Loaded>
      {asking ? (
        <FormDialog
          title={`${words[asking.action].name}: ${asking.target.title}?`}
          action={words[asking.action].name}
          danger
          onSubmit={() => make(asking.target, asking.action)}
          onClose={() => setAsking(null)}
        >
          <p>This {words[asking.action].effect}. It happens on the real cluster that you see here.</p>
        </FormDialog>
      ) : null}
    </>
  );
}

interface TargetsProps {
  targets: readonly FaultTarget[];
  choose(target: FaultTarget, action: FaultAction): void;
}

function Targets({ targets, choose }: TargetsProps) {
  if (targets.length === 0) return null;
  const processes = targets.filter(({ kind }) => kind !== 'link');
  const links = targets.filter(({ kind }) => kind === 'link');
  return (
    <>
      <Card title="Processes" label="Processes that can be broken">
        <TargetTable caption="Processes" targets={processes} choose={choose} />
      </Card>
      {links.length > 0 ? (
        <Card title="Connections" label="Connections that can be cut">
          <TargetTable caption="Connections" targets={links} choose={choose} />
        </Card>
      ) : null}
    </>
  );
}

const calm = new Set(['running', 'whole']);

function TargetTable({ caption, targets, choose }: TargetsProps & { caption: string }) {
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">State</th>
            <th scope="col">Do</th>
          </tr>
        </thead>
        <tbody>
          {targets.map((target) => (
            <tr key={target.id}>
              <th scope="row">{target.title}</th>
              <td>
                <span class={calm.has(target.state) ? 'badge' : 'badge bad'}>{target.state}</span>
              </td>
              <td class="actions">
                <div class="row">
                  {target.actions.map((action) => (
                    <button
                      type="button"
                      class={words[action].heals ? 'button primary' : 'button danger'}
                      key={action}
                      title={words[action].effect}
                      aria-label={`${words[action].name} ${target.title}`}
                      onClick={() => choose(target, action)}
                    >
                      {words[action].name}
                    </button>
                  ))}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FaultItem({ fault }: { fault: Fault }) {
  const over = fault.endedAtMs !== null;
  return (
    <article class="form" aria-label={fault.title}>
      <h3 class="row">
        <Icon name="faults" /> {fault.title}
        <span class={over ? 'badge' : 'badge bad'}>
          {over ? `over after ${duration((fault.endedAtMs ?? 0) - fault.startedAtMs)}` : 'still broken'}
        </span>
        <span class="small soft">{dateTime(fault.startedAtMs)}</span>
      </h3>
      {fault.error ? <p class="note bad">{fault.error}</p> : null}
      <ol class="changes" aria-label="What followed">
        {fault.consequences.map(({ atMs, kind, text }, index) => (
          <li key={index} title={`${kind}, ${timeOfDay(atMs)}`}>
            {text}
          </li>
        ))}
      </ol>
      {fault.consequences.length === 0 ? <p class="small soft">Nothing has followed from it yet.</p> : null}
    </article>
  );
}
