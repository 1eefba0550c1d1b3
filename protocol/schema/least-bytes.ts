/** How few bytes a field can take on the wire, by which a reader judges an array's length before it believes it. */
import type { Field, PrimitiveKind } from './fields';
import { contains } from './version-range';

const fixed: Partial<Record<PrimitiveKind, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  bigint64: 8,
  float64: 8,
  uuid: 16,
};

/** Least number of bytes of a field in one version; at least one for whatever can be an element of an array. */
export function leastBytes(field: Field, version: number, messageFlexible: boolean): number {
  const flexible = field.flexible === null ? messageFlexible : contains(field.flexible, version);
  switch (field.kind) {
    case 'struct':
      return contains(field.nullable, version) ? 1 : leastOfStruct(field, version, flexible);
    case 'string':
      return flexible ? 1 : 2;
    case 'bytes':
    case 'records':
    case 'array':
      return flexible ? 1 : 4;
    default:
      return fixed[field.kind] ?? 1;
  }
}

function leastOfStruct(struct: Field, version: number, flexible: boolean): number {
  let bytes = flexible ? 1 : 0; // the number of tagged fields
  for (const field of Object.values(struct.fields ?? {})) {
    const inBody = contains(field.versions, version) && !contains(field.tagged, version);
    if (inBody) bytes += leastBytes(field, version, flexible);
  }
  return Math.max(bytes, 1);
}
