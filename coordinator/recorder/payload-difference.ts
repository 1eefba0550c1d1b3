/**
 * What differs between two payloads of one znode, key by key where both are JSON. Pure. Arrays of plain values (an ISR, a
 * list of replicas) are compared as a whole, since their order has a meaning.
 */
import type { PayloadDifference } from '../schemas';

/** Bounds what one change can take; the rest is told as a number. */
const MOST_DIFFERENCES = 50;
const MOST_TEXT_CHARACTERS = 200;
const DEEPEST = 20;

/** Null data is a payload of its own: none. */
export function payloadDifferences(before: Buffer | null, after: Buffer | null): PayloadDifference[] {
  if (before === after || (before && after && before.equals(after))) return [];
  const [one, other] = [jsonOf(before), jsonOf(after)];
  if (!one || !other) return [{ path: '', before: textOf(before), after: textOf(after) }];
  const found: PayloadDifference[] = [];
  compare('', one, other, 0, found);
  // The same in another order of keys, or other spaces.
  if (found.length === 0) return [{ path: '', before: textOf(before), after: textOf(after) }];
  if (found.length <= MOST_DIFFERENCES) return found;
  const rest = found.length - MOST_DIFFERENCES;
  return [...found.slice(0, MOST_DIFFERENCES), { path: '…', before: null, after: `${rest} more differences` }];
}

type JsonObject = Record<string, unknown>;

/** Null unless the data is a JSON object. */
export function jsonOf(data: Buffer | null): JsonObject | null {
  if (data === null || data[0] !== 0x7b) return null;
  try {
    return JSON.parse(data.toString()) as JsonObject;
  } catch {
    return null;
  }
}

function compare(path: string, one: unknown, other: unknown, depth: number, found: PayloadDifference[]): void {
  if (isTree(one) && isTree(other) && Array.isArray(one) === Array.isArray(other) && depth < DEEPEST) {
    const [left, right] = [one as JsonObject, other as JsonObject];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const below = path === '' ? key : `${path}.${key}`;
      compare(below, valueAt(left, key), valueAt(right, key), depth + 1, found);
    }
    return;
  }
  const [before, after] = [show(one), show(other)];
  if (before !== after) found.push({ path, before, after });
}

/** `__proto__` and the like are keys as any other here. */
function valueAt(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isTree(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => typeof item === 'object' && item !== null);
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string | null {
  if (value === undefined) return null;
  return shortened(typeof value === 'string' ? value : JSON.stringify(value));
}

function textOf(data: Buffer | null): string | null {
  return data && shortened(data.subarray(0, 4 * MOST_TEXT_CHARACTERS).toString());
}

function shortened(text: string): string {
  return text.length <= MOST_TEXT_CHARACTERS ? text : `${text.slice(0, MOST_TEXT_CHARACTERS)}…`;
}
