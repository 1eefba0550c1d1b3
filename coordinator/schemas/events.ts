/** What happens: live events, the startup timeline, faults on purpose, and where sampled records are. */
import { Type, type Static } from '@sinclair/typebox';
import { BrokerId, Nullable, OneOf, TimeMs } from './common';
import { ZnodeChange } from './znodes';

export const LiveEvent = Type.Object(
  {
    /** Grows by one; the SSE id, for Last-Event-ID. */
    id: Type.Integer(),
    atMs: TimeMs,
    /**
     * `znode` carries a ZnodeChange; `health` the new verdict; `view` tells that the cluster's picture changed and a page
     * should ask again for what it shows; `lost` that events between the id asked for and this one are no longer kept.
     */
    type: OneOf(
      'znode',
      'health',
      'view',
      'broker',
      'controller',
      'partition',
      'topic',
      'group',
      'zookeeper',
      'startup',
      'fault',
      'lesson',
      'lost',
    ),
    subject: Nullable(
      Type.String({ description: 'Broker id, topic, topic-partition, group or fault that it is about' }),
    ),
    text: Type.String(),
    data: Type.Unknown(),
  },
  { $id: 'LiveEvent' },
);
export type LiveEvent = Static<typeof LiveEvent>;

export const EventList = Type.Object(
  { events: Type.Array(LiveEvent), firstId: Nullable(Type.Integer()), lastId: Nullable(Type.Integer()) },
  { $id: 'EventList' },
);
export type EventList = Static<typeof EventList>;

export const TimelineStep = Type.Object(
  {
    atMs: TimeMs,
    /** Until the next step of the same lane that it led to; null for a moment. */
    tookMs: Nullable(Type.Number()),
    name: Type.String({ description: 'Name of the startup event or kind of change' }),
    title: Type.String(),
    explanation: Type.String(),
    document: Nullable(Type.String({ description: 'File and anchor, relative to docs/' })),
    details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    from: OneOf('startup-event', 'znode', 'fault', 'observation'),
  },
  { $id: 'TimelineStep' },
);
export type TimelineStep = Static<typeof TimelineStep>;

export const TimelineLane = Type.Object(
  {
    id: Type.String(),
    kind: OneOf('zookeeper', 'broker', 'coordinator', 'faults'),
    title: Type.String(),
    steps: Type.Array(TimelineStep),
    /** Why a lane tells less than it could, e.g. a broker without the HTTP listener. */
    note: Nullable(Type.String()),
  },
  { $id: 'TimelineLane' },
);
export type TimelineLane = Static<typeof TimelineLane>;

export const Timeline = Type.Object(
  { fromMs: Nullable(TimeMs), toMs: Nullable(TimeMs), lanes: Type.Array(TimelineLane) },
  { $id: 'Timeline' },
);
export type Timeline = Static<typeof Timeline>;

export const FaultAction = OneOf('kill', 'stop', 'pause', 'resume', 'restart', 'start', 'cut', 'heal');
export type FaultAction = Static<typeof FaultAction>;

/** A process or link that faults can be made on: `broker-0`, `zookeeper`, `link:broker-0:zookeeper`, `link:broker-0:broker-1`. */
export const FaultTarget = Type.Object(
  {
    id: Type.String(),
    kind: OneOf('broker', 'zookeeper', 'link'),
    title: Type.String(),
    state: OneOf('running', 'stopped', 'paused', 'starting', 'cut', 'whole', 'unknown'),
    /** What may be done to it now. */
    actions: Type.Array(FaultAction),
  },
  { $id: 'FaultTarget' },
);
export type FaultTarget = Static<typeof FaultTarget>;

export const FaultConsequence = Type.Object(
  { atMs: TimeMs, afterMs: Type.Number(), kind: Type.String(), text: Type.String() },
  { $id: 'FaultConsequence' },
);
export type FaultConsequence = Static<typeof FaultConsequence>;

export const Fault = Type.Object(
  {
    id: Type.Integer(),
    action: FaultAction,
    target: Type.String(),
    title: Type.String(),
    startedAtMs: TimeMs,
    /** When what it broke was whole again; null while it is not. */
    endedAtMs: Nullable(TimeMs),
    error: Nullable(Type.String()),
    consequences: Type.Array(FaultConsequence),
  },
  { $id: 'Fault' },
);
export type Fault = Static<typeof Fault>;

