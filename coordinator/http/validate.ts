/**
 * Checks of requests against their schemas. Parameters of path and query come as text and are turned into what the schema
 * wants; bodies are taken as they are. What is wrong is told with key, value and what is allowed.
 */
import type { TSchema } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { ApiError } from './api-error';

export type Part = 'path' | 'query' | 'body';

const LONGEST_SHOWN = 100;

// Not all errors: a body made of thousands of mistakes shall not cost more than one with a single mistake.
const options = { allErrors: false, verbose: true, allowUnionTypes: true };
const asGiven = new Ajv(options);
const fromText = new Ajv({ ...options, coerceTypes: true });

const titles: Record<Part, string> = { path: 'Path parameter', query: 'Query parameter', body: 'Body field' };

/** A schema without its names, which the checker would take for addresses, and would not have twice. */
export function withoutNames<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === '$id' ? undefined : value))) as T;
}

/** Without what is inside of it, which may be nested as deeply as a body is long. */
function flat(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return '…';
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return 'an object';
  const text = JSON.stringify(Array.isArray(value) ? value.slice(0, LONGEST_SHOWN).map(flat) : value) ?? 'nothing';
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function allowed(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'enum':
      return `it must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'pattern': {
      const description = (error.parentSchema as { description?: string }).description;
      return `it must match ${String(params['pattern'])}${description ? ` (${description})` : ''}`;
    }
    default:
      return `it ${error.message ?? 'is not allowed'}`;
  }
}

/** What is wrong, in one sentence. */
export function describeMistake(part: Part, error: ErrorObject): string {
  const path = error.instancePath.slice(1).replaceAll('/', '.');
  const params = error.params as Record<string, unknown>;
  const inside = (name: unknown): string => (path ? `${path}.${String(name)}` : String(name));
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
    const name = shown(inside(params['additionalProperty']));
    return `${titles[part]} ${name} is not known; known are: ${known.join(', ') || 'none'}`;
  }
  if (error.keyword === 'required') return `${titles[part]} ${inside(params['missingProperty'])} is missing`;
  if (path === '') return `The ${part} ${shown(error.data)} is not allowed: ${allowed(error)}`;
  return `${titles[part]} ${path}: ${shown(error.data)} is not allowed: ${allowed(error)}`;
}

/**
 * A check of one part of a request. The function gives the value that the handler sees.
 * @throws ApiError 400 INVALID_REQUEST (from the function)
 */
export function validator(part: Part, schema: TSchema): (value: unknown) => unknown {
  const plain = withoutNames(schema) as TSchema & { additionalProperties?: unknown };
  if (part !== 'body' && plain.additionalProperties === undefined) plain.additionalProperties = false;
  const validate: ValidateFunction = (part === 'body' ? asGiven : fromText).compile(plain);
  return (value) => {
    const own = part === 'body' ? value : { ...(value as object) };
    if (validate(own)) return own;
    const [error] = validate.errors ?? [];
    throw new ApiError(400, 'INVALID_REQUEST', error ? describeMistake(part, error) : `The ${part} is not allowed`);
  };
}
