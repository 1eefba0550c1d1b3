/**
 * The flight recorder: takes what a source saw, gives it a number, a sentence and its differences, keeps it in the change
 * log, and tells those who listen. Owns nothing but the listeners; the log owns the history.
 */
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { EventHub, FlightRecorder, HistoryQuery, OwnerOf } from '../parts';
import type { SessionOwner, ZnodeChange, ZnodeHistory, ZnodeView } from '../schemas';
import type { ChangeLog } from './change-log';
import { derivedEvent } from './derived-events';
import { explainChange, explainSession } from './explain';
import { findHistory, findNode, type PastNode } from './history';
import { decodeLine, encodeChange } from './line-codec';
import { payloadOf } from './payload';
import { payloadDifferences } from './payload-difference';
import { sessionIdOf, zxidText, type ObservedChange, type RecordedChange, type RecordedNode } from './recorded-change';
import { meaningOf } from './znode-meaning';

export interface RecorderOptions {
  clock: Clock;
  logger: Logger;
  events: EventHub;
  ownerOf: OwnerOf;
}

/** Of a node that is looked at alone: all that a znode may hold by default. */
const MOST_VIEW_BYTES = 1_048_576;
/** More changes than this within the time are not each told live; the history has them all. */
const MOST_LIVE = 200;
const LIVE_WINDOW_MS = 250;
const NO_OWNER: SessionOwner = { kind: 'unknown', brokerId: null };

export class Recorder implements FlightRecorder {
  private readonly listeners = new Set<(change: ZnodeChange) => void>();
  private log: ChangeLog | null = null;
  private source: ZnodeHistory['source'] = 'watch';
  private failed = false;
  /** How many changes have been told since when, and how many were not. */
  private live = { sinceMs: -Infinity, told: 0, untold: 0 };

  constructor(private readonly options: RecorderOptions) {}

  /** From here on history comes from, and goes to, this log. */
  use(log: ChangeLog, source: ZnodeHistory['source']): void {
    this.log = log;
    this.source = source;
    this.failed = false;
  }

  get lastSequence(): number {
    return this.log?.lastSequence ?? 0;
  }

  get bytes(): number {
    return this.log?.bytes ?? 0;
  }

  async history(query: HistoryQuery): Promise<ZnodeHistory> {
    const { log, source } = this;
    if (!log) return { source, changes: [], gaps: [], firstSequence: null, lastSequence: null };
    const { changes, gaps } = await findHistory(log, query);
    const firstSequence = log.firstSequence;
    return {
      source,
      changes: changes.map((change) => this.withOwner(change)),
      gaps,
      firstSequence,
      lastSequence: firstSequence === null ? null : log.lastSequence,
    };
  }

  async nodeAt(path: string, sequence: number): Promise<ZnodeView | null> {
    const found = this.log && (await findNode(this.log, path, sequence));
    return found && this.viewOf(found);
  }

