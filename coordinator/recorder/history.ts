/** Answers out of the change log: changes by path and place, and a node as it stood after a change. */
import type { HistoryQuery } from '../parts';
import type { HistoryGap, ZnodeChange } from '../schemas';
import type { ChangeLog, Segment } from './change-log';
import { decodeLine, pathMark, type StoredLine } from './line-codec';
import type { RecordedNode } from './recorded-change';
import { RecordedTree } from './recorded-tree';
import { childPath } from '../znode-path';

/** Whatever is asked for: bounds memory. */
const MOST_CHANGES = 10_000;
const MOST_GAPS = 1_000;

export interface FoundHistory {
  changes: ZnodeChange[];
  gaps: HistoryGap[];
}

/** A node of the past. */
export interface PastNode {
  node: RecordedNode;
  children: { node: RecordedNode | undefined; path: string; name: string; numChildren: number }[];
  /** Of the change that this shows the tree after; null where it has none. */
  zxid: string | null;
  timeMs: number | null;
}

/** Changes that fit the query, in the order that it asks for, and the gaps among them. */
export async function findHistory(log: ChangeLog, query: HistoryQuery): Promise<FoundHistory> {
  const limit = Math.min(Math.max(0, query.limit), MOST_CHANGES);
  const from = (query.after ?? 0) + 1;
  const to = Math.min(query.before === undefined ? Infinity : query.before - 1, log.lastSequence);
  const isWanted = lineFilter(query.path, query.below ?? false);
  const gaps: HistoryGap[] = [];
  let changes: ZnodeChange[] = [];
  const segments = segmentsBetween(log, from, to);
  for (const segment of query.newestFirst ? segments.toReversed() : segments) {
    if (changes.length >= limit) break;
    const found = await inSegment(log, segment, { from, to, limit: limit - changes.length, isWanted, query });
    gaps.push(...found.gaps);
    changes = changes.concat(query.newestFirst ? found.changes.toReversed() : found.changes);
  }
  return { changes, gaps: within(gaps, changes, query) };
}

/**
 * A node as it stood after a change.
 * @param sequence one beyond the last stands for the last
 * @returns null when it did not exist, or when that time is no longer kept
 */
export async function findNode(log: ChangeLog, path: string, sequence: number): Promise<PastNode | null> {
  const upTo = Math.min(sequence, log.lastSequence);
  const segments = [...log.segments];
  const base = segments.findLastIndex(
    ({ firstSequence, baseBytes }) => firstSequence <= upTo + 1 && baseBytes !== null,
  );
  if (base === -1) return null;
  const tree = new RecordedTree();
  const isWanted = lineFilter(path, true);
  await log.readBase(segments[base] as Segment, (node) => tree.put(node), isWanted);
  let shown: ZnodeChange | null = null;
  for (const segment of segments.slice(base)) {
    if (segment.firstSequence > upTo) break;
    await log.readChanges(segment, 0, (line) => {
      const sequenceHere = sequenceOf(line);
      if (sequenceHere === null) return undefined;
      if (sequenceHere > upTo) return false;
      if (!isWanted(line) && sequenceHere !== upTo) return undefined;
      const stored = decodeLine(line.toString());
      if (stored.kind !== 'change') return undefined;
      if (isWanted(line)) tree.apply(stored.step);
      if (sequenceHere === upTo) shown = stored.change;
      return undefined;
    });
  }
  return pastNode(tree, path, shown);
}

function pastNode(tree: RecordedTree, path: string, shown: ZnodeChange | null): PastNode | null {
  const node = tree.get(path);
  if (!node) return null;
  const children = [...tree.children(path)].sort().map((name) => {
    const below = childPath(path, name);
    return { name, path: below, node: tree.get(below), numChildren: tree.children(below).size };
  });
  return { node, children, zxid: shown?.zxid ?? null, timeMs: shown?.timeMs ?? null };
}

interface SegmentQuery {
  from: number;
  to: number;
  limit: number;
  isWanted: (line: Buffer) => boolean;
  query: HistoryQuery;
}

async function inSegment(
  log: ChangeLog,
  segment: Segment,
  { from, to, limit, isWanted, query }: SegmentQuery,
): Promise<FoundHistory> {
  // As text, and only as many as are wanted: read as JSON when all are found.
  let found: string[] = [];
  const gaps: HistoryGap[] = [];
  await log.readChanges(segment, from, (line) => {
    const sequence = sequenceOf(line);
    if (sequence === null) {
      const stored = decodeLine(line.toString()) as Extract<StoredLine, { kind: 'gap' }>;
      if (stored.gap.afterSequence >= from - 1 && gaps.length < MOST_GAPS) gaps.push(stored.gap);
      return undefined;
    }
    if (sequence > to) return false;
    if (sequence < from || !isWanted(line)) return undefined;
    found.push(line.toString());
    if (!query.newestFirst) return found.length < limit;
    if (found.length >= 2 * limit + 1_000) found = found.slice(-limit);
    return undefined;
  });
  const kept = query.newestFirst ? found.slice(-limit) : found;
  const changes =
    limit === 0 ? [] : kept.map((text) => (decodeLine(text) as Extract<StoredLine, { kind: 'change' }>).change);
  return { changes, gaps };
}

function segmentsBetween(log: ChangeLog, from: number, to: number): Segment[] {
  const { segments } = log;
  return segments.filter(({ firstSequence }, index) => {
    const next = segments[index + 1]?.firstSequence ?? Infinity;
    return firstSequence <= to + 1 && next > from;
  });
}

/** Gaps outside of what is shown would tell nothing; the one before the first change that is kept does. */
function within(gaps: HistoryGap[], changes: ZnodeChange[], { limit, newestFirst }: HistoryQuery): HistoryGap[] {
  const sorted = gaps.toSorted((one, other) => one.afterSequence - other.afterSequence).slice(-MOST_GAPS);
  if (changes.length < limit) return sorted;
  const edge = changes.at(-1)?.sequence;
  if (edge === undefined) return sorted;
  return sorted.filter(({ afterSequence }) => (newestFirst ? afterSequence >= edge - 1 : afterSequence <= edge));
}

/** Of a line of a change; null for a gap. Read without JSON, as most lines are only passed over. */
function sequenceOf(line: Buffer): number | null {
  if (line[2] !== 0x73) return null; // {"s":…
  let value = 0;
  for (let at = 5; at < line.length; at++) {
    const digit = (line[at] as number) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}

/** Whether a line, of a change or a base, is about a path. */
function lineFilter(path: string | undefined, below: boolean): (line: Buffer) => boolean {
  if (path === undefined) return () => true;
  const exactly = Buffer.from(pathMark(path));
  if (!below) return (line) => isAbout(line, exactly);
  // Without the closing quote, and for the root without a slash too much.
  const under = path === '/' ? Buffer.from('"p":"/') : Buffer.from(`${pathMark(path).slice(0, -1)}/`);
  return (line) => isAbout(line, exactly) || isAbout(line, under);
}

/** A payload may hold the same text: that of the path comes first in a line, before anything that is not ours. */
function isAbout(line: Buffer, mark: Buffer): boolean {
  const key = line.indexOf('"p":"');
  return key !== -1 && line.compare(mark, 0, mark.length, key, Math.min(key + mark.length, line.length)) === 0;
}
