/**
 * Tells when a judgement changes, as `health` events. The first judgement of a subject is no change. Owns the judgements
 * told last. When many subjects of a kind change at once — a broker dies, and a thousand topics lack a copy — one event
 * tells of all, so that the live stream and its memory keep what else happens.
 */
import type { EventHub } from '../parts';
import type { Verdict, VerdictWord } from '../schemas';

export type SubjectKind = 'cluster' | 'broker' | 'controller' | 'zookeeper' | 'topic' | 'group';

export interface Judged {
  readonly kind: SubjectKind;
  /** Null where there is only one of the kind. */
  readonly id: string | null;
  readonly verdict: Verdict;
}

interface Change extends Judged {
  readonly before: VerdictWord;
}

const MOST_SINGLE = 10;
const MOST_NAMED = 5;

export class HealthEvents {
  private told = new Map<string, VerdictWord>();

  constructor(private readonly events: Pick<EventHub, 'publish'>) {}

  /** Takes the judgements of all subjects there are now. */
  take(all: readonly Judged[]): void {
    const before = this.told;
    this.told = new Map(all.map((judged) => [keyOf(judged), judged.verdict.verdict]));
    const changes = new Map<SubjectKind, Change[]>();
    for (const judged of all) {
      const word = before.get(keyOf(judged));
      if (word === undefined || word === judged.verdict.verdict) continue;
      changes.set(judged.kind, [...(changes.get(judged.kind) ?? []), { ...judged, before: word }]);
    }
    for (const [kind, some] of changes) {
      if (some.length > MOST_SINGLE) this.tellTogether(kind, some);
      else for (const change of some) this.tell(change);
    }
  }

  private tell({ kind, id, before, verdict }: Change): void {
    const because = verdict.reasons[0] && verdict.verdict !== 'healthy' ? `: ${verdict.reasons[0].text}` : '.';
    const text = `${nameOf(kind, id)} went from ${before} to ${verdict.verdict}${because}`;
    this.events.publish('health', id, text, { kind, id, before, verdict });
  }

  private tellTogether(kind: SubjectKind, changes: readonly Change[]): void {
    const byWord = new Map<VerdictWord, Change[]>();
    for (const change of changes) {
      const word = change.verdict.verdict;
      byWord.set(word, [...(byWord.get(word) ?? []), change]);
    }
    for (const [word, some] of byWord) {
      const names = some.slice(0, MOST_NAMED).map(({ id }) => id ?? '');
      const more = some.length > MOST_NAMED ? ` and ${some.length - MOST_NAMED} more` : '';
      const because = word === 'healthy' ? '.' : `: ${some[0]?.verdict.reasons[0]?.text ?? ''}`;
      const text = `${some.length} ${kind}s are ${word} now (${names.join(', ')}${more})${because}`;
      this.events.publish('health', null, text, { kind, verdict: word, count: some.length, ids: names });
    }
  }
}

function keyOf({ kind, id }: Judged): string {
  return `${kind} ${id ?? ''}`;
}

function nameOf(kind: SubjectKind, id: string | null): string {
  if (kind === 'cluster') return 'The cluster';
  if (kind === 'controller') return 'The controller';
  if (kind === 'zookeeper') return 'ZooKeeper';
  return `${kind === 'broker' ? 'Broker' : kind === 'topic' ? 'Topic' : 'Group'} ${id}`;
}
