/** Verdicts and their reasons: a colour, a sign and a word, never the colour alone. */
import type { Reason, Verdict, VerdictWord } from '@schemas';
import { useState } from 'preact/hooks';
import { linkTo } from '../logic/routes.js';
import { DocumentLink } from './document-link.js';
import { Icon, type IconName } from './icon.js';

export function VerdictBadge({ verdict, prefix }: { verdict: VerdictWord; prefix?: string }) {
  return (
    <span class={`verdict ${verdict}`}>
      <Icon name={verdict} />
      {prefix ? <span class="visually-hidden">{prefix} </span> : null}
      {verdict}
    </span>
  );
}

const signs: Record<Reason['severity'], IconName> = {
  critical: 'unhealthy',
  warning: 'degraded',
  info: 'info',
  unknown: 'unknown',
};

const MOST = 6;

/** Why a verdict is what it is; long lists are cut, and open on demand. */
export function Reasons({
  reasons,
  most = MOST,
  subject = false,
}: {
  reasons: readonly Reason[];
  most?: number;
  subject?: boolean;
}) {
  const [all, setAll] = useState(false);
  if (reasons.length === 0) return null;
  const shown = all ? reasons.slice(0, 200) : reasons.slice(0, most);
  return (
    <>
      <ul class="reasons">
        {shown.map((reason) => (
          <li class={reason.severity} key={`${reason.code} ${reason.subject.kind} ${reason.subject.id}`}>
            <Icon name={signs[reason.severity]} />
            <span>
              <span class="visually-hidden">{reason.severity}: </span>
              {reason.text} {subject ? <SubjectLink reason={reason} /> : null}{' '}
              <DocumentLink document={reason.help} label={`What this means: ${reason.code}`}>
                What this means
              </DocumentLink>
            </span>
          </li>
        ))}
      </ul>
      {reasons.length > shown.length && !all ? (
        <button type="button" class="button plain" onClick={() => setAll(true)}>
          Show all {reasons.length} findings
        </button>
      ) : null}
    </>
  );
}

function SubjectLink({ reason }: { reason: Reason }) {
  const href = subjectHref(reason.subject);
  return href ? (
    <a class="small nowrap" href={href}>
      {reason.subject.kind} {reason.subject.id}
    </a>
  ) : null;
}

function subjectHref({ kind, id }: Reason['subject']): string | null {
  if (kind === 'topic') return linkTo(['topics', id]);
  if (kind === 'partition') return linkTo(['topics', id.replace(/-\d+$/, '')]);
  if (kind === 'group') return linkTo(['groups', id]);
  if (kind === 'broker') return linkTo(['brokers', id]);
  return null;
}

export function VerdictBlock({ verdict }: { verdict: Verdict }) {
  return <Reasons reasons={verdict.reasons} />;
}
