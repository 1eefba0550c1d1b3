/**
 * Says in a sentence what a change of a znode means: from its path, and the payloads before and after. Pure. A payload that
 * is not as Kafka writes it is told as what it is, a change of that node.
 */
import { jsonOf } from './payload-difference';

export interface Explainable {
  kind: 'created' | 'changed' | 'deleted';
  path: string;
  before: Buffer | null;
  after: Buffer | null;
  /** False: what stood there before is not known. */
  beforeKnown: boolean;
  aclOnly: boolean;
  missedVersions: number;
}

type Teller = (change: Explainable, names: string[]) => string | null;

/** Names in a sentence are cut: a path may have any length. */
const LONGEST_NAME = 120;

export function explainChange(change: Explainable): string {
  return `${sentence(change)}${missed(change)}.`;
}

/** A session has no path; who opened it is not known yet, and often never. */
export function explainSession(
  kind: 'session-opened' | 'session-closed',
  session: string,
  timeoutMs: number | null,
): string {
  if (kind === 'session-closed') return `Session ${session} ended, and its ephemeral znodes with it.`;
  const seconds =
    timeoutMs === null ? '' : `; it lasts while ZooKeeper hears from its owner every ${timeoutMs / 1000} s`;
  return `Session ${session} was opened${seconds}.`;
}

function sentence(change: Explainable): string {
  if (change.aclOnly) return `The access control list of ${cut(change.path)} was changed`;
  for (const [expression, tell] of tellers) {
    const match = expression.exec(change.path);
    const told = match && tell(change, match.slice(1).map(cut));
    if (told) return told;
  }
  return plain(change);
}

function missed({ kind, missedVersions, path }: Explainable): string {
  // Registration and the like are create + set in one step: version 1 is how everybody sees it first.
  if (missedVersions === 0 || (kind === 'created' && missedVersions === 1 && path.startsWith('/brokers/ids/')))
    return '';
  return ` (${missedVersions} ${missedVersions === 1 ? 'version' : 'versions'} in between nobody saw)`;
}

function plain({ kind, path, before, after, beforeKnown }: Explainable): string {
  const name = cut(path);
  if (kind === 'created') return after?.length ? `${name} was created` : `${name} was created, without data`;
  if (kind === 'deleted') return `${name} was deleted`;
  const same = beforeKnown && (before === after || (before && after && before.equals(after)));
  return same ? `${name} was written again with the same data` : `${name} was changed`;
}

const tellers: [RegExp, Teller][] = [
  [/^\/brokers\/ids\/(\d+)$/, brokerRegistration],
  [/^\/controller$/, controller],
  [/^\/controller_epoch$/, ({ after }) => (after ? `The controller epoch is now ${cut(after.toString())}` : null)],
  [/^\/cluster\/id$/, clusterId],
  [/^\/brokers\/topics\/([^/]+)\/partitions\/(\d+)\/state$/, partitionState],
  [/^\/brokers\/topics\/([^/]+)$/, topic],
  [
    /^\/admin\/delete_topics\/([^/]+)$/,
    ({ kind }, [name]) =>
      kind === 'created' ? `Topic ${name} is to be deleted` : kind === 'deleted' ? `Topic ${name} is deleted` : null,
  ],
  [/^\/config\/topics\/([^/]+)$/, (change, [name]) => settings(change, `topic ${name}`)],
  [
    /^\/config\/brokers\/([^/]+)$/,
    (change, [name]) => settings(change, name === '<default>' ? 'all brokers' : `broker ${name}`),
  ],
  [/^\/config\/changes\/([^/]+)$/, configNotification],
  [/^\/latest_producer_id_block$/, producerIds],
  [/^\/admin\/reassign_partitions$/, ({ kind }) => errand(kind, 'A reassignment of partitions')],
  [/^\/admin\/preferred_replica_election$/, ({ kind }) => errand(kind, 'An election of preferred leaders')],
  [/^\/gregor\/sessions\/(\d+)$/, gregorSession],
  [/^\/gregor\/suspects\/(\d+)-\d+(?:-(\d+))?$/, suspicion],
  [
    /^\/gregor\/fences\/(\d+)$/,
    ({ kind }, [id]) => (kind === 'deleted' ? null : `Broker ${id} is fenced: another closes its session`),
  ],
];

