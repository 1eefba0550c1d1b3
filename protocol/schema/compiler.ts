/**
 * Turns a message definition into an encoder and a decoder for one version. The code is generated as JavaScript source
 * and compiled by the engine, so a hot decoder is straight-line code with object literals instead of a walk over
 * the definition. Built on first use, kept for the life of the process.
 */
import { ProtocolError, Writer, type Reader } from '../primitives';
import { defaultSource } from './default-value';
import { leastBytes } from './least-bytes';
import type { Field, Fields, InputOf, Message, MessageOf } from './fields';
import { contains } from './version-range';

export interface Codec<T> {
  decode(reader: Reader): T;
  encode(writer: Writer, value: InputOf<T>): void;
}

/**
 * Arrays up to this length are made at their length: one that grows takes room for 17 elements with the first, which is
 * most of the memory of a partition's replicas, ISR and offline replicas.
 */
const EXACT_ELEMENTS = 64;

const compiled = new WeakMap<Message, Map<number, Codec<unknown>>>();

/** The codec of one version; ProtocolError when the definition has no such version. */
export function codecFor<F extends Fields>(message: Message<F>, version: number): Codec<MessageOf<F>> {
  let versions = compiled.get(message);
  if (!versions) {
    versions = new Map();
    compiled.set(message, versions);
  }
  let codec = versions.get(version);
  if (!codec) {
    if (!contains(message.versions, version)) throw new ProtocolError(`${message.name} has no version ${version}`);
    codec = new MessageCompiler(message, version).build();
    versions.set(version, codec);
  }
  return codec as Codec<MessageOf<F>>;
}

class MessageCompiler {
  private readonly functions: string[] = [];
  private counter = 0;

  constructor(
    private readonly message: Message,
    private readonly version: number,
  ) {}

  build(): Codec<unknown> {
    const flexible = contains(this.message.flexible, this.version);
    const decode = this.structDecoder(this.message.fields, flexible);
    const encode = this.structEncoder(this.message.fields, flexible, this.message.name);
    const source = `'use strict';\n${this.functions.join('\n')}\nreturn { decode: ${decode}, encode: ${encode} };`;
    // eslint-disable-next-line no-new-func -- the source comes from our own definitions only
    const make = new Function('EMPTY', 'Writer', 'unsupported', 'nullField', 'wrongSize', source) as MakeCodec;
    return make(Buffer.alloc(0), Writer, unsupported, nullField, wrongSize);
  }

  private structDecoder(fields: Fields, flexible: boolean): string {
    const name = `decode${this.counter++}`;
    const present = Object.entries(fields).map(([key, field]) =>
      this.inBody(field) ? `${key}: ${this.readSource(field, flexible)}` : `${key}: ${defaultSource(field)}`,
    );
    const lines = [`const value = { ${present.join(', ')} };`];
    if (flexible) lines.push(this.readTags(fields));
    this.functions.push(`function ${name}(r) { ${lines.join('\n')} return value; }`);
    return name;
  }

  private readTags(fields: Fields): string {
    const cases = this.taggedFields(fields).map(
      ([key, field]) => `case ${field.tag}: value.${key} = ${this.readSource(field, true)}; break;`,
    );
    if (cases.length === 0) return 'r.skipTags();';
    return `for (let n = r.uvarint(); n > 0; n--) {
      const tag = r.uvarint(); const size = r.uvarint(); const end = r.position + size;
      switch (tag) { ${cases.join(' ')} default: r.advance(size); }
      if (r.position !== end) wrongSize(tag, size);
    }`;
  }

  private readSource(field: Field, messageFlexible: boolean): string {
    const flexible = this.isCompact(field, messageFlexible);
    const nullable = contains(field.nullable, this.version);
    switch (field.kind) {
      case 'string':
        return `r.${methodName('String', flexible, nullable)}()`;
      case 'bytes':
        return `r.${methodName('Bytes', flexible, nullable)}()`;
      case 'records':
        return `r.${methodName('Bytes', flexible, true)}()`;
      case 'struct':
        return this.readStruct(field, flexible, nullable);
      case 'array':
        return `${this.arrayDecoder(field, flexible, nullable)}(r)`;
      default:
        return `r.${field.kind}()`;
    }
  }

  private readStruct(field: Field, flexible: boolean, nullable: boolean): string {
    const decode = this.structDecoder(field.fields ?? {}, flexible);
    return nullable ? `(r.int8() < 0 ? null : ${decode}(r))` : `${decode}(r)`;
  }

  private arrayDecoder(field: Field, flexible: boolean, nullable: boolean): string {
    const elementField = field.element as Field;
    const element = this.readSource(elementField, flexible);
    const limits = `${leastBytes(elementField, this.version, flexible)}, ${isPlain(elementField)}`;
    const name = `decode${this.counter++}`;
    const onNull = nullable ? 'return null' : "nullField('array')";
    this.functions.push(`function ${name}(r) {
      const count = r.${flexible ? 'compactArrayLength' : 'arrayLength'}(${limits});
      if (count === null) ${onNull};
      const list = count <= ${EXACT_ELEMENTS} ? new Array(count) : [];
      for (let i = 0; i < count; i++) list[i] = ${element};
      return list;
    }`);
    return name;
  }