  onChange(listener: (change: ZnodeChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * Keeps transactions, each the changes that happened together.
   * @param live whether they are news, as opposed to what happened before the recorder came
   */
  record(transactions: readonly (readonly ObservedChange[])[], live: boolean): void {
    const { log } = this;
    if (!log || this.failed) return;
    let sequence = log.lastSequence;
    const changes = transactions.flatMap((transaction) =>
      transaction.map((change, index) =>
        recorded(change, { sequence: ++sequence, more: index < transaction.length - 1 }),
      ),
    );
    if (changes.length === 0) return;
    for (const { path, kind, session } of changes) log.sessions.learn(path, kind, session);
    const lines = changes.map(encodeChange);
    try {
      log.append(changes, lines);
    } catch (error) {
      this.failed = true;
      this.options.logger.error('The flight recorder cannot write; it tries again, and then begins anew', error);
    }
    if (live) this.tell(lines);
  }

  /** Something was missed just now. */
  gap(why: string): void {
    const { log } = this;
    if (!log || this.failed) return;
    this.options.logger.warn(`Gap in the flight recorder: ${why}`);
    try {
      log.appendGap({ afterSequence: log.lastSequence, atMs: this.options.clock.nowMs(), why });
    } catch (error) {
      this.failed = true;
      this.options.logger.error('The flight recorder cannot write; it tries again, and then begins anew', error);
    }
  }

  /** Notes the cluster's id once it is known. */
  learnClusterId(clusterId: string): void {
    const identity = this.log?.identity;
    if (identity && identity.clusterId !== clusterId) this.log?.setIdentity({ ...identity, clusterId });
  }

  /** After the disk refused something: begins a new history with the tree of the present, once the disk takes it. */
  async repair(): Promise<void> {
    if (!this.failed || !this.log?.identity) return;
    try {
      await this.log.begin(this.log.identity, this.log.tree.snapshot(), this.log.end);
      this.failed = false;
      this.gap('The disk of the flight recorder took no writes; what came before is lost.');
    } catch {
      // Said once, when it began.
    }
  }

  /** The very same that the history will give: from what is written. */
  private tell(lines: readonly string[]): void {
    const { events } = this.options;
    this.beginWindow();
    for (const line of lines) {
      const stored = decodeLine(line);
      if (stored.kind !== 'change') continue;
      const seen = this.withOwner(stored.change);
      const few = this.live.told < MOST_LIVE;
      if (few) this.live.told++;
      else this.live.untold++;
      if (few) events.publish('znode', seen.path === '' ? seen.session : seen.path, seen.text, seen);
      const derived = derivedEvent(seen);
      if (derived && (few || derived.type === 'broker' || derived.type === 'controller')) {
        events.publish(derived.type, derived.subject, seen.text, { sequence: seen.sequence });
      }
      for (const listener of this.listeners) this.guarded(() => listener(seen));
    }
  }

  /** To be called now and then, also when nothing happens: says how much was not told one by one. */
  beginWindow(): void {
    const nowMs = this.options.clock.monotonicMs();
    if (nowMs - this.live.sinceMs < LIVE_WINDOW_MS) return;
    const { untold } = this.live;
    this.live = { sinceMs: nowMs, told: 0, untold: 0 };
    if (untold === 0) return;
    this.options.events.publish('view', null, `${untold} more changes at once; the znodes' history has them.`);
  }

  private guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.options.logger.error('A listener to recorded changes failed', error);
    }
  }

  private withOwner(change: ZnodeChange): ZnodeChange {
    return change.session === null ? change : { ...change, owner: this.ownerOf(change.session) };
  }

  private ownerOf(session: string): SessionOwner {
    const brokerId = this.log?.sessions.brokerOf(session) ?? null;
    if (brokerId !== null) return { kind: 'broker', brokerId };
    const bytes = Buffer.from(session.replace(/^0x/, '').padStart(16, '0'), 'hex');
    return bytes.length === 8 ? this.options.ownerOf(bytes) : NO_OWNER;
  }

  private viewOf({ node, children, zxid, timeMs }: PastNode): ZnodeView {
    const nowMs = this.options.clock.nowMs();
    return {
      freshness: {
        asOfMs: timeMs,
        ageMs: timeMs === null ? null : Math.max(0, nowMs - timeMs),
        stale: false,
        why: null,
      },
      path: node.path,
      data: node.data && payloadOf(node.data, MOST_VIEW_BYTES),
      stat: statOf(node, children.length),
      meaning: meaningOf(node.path),
      owner: node.owner === null ? null : this.ownerOf(node.owner),
      children: children.map((child) => ({
        name: child.name,
        path: child.path,
        numChildren: child.numChildren,
        ephemeral: (child.node?.owner ?? null) !== null,
      })),
      atZxid: zxid,
    };
  }
}

function recorded(change: ObservedChange, place: Pick<RecordedChange, 'sequence' | 'more'>): RecordedChange {
  const { kind, path, before, after, beforeKnown, aclOnly, missedVersions } = change;
  if (kind === 'session-opened' || kind === 'session-closed') {
    const text = explainSession(kind, change.session === null ? '' : sessionIdOf(change.session), change.timeoutMs);
    return { ...change, ...place, differences: [], text };
  }
  const [then, now] = [before?.data ?? null, after?.data ?? null];
  const text = explainChange({ kind, path, before: then, after: now, beforeKnown, aclOnly, missedVersions });
  const differences = beforeKnown ? payloadDifferences(then, now) : [];
  return { ...change, ...place, text, differences };
}

function statOf(node: RecordedNode, numChildren: number): ZnodeView['stat'] {
  const { stat } = node;
  if (!stat) return null;
  return {
    czxid: zxidText(stat.czxid),
    mzxid: zxidText(stat.mzxid),
    pzxid: zxidText(stat.pzxid),
    ctimeMs: stat.ctimeMs,
    mtimeMs: stat.mtimeMs,
    version: node.version,
    cversion: stat.creations + stat.deletions,
    aversion: stat.aversion,
    ephemeralOwner: node.owner === null ? null : sessionIdOf(node.owner),
    dataLength: node.data?.length ?? 0,
    numChildren,
  };
}
