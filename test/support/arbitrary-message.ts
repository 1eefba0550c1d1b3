/** Random values of a message, as fast-check arbitraries made from its definition. */
import * as fc from 'fast-check';
import { contains, type Field, type Fields, type InputOf, type Message, type MessageOf } from '../../protocol';

const SMALL_ARRAY = 3;
const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** A message of whatever definition, as writers take it. */
export type AnyMessage = InputOf<MessageOf<Fields>>;

/** Values that `version` can carry: fields that it does not have hold their defaults. */
export function arbitraryMessage(message: Message, version: number): fc.Arbitrary<AnyMessage> {
  return struct(message.fields, version) as fc.Arbitrary<AnyMessage>;
}

function struct(fields: Fields, version: number): fc.Arbitrary<Record<string, unknown>> {
  const members = Object.entries(fields).map(([name, field]) => [name, member(field, version)] as const);
  return fc.record(Object.fromEntries(members));
}

function member(field: Field, version: number): fc.Arbitrary<unknown> {
  if (!contains(field.versions, version)) return fc.constant(defaultOf(field));
  const value = valueOf(field, version);
  const choices = [value];
  if (contains(field.nullable, version)) choices.push(fc.constant(null));
  if (contains(field.tagged, version)) choices.push(fc.constant(defaultOf(field)));
  return fc.oneof(...choices);
}

function valueOf(field: Field, version: number): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'array':
      return fc.array(valueOf(field.element as Field, version), { maxLength: SMALL_ARRAY });
    case 'struct':
      return struct(field.fields ?? {}, version);
    default:
      return primitives[field.kind];
  }
}

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const extreme = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, 0));

const primitives = {
  bool: fc.boolean(),
  int8: extreme(-128, 127),
  int16: extreme(-32_768, 32_767),
  uint16: extreme(0, 65_535),
  int32: extreme(-2_147_483_648, 2_147_483_647),
  uint32: extreme(0, 4_294_967_295),
  int64: fc.maxSafeInteger(),
  bigint64: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constant(2n ** 63n - 1n)),
  float64: fc.double({ noNaN: true }),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(uuidText),
  string: fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ minLength: 120, maxLength: 140 })),
  bytes: bytes(150),
  // Long enough that some are kept by reference instead of being copied.
  records: fc.oneof(bytes(40), bytes(2_000)),
} satisfies Record<Exclude<Field['kind'], 'array' | 'struct'>, fc.Arbitrary<unknown>>;

function uuidText(array: Uint8Array): string {
  return Buffer.from(array).toString('base64url');
}

/** What a reader gives for a field that a version does not carry. */
function defaultOf(field: Field): unknown {
  if (field.default !== undefined) return field.default;
  switch (field.kind) {
    case 'array':
      return [];
    case 'struct':
      return Object.fromEntries(Object.entries(field.fields ?? {}).map(([name, inner]) => [name, defaultOf(inner)]));
    case 'bool':
      return false;
    case 'string':
      return '';
    case 'uuid':
      return ZERO_UUID;
    case 'bytes':
      return Buffer.alloc(0);
    case 'records':
      return null;
    case 'bigint64':
      return 0n;
    default:
      return 0;
  }
}