function brokerRegistration({ kind, after }: Explainable, [id]: string[]): string {
  if (kind === 'deleted') return `Broker ${id} is no longer registered`;
  const endpoints = strings(jsonOf(after)?.['endpoints']);
  const where = endpoints.length > 0 ? ` at ${cut(endpoints.join(', '))}` : '';
  return kind === 'created' ? `Broker ${id} registered${where}` : `Broker ${id} changed its registration${where}`;
}

function controller({ kind, before, after }: Explainable): string {
  const id = jsonOf(kind === 'deleted' ? before : after)?.['brokerid'];
  const who = typeof id === 'number' ? `Broker ${id}` : 'Somebody';
  if (kind === 'deleted') return `${who} is no longer the controller; there is none until the next election`;
  return `${who} became the controller`;
}

function clusterId({ kind, after }: Explainable): string | null {
  const id = jsonOf(after)?.['id'];
  return kind === 'created' && typeof id === 'string' ? `The cluster has its id: ${cut(id)}` : null;
}

interface PartitionState {
  leader: number;
  leaderEpoch: number;
  isr: number[];
}

function stateOf(data: Buffer | null): PartitionState | null {
  const json = jsonOf(data);
  const [leader, leaderEpoch] = [json?.['leader'], json?.['leader_epoch']];
  if (typeof leader !== 'number' || typeof leaderEpoch !== 'number') return null;
  return { leader, leaderEpoch, isr: numbers(json?.['isr']) };
}

function partitionState(
  { kind, before, after, beforeKnown }: Explainable,
  [topicName, partition]: string[],
): string | null {
  const name = `${topicName}-${partition}`;
  if (kind === 'deleted') return `Partition ${name} is no longer kept`;
  const now = stateOf(after);
  if (!now) return null;
  const then = kind === 'created' ? null : stateOf(before);
  const isr = `ISR ${now.isr.join(', ') || 'empty'}`;
  if (kind === 'created' && now.leader !== -1) {
    return `Partition ${name} begins: broker ${now.leader} leads (leader epoch ${now.leaderEpoch}, ${isr})`;
  }
  if (!beforeKnown && now.leader !== -1) {
    return `Broker ${now.leader} leads ${name} (leader epoch ${now.leaderEpoch}, ${isr})`;
  }
  if (!then || then.leader !== now.leader) {
    return now.leader === -1
      ? `Partition ${name} has no leader (leader epoch ${now.leaderEpoch}, ${isr})`
      : `Broker ${now.leader} became the leader of ${name} (leader epoch ${now.leaderEpoch}, ${isr})`;
  }
  const change = isrChange(then.isr, now.isr);
  if (change) return `${change} the ISR of ${name}, which is now ${now.isr.join(', ') || 'empty'}`;
  if (then.leaderEpoch !== now.leaderEpoch) return `The leader epoch of ${name} rose to ${now.leaderEpoch}`;
  return `The state of ${name} was written again`;
}

function isrChange(then: number[], now: number[]): string | null {
  const [left, joined] = [then.filter((id) => !now.includes(id)), now.filter((id) => !then.includes(id))];
  const parts: string[] = [];
  if (left.length > 0) parts.push(`${brokers(left)} left`);
  if (joined.length > 0) parts.push(`${brokers(joined)} joined`);
  const text = parts.join(' and ');
  return text === '' ? null : text.charAt(0).toUpperCase() + text.slice(1);
}

