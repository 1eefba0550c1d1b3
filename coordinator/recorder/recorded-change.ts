/** A change as the recorder keeps it: what happened, what stood there before and after, and how that is known. */
import type { HistoryGap, PayloadDifference, ZnodeChange } from '../schemas';

/** Of a znode's stat what does not follow from its data and its children. */
export interface RecordedStat {
  czxid: bigint;
  mzxid: bigint;
  pzxid: bigint;
  ctimeMs: number;
  mtimeMs: number;
  /** Children ever created and deleted below it: cversion is the sum, numChildren the difference. */
  creations: number;
  deletions: number;
  aversion: number;
}

/** A znode as far as the record tells. Never changed in place. */
export interface RecordedNode {
  readonly path: string;
  readonly data: Buffer | null;
  readonly version: number;
  /** Session of an ephemeral node, 16 hexadecimal digits; null for a persistent one. */
  readonly owner: string | null;
  /** Null where the record begins in the middle of the node's life. */
  readonly stat: RecordedStat | null;
}

/** What a change of its children does to a node. */
export type ParentStat = Pick<RecordedStat, 'pzxid' | 'creations' | 'deletions'>;

/** What a source tells of one change. */
export interface ObservedChange {
  kind: ZnodeChange['kind'];
  /** Empty for the two kinds of sessions. */
  path: string;
  zxid: bigint | null;
  timeMs: number;
  source: ZnodeChange['source'];
  /** The session that did it, 16 hexadecimal digits. */
  session: string | null;
  multiIndex: number | null;
  missedVersions: number;
  /** False: the node was there before, but the record does not know with which data. */
  beforeKnown: boolean;
  before: RecordedNode | null;
  after: RecordedNode | null;
  /** What is known afterwards of the parent's stat. */
  parent: ParentStat | null;
  /** Only the access control list was changed. */
  aclOnly: boolean;
  /** Of a session that was opened. */
  timeoutMs: number | null;
}

export interface RecordedChange extends ObservedChange {
  sequence: number;
  text: string;
  differences: PayloadDifference[];
  /** Others of the same transaction follow: a record that ends here is torn. */
  more: boolean;
}

export type RecordedGap = HistoryGap;

export const sessionText = (session: Buffer): string => session.toString('hex');

/** With all of its digits, as brokers print it. */
export function sessionIdOf(session: string): string {
  return `0x${session}`;
}

export function zxidText(zxid: bigint): string {
  return `0x${zxid.toString(16)}`;
}
