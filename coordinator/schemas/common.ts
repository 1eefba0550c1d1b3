/**
 * Building blocks of the REST answers. A schema is declared once: TypeScript takes its type, the OpenAPI document its text,
 * the tests their check, and the dashboard (type imports only) its knowledge of what it gets.
 */
import { Type, type Static, type TSchema } from '@sinclair/typebox';

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** One of some words. */
export const OneOf = <const T extends string[]>(...words: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...words] });

export const BrokerId = Type.Integer({ description: 'Broker id' });
export const TimeMs = Type.Number({ description: 'Milliseconds since the Unix epoch' });
/** A time that somebody asks for; Dates end there. */
export const PointInTime = Type.Integer({
  minimum: 0,
  maximum: 8_640_000_000_000_000,
  description: 'Milliseconds since the Unix epoch',
});
export const PartitionIndex = Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'Partition' });
/** A 64-bit number as text, since JSON numbers end at 2^53. Decimal. */
export const Long = Type.String({ pattern: '^-?[0-9]+$', description: '64-bit number in decimal' });
export const Zxid = Type.String({ pattern: '^0x[0-9a-f]+$', description: 'ZooKeeper transaction id in hexadecimal' });
export const SessionId = Type.String({ pattern: '^0x[0-9a-f]+$', description: 'ZooKeeper session id in hexadecimal' });

/** Bytes as people can read them: text when they are UTF-8, else base64. */
export const Payload = Type.Object(
  {
    encoding: OneOf('utf8', 'base64'),
    text: Type.String(),
    bytes: Type.Integer({ description: 'Length of the whole payload' }),
    truncated: Type.Boolean({ description: 'Whether `text` holds only the beginning' }),
  },
  { $id: 'Payload' },
);
export type Payload = Static<typeof Payload>;

/** How old the knowledge is that an answer rests on. */
export const Freshness = Type.Object(
  {
    asOfMs: Nullable(TimeMs),
    ageMs: Nullable(Type.Number()),
    stale: Type.Boolean(),
    why: Nullable(Type.String({ description: 'Why it is stale or unknown' })),
  },
  { $id: 'Freshness' },
);
export type Freshness = Static<typeof Freshness>;

export const VerdictWord = OneOf('healthy', 'degraded', 'unhealthy', 'unknown');
export type VerdictWord = Static<typeof VerdictWord>;

export const Reason = Type.Object(
  {
    code: Type.String({ description: 'Stable name of the finding, e.g. PARTITION_OFFLINE' }),
    severity: OneOf('info', 'warning', 'critical', 'unknown'),
    subject: Type.Object({
      kind: OneOf('cluster', 'broker', 'controller', 'zookeeper', 'topic', 'partition', 'group'),
      id: Type.String(),
    }),
    text: Type.String({ description: 'One sentence for people' }),
    help: Nullable(Type.String({ description: 'Document that explains it, relative to docs/' })),
  },
  { $id: 'Reason' },
);
export type Reason = Static<typeof Reason>;

/** A judgement and all that led to it, the gravest first. */
export const Verdict = Type.Object({ verdict: VerdictWord, reasons: Type.Array(Reason) }, { $id: 'Verdict' });
export type Verdict = Static<typeof Verdict>;

export const ErrorAnswer = Type.Object(
  { error: Type.String({ description: 'Stable name, e.g. TOPIC_ALREADY_EXISTS' }), message: Type.String() },
  { $id: 'ErrorAnswer' },
);
export type ErrorAnswer = Static<typeof ErrorAnswer>;

export const Done = Type.Object({ done: Type.Boolean(), text: Type.String() }, { $id: 'Done' });
export type Done = Static<typeof Done>;
