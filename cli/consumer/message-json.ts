/** Messages as JSON, field by field in the order of their declaration, as Kafka's generated converters write them. */
import { contains, type Field, type Message } from '../../protocol';

export type Json = { [key: string]: unknown };

/** Only fields that the version has; bytes in base64. */
export function messageToJson(message: Message, value: Json, version: number): Json {
  return fieldsToJson(message.fields, value, version);
}

function fieldsToJson(fields: Readonly<Record<string, Field>>, value: Json, version: number): Json {
  const present = Object.entries(fields).filter(([, field]) => contains(field.versions, version));
  return Object.fromEntries(present.map(([name, field]) => [name, valueToJson(field, value[name], version)]));
}

function valueToJson(field: Field, value: unknown, version: number): unknown {
  if (value === null) return null;
  if (typeof value === 'bigint') return Number(value);
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (field.kind === 'array') {
    return (value as unknown[]).map((each) => valueToJson(field.element as Field, each, version));
  }
  if (field.kind === 'struct' && field.fields) return fieldsToJson(field.fields, value as Json, version);
  return value;
}