export const FaultsView = Type.Object(
  {
    enabled: Type.Boolean(),
    control: OneOf('none', 'supervisor', 'docker'),
    /** Why no faults can be made, or what makes them possible. */
    note: Type.String(),
    targets: Type.Array(FaultTarget),
    faults: Type.Array(Fault),
  },
  { $id: 'FaultsView' },
);
export type FaultsView = Static<typeof FaultsView>;

export const FaultRequest = Type.Object(
  { target: Type.String({ maxLength: 100 }), action: FaultAction },
  { $id: 'FaultRequest', additionalProperties: false },
);
export type FaultRequest = Static<typeof FaultRequest>;

/** A record on its way: when each station was reached; from a broker's /trace. */
export const TracedRecord = Type.Object(
  {
    topic: Type.String(),
    partition: Type.Integer(),
    offset: Type.Number(),
    leader: BrokerId,
    appendedMs: TimeMs,
    replicatedMs: Type.Record(Type.String(), TimeMs, { description: 'By follower' }),
    committedMs: Nullable(TimeMs),
    fetchedMs: Nullable(TimeMs),
  },
  { $id: 'TracedRecord' },
);
export type TracedRecord = Static<typeof TracedRecord>;

export const PartitionRate = Type.Object(
  {
    topic: Type.String(),
    partition: Type.Integer(),
    leader: Nullable(BrokerId),
    recordsPerSecond: Type.Number(),
    /** Groups that read it, with the records per second that they committed. */
    readers: Type.Array(
      Type.Object({
        groupId: Type.String(),
        memberId: Nullable(Type.String()),
        recordsPerSecond: Type.Number(),
        lag: Nullable(Type.Number()),
      }),
    ),
  },
  { $id: 'PartitionRate' },
);
export type PartitionRate = Static<typeof PartitionRate>;

export const RecordFlow = Type.Object(
  {
    nowMs: TimeMs,
    /** `traces`: sampled by the brokers themselves; `offsets`: seen only as polled offsets (Apache Kafka). */
    source: OneOf('traces', 'offsets', 'none'),
    /** In a mixed cluster not all of them: of partitions that the others lead there are rates only. */
    tracedBrokers: Type.Array(BrokerId, { description: 'Brokers that report the records of the partitions they lead' }),
    /** Records younger than the given bound, the oldest first; empty where only offsets are known. */
    records: Type.Array(TracedRecord),
    rates: Type.Array(PartitionRate),
  },
  { $id: 'RecordFlow' },
);
export type RecordFlow = Static<typeof RecordFlow>;

export const LessonStep = Type.Object(
  {
    title: Type.String(),
    /** Plain language: what will be done and why. */
    text: Type.String(),
    /** The command that does the same by hand, where there is one. */
    command: Nullable(Type.String()),
    state: OneOf('waiting', 'running', 'passed', 'failed'),
    startedAtMs: Nullable(TimeMs),
    endedAtMs: Nullable(TimeMs),
    /** What was seen on the brokers, line by line. */
    observed: Type.Array(Type.String()),
    /** What the step checks of itself, and whether it held. */
    checks: Type.Array(Type.Object({ text: Type.String(), held: Type.Boolean(), saw: Type.String() })),
    /** What changed in ZooKeeper while it ran. */
    changes: Type.Array(ZnodeChange),
  },
  { $id: 'LessonStep' },
);
export type LessonStep = Static<typeof LessonStep>;

export const LessonSummary = Type.Object(
  {
    id: Type.String(),
    title: Type.String(),
    summary: Type.String(),
    steps: Type.Integer(),
    /** Why it cannot run here, e.g. it needs faults; null when it can. */
    unavailable: Nullable(Type.String()),
    document: Nullable(Type.String()),
  },
  { $id: 'LessonSummary' },
);
export type LessonSummary = Static<typeof LessonSummary>;

export const LessonList = Type.Object({ lessons: Type.Array(LessonSummary) }, { $id: 'LessonList' });
export type LessonList = Static<typeof LessonList>;

export const LessonRun = Type.Object(
  {
    id: Type.Integer(),
    lesson: LessonSummary,
    state: OneOf('ready', 'running', 'passed', 'failed', 'ended'),
    /** Index of the step to be done next. */
    nextStep: Type.Integer(),
    steps: Type.Array(LessonStep),
    /** Topics and groups that the run made and removes when it ends. */
    made: Type.Array(Type.String()),
  },
  { $id: 'LessonRun' },
);
export type LessonRun = Static<typeof LessonRun>;
