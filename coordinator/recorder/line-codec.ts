/**
 * The lines of the recorder's files, each a JSON object with short keys. A change, a gap, or a node of a base snapshot:
 *
 *     {"s":7,"k":"u","p":"/controller_epoch","z":"1c","t":…,"e":"0100…","v":2,"b":"1","a":"2","st":[…],"x":"…","f":[…]}
 *     {"g":"why","t":…,"s":7}                     after change 7 something was missed
 *     {"p":"/controller","v":0,"a":"{…}","o":"0100…","st":[…]}
 *
 * k kind, z zxid, t time, w 1 from a watch, e session, b and a payload before and after (text, or {"h":base64}; absent:
 * none), bl length of a payload before that was cut, bu 1 payload before unknown, v version, o owner of an ephemeral node,
 * st the rest of the stat, ps stat of the parent, m missed versions, i place in a multi, x sentence, f differences,
 * n 1 more of the same transaction follows.
 */
import { isUtf8 } from 'node:buffer';
import type { PayloadDifference, ZnodeChange } from '../schemas';
import { payloadOf } from './payload';
import type { ParentStat, RecordedChange, RecordedGap, RecordedNode, RecordedStat } from './recorded-change';
import { sessionIdOf, zxidText } from './recorded-change';
import type { TreeStep } from './recorded-tree';

/** Of a payload before a change, and of both in an answer. */
export const MOST_PAYLOAD_BYTES = 16_384;

const kindLetters = {
  created: 'c',
  changed: 'u',
  deleted: 'd',
  'session-opened': 'o',
  'session-closed': 'x',
} as const;
const kinds = Object.fromEntries(Object.entries(kindLetters).map(([kind, letter]) => [letter, kind])) as Record<
  string,
  ZnodeChange['kind']
>;

type Data = string | { h: string };
type StatLine = [string, string, string, number, number, number, number, number];

interface NodeLine {
  p: string;
  v: number;
  a?: Data;
  o?: string;
  st?: StatLine;
}

interface ChangeLine extends Partial<NodeLine> {
  s: number;
  k: string;
  p: string;
  z?: string;
  t: number;
  w?: 1;
  e?: string;
  b?: Data;
  bl?: number;
  bu?: 1;
  ps?: [string, number, number];
  m?: number;
  i?: number;
  x: string;
  f?: PayloadDifference[];
  n?: 1;
}

interface GapLine {
  g: string;
  t: number;
  s: number;
}

export type StoredLine =
  | { kind: 'change'; sequence: number; more: boolean; step: TreeStep; change: ZnodeChange }
  | { kind: 'gap'; gap: RecordedGap };

export function encodeChange(change: RecordedChange): string {
  const { sequence, kind, path, zxid, timeMs, source, session, before, after, multiIndex } = change;
  const line: ChangeLine = {
    s: sequence,
    k: kindLetters[kind],
    p: path,
    ...(zxid === null ? {} : { z: unsignedHex(zxid) }),
    t: timeMs,
    ...(source === 'watch' ? { w: 1 as const } : {}),
    ...(session === null ? {} : { e: session }),
    ...beforeOf(before, change.beforeKnown),
    ...(after ? nodeFields(after) : before?.owner ? { o: before.owner } : {}),
    ...(change.parent ? { ps: parentLine(change.parent) } : {}),
    ...(change.missedVersions > 0 ? { m: change.missedVersions } : {}),
    ...(multiIndex === null ? {} : { i: multiIndex }),
    x: change.text,
    ...(change.differences.length > 0 ? { f: change.differences } : {}),
    ...(change.more ? { n: 1 as const } : {}),
  };
  return JSON.stringify(line);
}

export function encodeGap(gap: RecordedGap): string {
  return JSON.stringify({ g: gap.why, t: gap.atMs, s: gap.afterSequence } satisfies GapLine);
}

export function encodeNode(node: RecordedNode): string {
  return JSON.stringify({ p: node.path, ...nodeFields(node) } satisfies NodeLine);
}

