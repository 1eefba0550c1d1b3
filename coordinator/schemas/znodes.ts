/** Znodes as they stand, and every change of them as the flight recorder keeps it. */
import { Type, type Static } from '@sinclair/typebox';
import { Freshness, Nullable, OneOf, Payload, SessionId, TimeMs, Zxid } from './common';

export const ZnodeStat = Type.Object(
  {
    czxid: Zxid,
    mzxid: Zxid,
    pzxid: Zxid,
    ctimeMs: TimeMs,
    mtimeMs: TimeMs,
    version: Type.Integer(),
    cversion: Type.Integer(),
    aversion: Type.Integer(),
    ephemeralOwner: Nullable(SessionId),
    dataLength: Type.Integer(),
    numChildren: Type.Integer(),
  },
  { $id: 'ZnodeStat' },
);
export type ZnodeStat = Static<typeof ZnodeStat>;

/** What a znode is for, as docs/znodes.md has it. */
export const ZnodeMeaning = Type.Object(
  {
    pattern: Type.String({ description: 'e.g. /brokers/ids/<id>' }),
    writtenBy: Type.String(),
    why: Type.String(),
    document: Nullable(Type.String({ description: 'File and anchor, relative to docs/' })),
  },
  { $id: 'ZnodeMeaning' },
);
export type ZnodeMeaning = Static<typeof ZnodeMeaning>;

/** Who a session belongs to, as far as the ephemeral nodes that it owns tell. */
export const SessionOwner = Type.Object(
  { kind: OneOf('broker', 'coordinator', 'unknown'), brokerId: Nullable(Type.Integer()) },
  { $id: 'SessionOwner' },
);
export type SessionOwner = Static<typeof SessionOwner>;

export const ZnodeChild = Type.Object(
  { name: Type.String(), path: Type.String(), numChildren: Type.Integer(), ephemeral: Type.Boolean() },
  { $id: 'ZnodeChild' },
);
export type ZnodeChild = Static<typeof ZnodeChild>;

export const ZnodeView = Type.Object(
  {
    freshness: Freshness,
    path: Type.String(),
    data: Nullable(Payload),
    /** Null where the past does not tell: a node that was only seen in a transaction log has no whole stat. */
    stat: Nullable(ZnodeStat),
    meaning: Nullable(ZnodeMeaning),
    owner: Nullable(SessionOwner),
    children: Type.Array(ZnodeChild),
    /** The position in the flight recorder that this shows; null for the present. */
    atZxid: Nullable(Zxid),
  },
  { $id: 'ZnodeView' },
);
export type ZnodeView = Static<typeof ZnodeView>;

/** One difference between the JSON before and after, e.g. path `isr`, or the whole payload where it is no JSON (path ''). */
export const PayloadDifference = Type.Object(
  { path: Type.String(), before: Nullable(Type.String()), after: Nullable(Type.String()) },
  { $id: 'PayloadDifference' },
);
export type PayloadDifference = Static<typeof PayloadDifference>;

export const ZnodeChange = Type.Object(
  {
    /** Position in the flight recorder; grows by one. */
    sequence: Type.Integer(),
    kind: OneOf('created', 'changed', 'deleted', 'session-opened', 'session-closed'),
    /** Empty for the two kinds of sessions. */
    path: Type.String(),
    /** From watches the zxid of a deletion is unknown unless the parent's pzxid tells it. */
    zxid: Nullable(Zxid),
    timeMs: TimeMs,
    /** ZooKeeper's own time of the transaction, or when the coordinator learned of it. */
    timeFrom: OneOf('zookeeper', 'observed'),
    session: Nullable(SessionId),
    owner: Nullable(SessionOwner),
    source: OneOf('transaction-log', 'watch'),
    version: Nullable(Type.Integer({ description: 'Version of the data after the change' })),
    ephemeral: Type.Boolean(),
    before: Nullable(Payload),
    after: Nullable(Payload),
    differences: Type.Array(PayloadDifference),
    /** Versions between the former and this one that nobody saw; 0 when the history is whole. */
    missedVersions: Type.Integer(),
    /** Operations of one multi carry the same zxid; this tells their place. */
    multiIndex: Nullable(Type.Integer()),
    text: Type.String({ description: 'What happened, in a sentence for people' }),
  },
  { $id: 'ZnodeChange' },
);
export type ZnodeChange = Static<typeof ZnodeChange>;

/** A place in the history where the recorder knows that it missed something. */
export const HistoryGap = Type.Object(
  { afterSequence: Type.Integer(), atMs: TimeMs, why: Type.String() },
  { $id: 'HistoryGap' },
);
export type HistoryGap = Static<typeof HistoryGap>;

export const ZnodeHistory = Type.Object(
  {
    source: OneOf('transaction-log', 'watch'),
    changes: Type.Array(ZnodeChange),
    gaps: Type.Array(HistoryGap),
    /** Bounds of what is kept; null when nothing is. */
    firstSequence: Nullable(Type.Integer()),
    lastSequence: Nullable(Type.Integer()),
  },
  { $id: 'ZnodeHistory' },
);
export type ZnodeHistory = Static<typeof ZnodeHistory>;