  private structEncoder(fields: Fields, flexible: boolean, path: string): string {
    const name = `encode${this.counter++}`;
    const lines: string[] = [];
    for (const [key, field] of Object.entries(fields)) {
      const here = `${path}.${key}`;
      if (this.inBody(field)) {
        lines.push(`{ let x = value.${key}; if (x === undefined) x = ${defaultSource(field)};`);
        lines.push(`${this.writeSource(field, flexible, here)} }`);
      } else if (!field.ignorable && !this.isTagged(field)) {
        // Kafka refuses to lose a value that the version cannot carry, unless it is marked as ignorable.
        lines.push(`if (!(${this.isDefaultSource(field, `value.${key}`)})) unsupported('${here}', ${this.version});`);
      }
    }
    if (flexible) lines.push(this.writeTags(fields, path));
    this.functions.push(`function ${name}(w, value) { ${lines.join('\n')} }`);
    return name;
  }

  private writeTags(fields: Fields, path: string): string {
    const tagged = this.taggedFields(fields);
    if (tagged.length === 0) return 'w.uvarint(0);';
    const lines = ['let tags = 0;'];
    for (const [key, field] of tagged) {
      lines.push(`const has_${key} = !(${this.isDefaultSource(field, `value.${key}`)}); if (has_${key}) tags++;`);
    }
    lines.push('w.uvarint(tags);');
    for (const [key, field] of tagged) {
      const write = this.writeSource(field, true, `${path}.${key}`);
      lines.push(`if (has_${key}) { w.uvarint(${field.tag}); const x = value.${key}; const outer = w;
        { const w = new Writer(); ${write} outer.uvarint(w.length); for (const c of w.finish()) outer.raw(c); } }`);
    }
    return lines.join('\n');
  }

  private writeSource(field: Field, messageFlexible: boolean, path: string): string {
    const flexible = this.isCompact(field, messageFlexible);
    const nullable = contains(field.nullable, this.version);
    const guard = nullable || field.kind === 'records' ? '' : `if (x === null) nullField('${path}');`;
    switch (field.kind) {
      case 'string':
        return `${guard} w.${methodName('String', flexible, nullable)}(x);`;
      case 'bytes':
        return `${guard} w.${methodName('Bytes', flexible, nullable)}(x);`;
      case 'records':
        return `w.${flexible ? 'compactRecords' : 'records'}(x);`;
      case 'struct':
        return guard + this.writeStruct(field, flexible, nullable, path);
      case 'array':
        return guard + this.writeArray(field, flexible, path);
      default:
        return `${guard} w.${field.kind}(x);`;
    }
  }

  private writeStruct(field: Field, flexible: boolean, nullable: boolean, path: string): string {
    const encode = this.structEncoder(field.fields ?? {}, flexible, path);
    return nullable ? `if (x === null) w.int8(-1); else { w.int8(1); ${encode}(w, x); }` : `${encode}(w, x);`;
  }

  private writeArray(field: Field, flexible: boolean, path: string): string {
    const element = field.element as Field;
    const write = this.writeSource(element, flexible, `${path}[]`);
    const length = flexible ? 'w.uvarint(x.length + 1)' : 'w.int32(x.length)';
    const onNull = flexible ? 'w.uvarint(0)' : 'w.int32(-1)';
    return `if (x === null) ${onNull}; else { ${length}; const list = x;
      for (let i = 0; i < list.length; i++) { const x = list[i]; ${write} } }`;
  }

  /** Source of a test whether a value equals the field's default, which then needs not be written. */
  private isDefaultSource(field: Field, value: string): string {
    if (field.default === undefined) {
      if (field.kind === 'array' || field.kind === 'bytes') return orLeftOut(value, `${value}.length === 0`);
      if (field.kind === 'struct') {
        const members = Object.entries(field.fields ?? {}).map(
          ([key, inner]) => `(${this.isDefaultSource(inner, `${value}.${key}`)})`,
        );
        return orLeftOut(value, members.join(' && '));
      }
    }
    return `${value} === undefined || ${value} === ${defaultSource(field)}`;
  }

  private taggedFields(fields: Fields): [string, Field][] {
    return Object.entries(fields)
      .filter(([, field]) => this.isTagged(field))
      .toSorted(([, a], [, b]) => (a.tag as number) - (b.tag as number));
  }

  private isTagged(field: Field): boolean {
    return field.tag !== null && contains(field.versions, this.version) && contains(field.tagged, this.version);
  }

  private inBody(field: Field): boolean {
    return contains(field.versions, this.version) && !contains(field.tagged, this.version);
  }

  private isCompact(field: Field, messageFlexible: boolean): boolean {
    return field.flexible === null ? messageFlexible : contains(field.flexible, this.version);
  }
}

type MakeCodec = (
  empty: Buffer,
  writer: typeof Writer,
  unsupportedField: typeof unsupported,
  nullFound: typeof nullField,
  wrongTagSize: typeof wrongSize,
) => Codec<unknown>;

/** Left out, or `test` holds; null is a value of its own. */
function orLeftOut(value: string, test: string): string {
  return `${value} === undefined || (${value} !== null && ${test})`;
}

/** Whether an element is a mere number, whose memory the received bytes themselves bound. */
function isPlain(element: Field): boolean {
  return !['struct', 'array', 'string', 'bytes', 'records', 'uuid'].includes(element.kind);
}

function methodName(type: 'String' | 'Bytes', flexible: boolean, nullable: boolean): string {
  const name = `${flexible ? 'Compact' : ''}${nullable ? 'Nullable' : ''}${type}`;
  return name[0]?.toLowerCase() + name.slice(1);
}

function unsupported(path: string, version: number): never {
  throw new ProtocolError(`${path} has a value that version ${version} cannot carry`);
}

function nullField(what: string): never {
  throw new ProtocolError(`non-nullable field is null: ${what}`);
}

function wrongSize(tag: number, size: number): never {
  throw new ProtocolError(`tagged field ${tag} does not fill its ${size} bytes`);
}
