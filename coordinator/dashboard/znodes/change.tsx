/** Changes of znodes: what happened, when, by whom, and the difference to before. */
import type { HistoryGap, SessionOwner, ZnodeChange } from '@schemas';
import { Folded } from '../components/folded.js';
import { PayloadDiff } from '../components/payload.js';
import { Term } from '../components/term.js';
import { dateTime, timeOfDay } from '../logic/format.js';
import { linkTo } from '../logic/routes.js';

export function ownerText(owner: SessionOwner | null): string {
  if (!owner || owner.kind === 'unknown') return 'by a session that is not known';
  return owner.kind === 'coordinator' ? 'by this coordinator' : `by broker ${owner.brokerId}`;
}

interface ChangeProps {
  change: ZnodeChange;
  /** Links lead to the node as it stood then. */
  withPath: boolean;
}

export function ChangeItem({ change, withPath }: ChangeProps) {
  const kind = change.kind.startsWith('session') ? '' : change.kind;
  return (
    <li class={kind}>
      <span class="small soft">
        <time dateTime={new Date(change.timeMs).toISOString()} title={dateTime(change.timeMs)}>
          {timeOfDay(change.timeMs)}
        </time>
        {change.timeFrom === 'observed' ? ' (when it was seen)' : ''} · <Term name="zxid" />{' '}
        {change.zxid ?? 'not known'} · {ownerText(change.owner)}
        {change.session ? ` (${change.session})` : ''}
      </span>
      <span>{change.text}</span>
      {withPath && change.path !== '' ? (
        <a class="mono small" href={linkTo(['zookeeper'], { path: change.path, at: change.sequence })}>
          {change.path}
        </a>
      ) : null}
      {change.missedVersions > 0 ? (
        <span class="note warn">
          {change.missedVersions} versions in between were not seen: what stood there is not known.
        </span>
      ) : null}
      <Differences change={change} />
    </li>
  );
}

function Differences({ change }: { change: ZnodeChange }) {
  const { differences, before, after, kind } = change;
  const whole = kind === 'changed' && (before !== null || after !== null);
  return (
    <>
      {differences.length > 0 && differences.length <= 12 ? (
        <ul class="differences">
          {differences.map(({ path, before: old, after: fresh }) => (
            <li key={path}>
              {path === '' ? 'payload' : path}: {old === null ? null : <del>{old}</del>}{' '}
              {old !== null && fresh !== null ? '→ ' : ''}
              {fresh === null ? null : <ins>{fresh}</ins>}
            </li>
          ))}
        </ul>
      ) : null}
      {whole ? (
        <Folded title="Before and after" className="small">
          {() => <PayloadDiff before={before} after={after} />}
        </Folded>
      ) : null}
    </>
  );
}

export function GapItem({ gap }: { gap: HistoryGap }) {
  return (
    <li class="gap">
      <span class="small">{dateTime(gap.atMs)}</span>
      <span>Here the recorder missed something: {gap.why}</span>
    </li>
  );
}

/** Changes, the newest first, with gaps where they belong. */
export function ChangeList({
  changes,
  gaps,
  withPath,
}: {
  changes: readonly ZnodeChange[];
  gaps: readonly HistoryGap[];
  withPath: boolean;
}) {
  return (
    <ol class="changes">
      {changes.map((change, index) => {
        const newer = changes[index - 1];
        const between = gaps.filter(
          ({ afterSequence }) => afterSequence >= change.sequence && (!newer || afterSequence < newer.sequence),
        );
        return [
          ...between.map((gap) => <GapItem gap={gap} key={`gap ${gap.afterSequence} ${gap.atMs}`} />),
          <ChangeItem change={change} withPath={withPath} key={change.sequence} />,
        ];
      })}
    </ol>
  );
}