/** @throws SyntaxError or TypeError for a line that is damaged */
export function decodeLine(text: string): StoredLine {
  const line = JSON.parse(text) as ChangeLine | GapLine;
  if ('g' in line) return { kind: 'gap', gap: { afterSequence: line.s, atMs: line.t, why: line.g } };
  const kind = kinds[line.k];
  if (!kind || typeof line.p !== 'string' || typeof line.s !== 'number') throw new TypeError('not a change');
  const present = kind === 'created' || kind === 'changed';
  const after = present && line.v !== undefined ? nodeOf(line as NodeLine) : null;
  const parent = line.ps && { pzxid: BigInt(`0x${line.ps[0]}`), creations: line.ps[1], deletions: line.ps[2] };
  return {
    kind: 'change',
    sequence: line.s,
    more: line.n === 1,
    step: { kind, path: line.p, after, parent: parent ?? null },
    change: changeOf(line, kind, after),
  };
}

/** @throws SyntaxError for a line that is damaged */
export function decodeNode(text: string): RecordedNode {
  return nodeOf(JSON.parse(text) as NodeLine);
}

/** How a line about exactly this path has it, to find it without reading the line as JSON. */
export function pathMark(path: string): string {
  return `"p":${JSON.stringify(path)}`;
}

function changeOf(line: ChangeLine, kind: ZnodeChange['kind'], after: RecordedNode | null): ZnodeChange {
  const before = dataOf(line.b);
  return {
    sequence: line.s,
    kind,
    path: line.p,
    zxid: line.z === undefined ? null : zxidText(BigInt(`0x${line.z}`)),
    timeMs: line.t,
    timeFrom: line.w ? 'observed' : 'zookeeper',
    session: line.e === undefined ? null : sessionIdOf(line.e),
    owner: null,
    source: line.w ? 'watch' : 'transaction-log',
    version: after?.version ?? null,
    ephemeral: line.o !== undefined,
    before: before && {
      ...payloadOf(before, MOST_PAYLOAD_BYTES),
      ...(line.bl === undefined ? {} : { bytes: line.bl, truncated: true }),
    },
    after: after?.data ? payloadOf(after.data, MOST_PAYLOAD_BYTES) : null,
    differences: line.f ?? [],
    missedVersions: line.m ?? 0,
    multiIndex: line.i ?? null,
    text: line.x,
  };
}

function beforeOf(before: RecordedNode | null, known: boolean): Pick<ChangeLine, 'b' | 'bl' | 'bu'> {
  if (!known) return { bu: 1 };
  if (!before?.data) return {};
  const { data } = before;
  if (data.length <= MOST_PAYLOAD_BYTES) return { b: textOf(data) };
  const shown = payloadOf(data, MOST_PAYLOAD_BYTES);
  return { b: shown.encoding === 'utf8' ? shown.text : { h: shown.text }, bl: data.length };
}

function nodeFields({ version, data, owner, stat }: RecordedNode): Omit<NodeLine, 'p'> {
  return {
    v: version,
    ...(data ? { a: textOf(data) } : {}),
    ...(owner ? { o: owner } : {}),
    ...(stat ? { st: statLine(stat) } : {}),
  };
}

function nodeOf({ p, v, a, o, st }: NodeLine): RecordedNode {
  return { path: p, version: v, data: dataOf(a), owner: o ?? null, stat: st ? statOf(st) : null };
}

function statLine(stat: RecordedStat): StatLine {
  const { czxid, mzxid, pzxid, ctimeMs, mtimeMs, creations, deletions, aversion } = stat;
  const zxids = [czxid, mzxid, pzxid].map(unsignedHex) as [string, string, string];
  return [...zxids, ctimeMs, mtimeMs, creations, deletions, aversion];
}

function statOf([czxid, mzxid, pzxid, ctimeMs, mtimeMs, creations, deletions, aversion]: StatLine): RecordedStat {
  const big = (text: string): bigint => BigInt(`0x${text}`);
  return { czxid: big(czxid), mzxid: big(mzxid), pzxid: big(pzxid), ctimeMs, mtimeMs, creations, deletions, aversion };
}

function parentLine({ pzxid, creations, deletions }: ParentStat): [string, number, number] {
  return [unsignedHex(pzxid), creations, deletions];
}

function unsignedHex(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16);
}

function textOf(data: Buffer): Data {
  return isUtf8(data) ? data.toString() : { h: data.toString('base64') };
}

function dataOf(data: Data | undefined): Buffer | null {
  if (data === undefined) return null;
  return typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.h, 'base64');
}
