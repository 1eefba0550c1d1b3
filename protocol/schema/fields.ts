/**
 * The definition language: a message is an object of fields in wire order, and TypeScript infers the message's type
 * from it. Each field says in which versions it exists; the compiler turns a definition into a codec per version.
 */
import { versionRange, type VersionRange } from './version-range';

export type PrimitiveKind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'bigint64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records';

/** `T` is the TypeScript type of the field's value; it exists in the type system only. */
export interface Field<T = unknown> {
  readonly kind: PrimitiveKind | 'array' | 'struct';
  readonly versions: VersionRange;
  readonly nullable: VersionRange;
  /** Versions in which the field is a tagged one (KIP-482), and its tag. */
  readonly tagged: VersionRange;
  readonly tag: number | null;
  /** Versions in which the compact form is used; null means the message's own. */
  readonly flexible: VersionRange | null;
  /** What a reader sees when the version does not carry the field; undefined means the type's zero value. */
  readonly default: unknown;
  /** Whether a writer may silently drop a value that the version cannot carry. */
  readonly ignorable: boolean;
  /** Element of an array. */
  readonly element: Field | null;
  /** Fields of a struct. */
  readonly fields: Fields | null;
  readonly valueType?: T;
}

export type Fields = Readonly<Record<string, Field>>;

export interface FieldOptions {
  nullable?: string;
  tag?: number;
  tagged?: string;
  flexible?: string;
  default?: unknown;
  ignorable?: boolean;
}

/** Type of a message as a reader returns it: every field is there. */
export type MessageOf<F extends Fields> = { -readonly [K in keyof F]: ValueOf<F[K]> };
type ValueOf<X> = X extends Field<infer T> ? T : never;

declare const recordsBrand: unique symbol;

/** Record batches as a reader gives them: one buffer, a view of what was received. Writers take several pieces too. */
export type Records = Buffer & { readonly [recordsBrand]: true };

/** Type of a message as a writer takes it: a field left out gets its default. */
export type InputOf<T> = T extends Records
  ? Buffer | readonly Buffer[]
  : T extends Buffer | string | number | bigint | boolean | null
    ? T
    : T extends (infer E)[]
      ? readonly InputOf<E>[]
      : { readonly [K in keyof T]?: InputOf<T[K]> | undefined };

type Nullable<T, O> = O extends { nullable: string } ? T | null : T;

function field<T>(
  kind: Field['kind'],
  versions: string,
  options: FieldOptions = {},
  inner: { element?: Field; fields?: Fields } = {},
): Field<T> {
  return {
    kind,
    versions: versionRange(versions),
    nullable: versionRange(options.nullable ?? 'none'),
    tagged: versionRange(options.tagged ?? 'none'),
    tag: options.tag ?? null,
    flexible: options.flexible === undefined ? null : versionRange(options.flexible),
    default: options.default,
    ignorable: options.ignorable ?? false,
    element: inner.element ?? null,
    fields: inner.fields ?? null,
  };
}

export const bool = (versions: string, options?: FieldOptions): Field<boolean> => field('bool', versions, options);
export const int8 = (versions: string, options?: FieldOptions): Field<number> => field('int8', versions, options);
export const int16 = (versions: string, options?: FieldOptions): Field<number> => field('int16', versions, options);
export const uint16 = (versions: string, options?: FieldOptions): Field<number> => field('uint16', versions, options);
export const int32 = (versions: string, options?: FieldOptions): Field<number> => field('int32', versions, options);
export const uint32 = (versions: string, options?: FieldOptions): Field<number> => field('uint32', versions, options);
/** An int64 that is a number in TypeScript: offsets, sizes, epochs, ids. Outside ±2^53 it is refused. */
export const int64 = (versions: string, options?: FieldOptions): Field<number> => field('int64', versions, options);
/** An int64 whose whole range occurs, such as a timestamp given by a client. */
export const bigint64 = (versions: string, options?: FieldOptions): Field<bigint> =>
  field('bigint64', versions, options);
export const float64 = (versions: string, options?: FieldOptions): Field<number> => field('float64', versions, options);
/** A UUID in Kafka's text form, 22 characters of base64url. */
export const uuid = (versions: string, options?: FieldOptions): Field<string> => field('uuid', versions, options);

export function string<const O extends FieldOptions>(versions: string, options?: O): Field<Nullable<string, O>> {
  return field('string', versions, options);
}

export function bytes<const O extends FieldOptions>(versions: string, options?: O): Field<Nullable<Buffer, O>> {
  return field('bytes', versions, options);
}

/** Record batches; null stands for none. */
export function records<const O extends FieldOptions>(versions: string, options?: O): Field<Records | null> {
  return field('records', versions, options);
}

/** An array of structs. */
export function array<F extends Fields, const O extends FieldOptions>(
  versions: string,
  fields: F,
  options?: O,
): Field<Nullable<MessageOf<F>[], O>> {
  return field('array', versions, options, { element: field('struct', '0+', {}, { fields }) });
}

/** An array of primitives: `arrayOf('0+', int32('0+'))`. */
export function arrayOf<T, const O extends FieldOptions>(
  versions: string,
  element: Field<T>,
  options?: O,
): Field<Nullable<T[], O>> {
  return field('array', versions, options, { element });
}

/** A struct within a message. */
export function struct<F extends Fields, const O extends FieldOptions>(
  versions: string,
  fields: F,
  options?: O,
): Field<Nullable<MessageOf<F>, O>> {
  return field('struct', versions, options, { fields });
}

/** A message: a request, a response, a header, or a record of an internal topic. */
export interface Message<F extends Fields = Fields> {
  readonly name: string;
  readonly versions: VersionRange;
  readonly flexible: VersionRange;
  readonly fields: F;
}

/** Declares a message. `versions` are those that exist, `flexible` those with compact types and tagged fields. */
export function message<F extends Fields>(
  name: string,
  ranges: { versions: string; flexible: string },
  fields: F,
): Message<F> {
  return { name, versions: versionRange(ranges.versions), flexible: versionRange(ranges.flexible), fields };
}

/** The type of a declared message, as a reader returns it. */
export type TypeOf<M> = M extends Message<infer F> ? MessageOf<F> : never;
