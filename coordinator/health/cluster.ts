/**
 * The judgement over all: what is grave for one broker or group need not be grave for the cluster, which is made to live
 * with the loss of some. Many subjects with the same finding become one reason, so that the list stays readable.
 */
import type { Reason, Verdict } from '../schemas';
import { reason, titleOf } from './reasons';
import { gravity, judge } from './verdict';

export interface ClusterFacts {
  readonly ready: boolean;
  readonly registeredBrokers: number;
  /** The connect string, when not even the path at its end exists. */
  readonly nothingAt: string | null;
  readonly controller: Verdict;
  readonly zookeeper: Verdict;
  readonly brokers: readonly Verdict[];
  readonly topics: readonly Verdict[];
  readonly groups: readonly Verdict[];
}

const SUBJECT = { kind: 'cluster', id: 'cluster' } as const;
/** More subjects than this with the same finding are told as one. */
const MOST_SINGLE = 3;
const MOST_NAMED = 5;

/**
 * @returns unhealthy when something cannot be written or read, or nobody could react to the next failure: no controller, no
 * ZooKeeper, partitions offline or under min ISR; degraded when a broker is away or a group falls behind
 */
export function judgeCluster(facts: ClusterFacts): Verdict {
  if (!facts.ready) {
    return judge([reason('NOT_READ_YET', SUBJECT, {}), ...facts.zookeeper.reasons]);
  }
  const reasons = [
    ...facts.zookeeper.reasons,
    ...(facts.registeredBrokers === 0 ? [reason('NO_BROKERS', SUBJECT, { nothingAt: facts.nothingAt })] : []),
    ...facts.controller.reasons,
    ...facts.brokers.flatMap((broker) => broker.reasons).map((each) => atMost('warning', each)),
    ...facts.topics.flatMap((topic) => topic.reasons),
    ...facts.groups.flatMap((group) => group.reasons).map((each) => atMost('warning', each)),
  ];
  return judge(bundled(reasons));
}

function atMost(severity: Reason['severity'], given: Reason): Reason {
  return gravity(given.severity) < gravity(severity) ? { ...given, severity } : given;
}

function bundled(reasons: readonly Reason[]): Reason[] {
  const byFinding = new Map<string, Reason[]>();
  for (const each of reasons) {
    const key = `${each.code} ${each.severity}`;
    const known = byFinding.get(key);
    if (known) known.push(each);
    else byFinding.set(key, [each]);
  }
  return [...byFinding.values()].flatMap((same) => (same.length > MOST_SINGLE ? [bundle(same)] : same));
}

function bundle(same: readonly Reason[]): Reason {
  const first = same[0] as Reason;
  const names = same.slice(0, MOST_NAMED).map(({ subject }) => subject.id);
  const more = same.length > MOST_NAMED ? ` and ${same.length - MOST_NAMED} more` : '';
  const kind = first.subject.kind === 'partition' ? 'topic' : first.subject.kind;
  return {
    ...first,
    subject: SUBJECT,
    text: `${titleOf(first.code)}: ${same.length} ${kind}s (${names.join(', ')}${more}).`,
  };
}
