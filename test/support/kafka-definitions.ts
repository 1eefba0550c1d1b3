/**
 * Message definitions in one comparable shape, from two sides: those inside Apache Kafka's jars (JSON with comments) and
 * those of protocol/. Version ranges are cut to the versions a message has, so that unreachable parts do not count.
 */
import type { Message } from '../../protocol';
import type { Field, Fields } from '../../protocol/schema/fields';
import { versionRange, type VersionRange } from '../../protocol/schema/version-range';
import { readJarEntries } from './kafka-jars';

/** What a message looks like to the comparison. */
export interface ComparableMessage {
  versions: string;
  flexible: string;
  fields: ComparableField[];
}

/** One field; `fields` are those of a struct or of an array's struct. */
export interface ComparableField {
  name: string;
  type: string;
  versions: string;
  nullable: string;
  tagged: string;
  tag: number | null;
  flexible: string;
  default: string;
  ignorable: boolean;
  fields?: ComparableField[];
}

/** The members of Kafka's JSON that the comparison uses. */
export interface KafkaDefinition {
  name: string;
  type: 'request' | 'response' | 'data' | 'header';
  apiKey?: number;
  listeners?: string[];
  validVersions: string;
  flexibleVersions?: string;
  latestVersionUnstable?: boolean;
  fields: KafkaField[];
  commonStructs?: { name: string; fields: KafkaField[] }[];
}

interface KafkaField {
  name: string;
  type: string;
  versions: string;
  nullableVersions?: string;
  taggedVersions?: string;
  tag?: number;
  flexibleVersions?: string;
  default?: string | number | boolean;
  ignorable?: boolean;
  fields?: KafkaField[];
}

/** Every message definition in Kafka's jars, by name. */
export async function kafkaDefinitions(): Promise<Map<string, KafkaDefinition>> {
  const entries = await readJarEntries((path) => /^common\/message\/\w+\.json$/.test(path));
  const definitions = new Map<string, KafkaDefinition>();
  for (const text of entries.values()) {
    const definition = JSON.parse(withoutComments(text)) as KafkaDefinition;
    definitions.set(definition.name, definition);
  }
  return definitions;
}

/** The versions that a broker serves unless unstable ones are switched on. */
export function stableVersions(definition: KafkaDefinition): VersionRange {
  const range = versionRange(definition.validVersions);
  return definition.latestVersionUnstable ? { min: range.min, max: range.max - 1 } : range;
}

/** Kafka's definition as seen through `versions`. */
export function comparableOfKafka(definition: KafkaDefinition, versions: VersionRange): ComparableMessage {
  const structs = new Map((definition.commonStructs ?? []).map(({ name, fields }) => [name, fields]));
  const convert = (fields: readonly KafkaField[], outer: VersionRange): ComparableField[] =>
    fields.flatMap((field) => {
      const here = cut(versionRange(field.versions), outer);
      if (isEmpty(here)) return [];
      const element = field.type.replace(/^\[\]/, '');
      const inner = field.fields ?? structs.get(element);
      const type = inner ? field.type.replace(element, 'struct') : field.type;
      const nullable = cut(versionRange(field.nullableVersions ?? 'none'), here);
      return [
        {
          name: lowerFirst(field.name),
          type,
          versions: rangeText(here),
          nullable: rangeText(nullable),
          tagged: rangeText(cut(versionRange(field.taggedVersions ?? 'none'), here)),
          tag: field.tag ?? null,
          flexible:
            field.flexibleVersions === undefined ? 'inherited' : rangeText(versionRange(field.flexibleVersions)),
          default: kafkaDefault(field.default, type),
          ignorable: field.ignorable ?? false,
          ...(inner ? { fields: convert(inner, here) } : {}),
        },
      ];
    });
  return {
    versions: rangeText(versions),
    flexible: rangeText(cut(versionRange(definition.flexibleVersions ?? 'none'), versions)),
    fields: convert(definition.fields, versions),
  };
}

/** Our definition in the same shape. */
export function comparableOfOurs(message: Message): ComparableMessage {
  const convert = (fields: Fields, outer: VersionRange): ComparableField[] =>
    Object.entries(fields).flatMap(([name, field]) => {
      const here = cut(field.versions, outer);
      // A struct that several messages share has fields that some of them never reach.
      if (isEmpty(here)) return [];
      const inner = field.fields ?? field.element?.fields;
      const type = typeOf(field);
      return [
        {
          name,
          type,
          versions: rangeText(here),
          nullable: rangeText(cut(field.nullable, here)),
          tagged: rangeText(cut(field.tagged, here)),
          tag: field.tag,
          flexible: field.flexible === null ? 'inherited' : rangeText(field.flexible),
          default: field.default === undefined ? zeroOf(type) : String(field.default),
          ignorable: field.ignorable,
          ...(inner ? { fields: convert(inner, here) } : {}),
        },
      ];
    });
  return {
    versions: rangeText(message.versions),
    flexible: rangeText(cut(message.flexible, message.versions)),
    fields: convert(message.fields, message.versions),
  };
}

function typeOf(field: Field): string {
  if (field.kind === 'array') return `[]${typeOf(field.element as Field)}`;
  return field.kind === 'bigint64' ? 'int64' : field.kind;
}

function kafkaDefault(value: string | number | boolean | undefined, type: string): string {
  if (value === undefined || value === '') return zeroOf(type);
  return /^-?(0x)?[0-9a-f]+$/i.test(String(value)) && type !== 'string' ? parseInteger(String(value)) : String(value);
}

function parseInteger(value: string): string {
  return value.startsWith('-') ? String(-BigInt(value.slice(1))) : String(BigInt(value));
}

function zeroOf(type: string): string {
  if (type.startsWith('[]')) return '[]';
  if (type === 'records') return 'null';
  if (type === 'bool') return 'false';
  return ['string', 'bytes', 'struct', 'uuid'].includes(type) ? '' : '0';
}

function cut(range: VersionRange, outer: VersionRange): VersionRange {
  return { min: Math.max(range.min, outer.min), max: Math.min(range.max, outer.max) };
}

function isEmpty(range: VersionRange): boolean {
  return range.min > range.max;
}

function rangeText(range: VersionRange): string {
  return isEmpty(range) ? 'none' : `${range.min}-${range.max}`;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Removes `//` comments; quoted texts are kept whole, whatever they hold. */
function withoutComments(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\/\/.*$/gm, (_match, quoted: string | undefined) => quoted ?? '');
}