function topic({ kind, before, after, beforeKnown }: Explainable, [name]: string[]): string | null {
  if (kind === 'deleted') return `Topic ${name} is gone`;
  const now = partitionsOf(after);
  if (!now) return null;
  const count = Object.keys(now).length;
  const partitions = count === 1 ? '1 partition' : `${count} partitions`;
  if (kind === 'created') return `Topic ${name} was created with ${partitions}`;
  const json = jsonOf(after);
  if (moving(json?.['adding_replicas']) || moving(json?.['removing_replicas'])) {
    return `Replicas of topic ${name} are being moved to other brokers`;
  }
  const then = partitionsOf(before);
  if (beforeKnown && then && Object.keys(then).length !== count) return `Topic ${name} now has ${partitions}`;
  return `The replicas of topic ${name} were assigned anew`;
}

function partitionsOf(data: Buffer | null): object | null {
  const partitions = jsonOf(data)?.['partitions'];
  return typeof partitions === 'object' ? partitions : null;
}

function moving(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function settings({ kind, before, after }: Explainable, whose: string): string | null {
  if (kind === 'deleted') return `The settings of ${whose} were removed`;
  const [then, now] = [configOf(before), configOf(after)];
  if (!now) return null;
  const names = Object.keys(now);
  if (kind === 'created') {
    return names.length === 0
      ? `${whose.charAt(0).toUpperCase()}${whose.slice(1)} begins without settings of its own`
      : `The settings of ${whose} begin: ${list(names)}`;
  }
  if (!then) return `The settings of ${whose} were changed`;
  const changed = [...new Set([...Object.keys(then), ...names])].filter((key) => then[key] !== now[key]);
  return changed.length === 0
    ? `The settings of ${whose} were written again`
    : `Settings of ${whose} were changed: ${list(changed)}`;
}

function configOf(data: Buffer | null): Record<string, unknown> | null {
  const config = jsonOf(data)?.['config'];
  return typeof config === 'object' ? (config as Record<string, unknown> | null) : null;
}

function configNotification({ kind, after }: Explainable): string | null {
  if (kind === 'deleted') return 'An old notification of changed settings was removed';
  const path = jsonOf(after)?.['entity_path'];
  return typeof path === 'string' ? `All brokers are told to read the settings of ${cut(path)} again` : null;
}

function producerIds({ kind, after }: Explainable): string | null {
  const json = jsonOf(after);
  const [broker, from, to] = [json?.['broker'], json?.['block_start'], json?.['block_end']];
  if (kind === 'deleted' || typeof broker !== 'number') return null;
  return `Broker ${broker} got the producer ids ${cut(String(from))} to ${cut(String(to))}`;
}

function errand(kind: Explainable['kind'], what: string): string {
  if (kind === 'deleted') return `${what} is done`;
  return kind === 'created' ? `${what} is asked for` : `${what} was asked for anew`;
}

function gregorSession({ kind }: Explainable, [id]: string[]): string | null {
  if (kind === 'created') return `Broker ${id} tells its session, so that others may close it when it is dead`;
  return kind === 'deleted'
    ? `Broker ${id} no longer tells its session: it is stopping, or its session has ended`
    : null;
}

function suspicion({ kind }: Explainable, [id, voter]: string[]): string | null {
  if (kind === 'created') {
    return voter === undefined
      ? `Somebody asks whether broker ${id} is dead`
      : `Broker ${voter} agrees: broker ${id} refuses all connections`;
  }
  if (kind !== 'deleted') return null;
  return voter === undefined
    ? `The question whether broker ${id} is dead is over`
    : `The vote of broker ${voter} on broker ${id} is over`;
}

function brokers(ids: number[]): string {
  return ids.length === 1 ? `broker ${ids[0]}` : `brokers ${ids.join(', ')}`;
}

function list(names: string[]): string {
  const shown = names.slice(0, 5).map(cut).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((item): item is number => typeof item === 'number') : [];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function cut<T extends string | undefined>(name: T): T {
  return (name !== undefined && name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name) as T;
}
