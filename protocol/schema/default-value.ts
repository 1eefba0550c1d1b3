/** What a field holds when a version does not carry it (org.apache.kafka.message.FieldSpec.fieldDefault). */
import type { Field } from './fields';

const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** JavaScript source of the field's default value. */
export function defaultSource(field: Field): string {
  if (field.default !== undefined) return literal(field.default);
  switch (field.kind) {
    case 'bool':
      return 'false';
    case 'bigint64':
      return '0n';
    case 'uuid':
      return `'${ZERO_UUID}'`;
    case 'string':
      return "''";
    case 'bytes':
      return 'EMPTY';
    case 'records':
      return 'null';
    case 'array':
      return '[]';
    case 'struct':
      return structDefault(field);
    default:
      return '0';
  }
}

function structDefault(field: Field): string {
  const members = Object.entries(field.fields ?? {}).map(([name, inner]) => `${name}: ${defaultSource(inner)}`);
  return `{ ${members.join(', ')} }`;
}

function literal(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}
