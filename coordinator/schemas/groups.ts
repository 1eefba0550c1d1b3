/** Consumer groups: members, assignment, committed offsets and lag. */
import { Type, type Static } from '@sinclair/typebox';
import { BrokerId, Freshness, Nullable, OneOf, PartitionIndex, PointInTime, TimeMs, Verdict } from './common';

export const GroupState = OneOf('PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead', 'Empty', 'Unknown');
export type GroupState = Static<typeof GroupState>;

export const GroupSummary = Type.Object(
  {
    groupId: Type.String(),
    state: GroupState,
    protocolType: Type.String(),
    /** Assignment strategy that its members agreed on. */
    protocol: Type.String(),
    coordinatorId: Nullable(BrokerId),
    members: Type.Integer(),
    topics: Type.Array(Type.String()),
    totalLag: Nullable(Type.Number()),
    /** Rebalances that were seen within the last five minutes. */
    recentRebalances: Type.Integer(),
    verdict: Verdict,
  },
  { $id: 'GroupSummary' },
);
export type GroupSummary = Static<typeof GroupSummary>;

export const GroupList = Type.Object({ freshness: Freshness, groups: Type.Array(GroupSummary) }, { $id: 'GroupList' });
export type GroupList = Static<typeof GroupList>;

export const GroupMember = Type.Object(
  {
    memberId: Type.String(),
    clientId: Type.String(),
    clientHost: Type.String(),
    assignment: Type.Array(Type.Object({ topic: Type.String(), partitions: Type.Array(Type.Integer()) })),
  },
  { $id: 'GroupMember' },
);
export type GroupMember = Static<typeof GroupMember>;

export const GroupOffset = Type.Object(
  {
    topic: Type.String(),
    partition: Type.Integer(),
    committedOffset: Nullable(Type.Number()),
    highWatermark: Nullable(Type.Number()),
    lag: Nullable(Type.Number()),
    memberId: Nullable(Type.String()),
  },
  { $id: 'GroupOffset' },
);
export type GroupOffset = Static<typeof GroupOffset>;

export const GroupDetail = Type.Object(
  {
    freshness: Freshness,
    group: GroupSummary,
    members: Type.Array(GroupMember),
    offsets: Type.Array(GroupOffset),
    /** Total lag as it was polled, the oldest first; bounded. */
    lagHistory: Type.Array(Type.Object({ atMs: TimeMs, lag: Nullable(Type.Number()) })),
  },
  { $id: 'GroupDetail' },
);
export type GroupDetail = Static<typeof GroupDetail>;

/** Where a group is to read on; the group must have no members. */
export const OffsetReset = Type.Object(
  {
    topic: Type.String({ minLength: 1, maxLength: 249 }),
    /** All partitions of the topic when left out. */
    partitions: Type.Optional(Type.Array(PartitionIndex)),
    to: OneOf('earliest', 'latest', 'offset', 'time'),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    timeMs: Type.Optional(PointInTime),
  },
  { $id: 'OffsetReset', additionalProperties: false },
);
export type OffsetReset = Static<typeof OffsetReset>;

export const OffsetResetAnswer = Type.Object(
  {
    groupId: Type.String(),
    offsets: Type.Array(Type.Object({ topic: Type.String(), partition: Type.Integer(), offset: Type.Number() })),
  },
  { $id: 'OffsetResetAnswer' },
);
export type OffsetResetAnswer = Static<typeof OffsetResetAnswer>;
