/** Topics, partitions and the records in them. */
import { Type, type Static } from '@sinclair/typebox';
import { BrokerId, Freshness, Nullable, OneOf, PartitionIndex, Payload, TimeMs, Verdict } from './common';

export const PartitionView = Type.Object(
  {
    topic: Type.String(),
    partition: Type.Integer(),
    leader: Nullable(BrokerId),
    preferredLeader: Nullable(BrokerId),
    replicas: Type.Array(BrokerId),
    isr: Type.Array(BrokerId),
    /** Replicas on brokers that are not registered. */
    offlineReplicas: Type.Array(BrokerId),
    addingReplicas: Type.Array(BrokerId),
    removingReplicas: Type.Array(BrokerId),
    leaderEpoch: Nullable(Type.Integer()),
    controllerEpoch: Nullable(Type.Integer()),
    partitionEpoch: Nullable(Type.Integer({ description: 'Version of the state znode' })),
    minInsyncReplicas: Type.Integer(),
    logStartOffset: Nullable(Type.Number()),
    /** Where consumers read to: the high watermark. */
    highWatermark: Nullable(Type.Number()),
    /** Bytes of each replica, by broker id. */
    sizeBytes: Type.Record(Type.String(), Type.Number()),
    /** Log end offset of each replica, as far as DescribeLogDirs tells the lag: broker id → records behind. */
    offsetLag: Type.Record(Type.String(), Type.Number()),
    verdict: Verdict,
  },
  { $id: 'PartitionView' },
);
export type PartitionView = Static<typeof PartitionView>;

export const TopicSummary = Type.Object(
  {
    name: Type.String(),
    topicId: Nullable(Type.String({ description: 'Base64 as Kafka prints it' })),
    internal: Type.Boolean(),
    deleting: Type.Boolean(),
    partitions: Type.Integer(),
    replicationFactor: Type.Integer(),
    offline: Type.Integer(),
    underReplicated: Type.Integer(),
    underMinIsr: Type.Integer(),
    atMinIsr: Type.Integer(),
    leaderNotPreferred: Type.Integer(),
    /** Share of the busiest leader over an even share, minus one; 0 when even. */
    leaderSkew: Type.Number(),
    /** Records between log start offset and high watermark; null while offsets are unknown. */
    records: Nullable(Type.Number()),
    sizeBytes: Nullable(Type.Number()),
    verdict: Verdict,
  },
  { $id: 'TopicSummary' },
);
export type TopicSummary = Static<typeof TopicSummary>;

export const TopicList = Type.Object({ freshness: Freshness, topics: Type.Array(TopicSummary) }, { $id: 'TopicList' });
export type TopicList = Static<typeof TopicList>;

/** What `GET /api/topics` gives: all that was asked for, and how many there are in all. */
export const TopicPage = Type.Object(
  {
    ...TopicList.properties,
    total: Type.Integer({ description: 'Topics that match, on this and other pages' }),
  },
  { $id: 'TopicPage' },
);
export type TopicPage = Static<typeof TopicPage>;

export const TopicDetail = Type.Object(
  {
    freshness: Freshness,
    topic: TopicSummary,
    partitions: Type.Array(PartitionView),
    /** What was set on the topic itself, from /config/topics/<name>. */
    overrides: Type.Record(Type.String(), Type.String()),
    /** Groups that have committed offsets in it. */
    groups: Type.Array(Type.String()),
  },
  { $id: 'TopicDetail' },
);
export type TopicDetail = Static<typeof TopicDetail>;

export const ConfigEntry = Type.Object(
  {
    name: Type.String(),
    value: Nullable(Type.String()),
    /** Where it comes from, in Kafka's words. */
    source: Type.String(),
    readOnly: Type.Boolean(),
    sensitive: Type.Boolean(),
    type: Nullable(Type.String()),
    documentation: Nullable(Type.String()),
    /** Values that would hold if this one were not set, the nearest first. */
    synonyms: Type.Array(Type.Object({ name: Type.String(), value: Nullable(Type.String()), source: Type.String() })),
  },
  { $id: 'ConfigEntry' },
);
export type ConfigEntry = Static<typeof ConfigEntry>;

export const ConfigList = Type.Object(
  { resourceType: OneOf('broker', 'topic'), resource: Type.String(), entries: Type.Array(ConfigEntry) },
  { $id: 'ConfigList' },
);
export type ConfigList = Static<typeof ConfigList>;

export const RecordView = Type.Object(
  {
    topic: Type.String(),
    partition: Type.Integer(),
    offset: Type.Number(),
    timestampMs: TimeMs,
    timestampType: OneOf('CreateTime', 'LogAppendTime'),
    leaderEpoch: Nullable(Type.Integer()),
    /**
     * What became of the transaction that it was written in, null without one. Consumers with isolation.level=read_committed
     * never get what was `aborted`, and not yet what is `pending`: it, or something before it, is not decided.
     */
    transaction: Nullable(OneOf('committed', 'aborted', 'pending')),
    key: Nullable(Payload),
    value: Nullable(Payload),
    headers: Type.Array(Type.Object({ key: Type.String(), value: Nullable(Payload) })),
  },
  { $id: 'RecordView' },
);
export type RecordView = Static<typeof RecordView>;

/** A page of records; `next` is where to go on, by partition. */
export const RecordPage = Type.Object(
  {
    topic: Type.String(),
    records: Type.Array(RecordView),
    next: Type.Record(Type.String(), Type.Number()),
    /** Records that were read to find these: more than were returned where a filter was given. */
    examined: Type.Integer(),
    /** Partitions whose leader did not answer, where others did: their records are not on the page. */
    unavailable: Type.Array(Type.Object({ partition: Type.Integer(), error: Type.String(), message: Type.String() })),
    /** The filter's search stopped at its bound, not at the end of the log. */
    searchEnded: OneOf('end-of-log', 'page-full', 'examined-limit', 'time-limit'),
  },
  { $id: 'RecordPage' },
);
export type RecordPage = Static<typeof RecordPage>;

export const NewTopic = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 249 }),
    partitions: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    replicationFactor: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    configs: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  { $id: 'NewTopic', additionalProperties: false },
);
export type NewTopic = Static<typeof NewTopic>;

export const TopicAlteration = Type.Object(
  {
    /** New number of partitions; may only grow. */
    partitions: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** Null takes a key back to its default. */
    configs: Type.Optional(Type.Record(Type.String(), Nullable(Type.String()))),
  },
  { $id: 'TopicAlteration', additionalProperties: false },
);
export type TopicAlteration = Static<typeof TopicAlteration>;

/** Preferred leaders of one partition, of all of a topic, or (with neither) of all topics. */
export const ElectionRequest = Type.Object(
  {
    topic: Type.Optional(Type.String({ minLength: 1, maxLength: 249 })),
    partition: Type.Optional(PartitionIndex),
  },
  { $id: 'ElectionRequest', additionalProperties: false },
);
export type ElectionRequest = Static<typeof ElectionRequest>;

/** Partitions that got another leader, and those that could not; one whose leader is the preferred one is in neither. */
export const ElectionAnswer = Type.Object(
  {
    elected: Type.Array(Type.Object({ topic: Type.String(), partition: Type.Integer() })),
    failed: Type.Array(
      Type.Object({
        topic: Type.String(),
        partition: Type.Integer(),
        error: Type.String({ description: 'Kafka’s name of the error' }),
        message: Type.String(),
      }),
    ),
    unchanged: Type.Integer({ description: 'Partitions whose leader is the preferred one already' }),
  },
  { $id: 'ElectionAnswer' },
);
export type ElectionAnswer = Static<typeof ElectionAnswer>;

export const NewRecord = Type.Object(
  {
    key: Type.Optional(Nullable(Type.String())),
    value: Nullable(Type.String()),
    partition: Type.Optional(PartitionIndex),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  { $id: 'NewRecord', additionalProperties: false },
);
export type NewRecord = Static<typeof NewRecord>;

export const ProducedRecord = Type.Object(
  { topic: Type.String(), partition: Type.Integer(), offset: Type.Number() },
  { $id: 'ProducedRecord' },
);
export type ProducedRecord = Static<typeof ProducedRecord>;
