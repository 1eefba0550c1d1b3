/**
 * Calls a coordinator by its own OpenAPI document: every answer is checked against what the document says of it, more
 * strictly than a client would (nothing may stand in it that is not declared), and it is kept which operations were called.
 */
import { Ajv, type ValidateFunction } from 'ajv';

type Json = Record<string, unknown>;

interface Operation {
  operationId: string;
  security?: unknown;
  responses: Record<string, { content: Record<string, { schema: Json }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
}

export interface CallOptions {
  params?: Record<string, string | number>;
  query?: Record<string, string | number | boolean>;
  body?: unknown;
  /** Sent instead of the client's own; null for none. */
  token?: string | null;
}

export interface ApiAnswer {
  status: number;
  /** Parsed when it is JSON, else text. */
  // eslint-disable-next-line typescript/no-explicit-any -- what a test knows of an answer is what it has just checked
  body: any;
}

/** Objects whose properties are declared may have no others. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  if (copy['type'] === 'object' && copy['properties'] !== undefined) copy['additionalProperties'] ??= false;
  return copy;
}

export class ApiClient {
  /** Ids of the operations that were answered as they should be, by status. */
  readonly called = new Map<string, Set<number>>();
  private readonly ajv = new Ajv({ strict: false, allErrors: true, verbose: true });

  private constructor(
    private readonly url: string,
    private readonly token: string,
    readonly document: Document,
  ) {
    this.ajv.addSchema(closed(document) as Json, 'api');
  }

  static async open(url: string, token: string): Promise<ApiClient> {
    const answer = await fetch(`${url}/api/openapi.json`);
    return new ApiClient(url, token, (await answer.json()) as Document);
  }

  /** Ids of all operations of the document. */
  operations(): string[] {
    return Object.values(this.document.paths)
      .flatMap((methods) => Object.values(methods))
      .map(({ operationId }) => operationId);
  }

  /** @param operation e.g. `GET /api/topics/{topic}` */
  async call(operation: string, options: CallOptions = {}): Promise<ApiAnswer> {
    const [method, path] = operation.split(' ') as [string, string];
    const declared = this.document.paths[path]?.[method.toLowerCase()];
    if (!declared) throw new Error(`the document has no ${operation}`);
    const { params = {}, query = {}, body, token = this.token } = options;
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    ).toString();
    const headers: Record<string, string> = {};
    if (declared.security && token !== null) headers['authorization'] = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${this.url}${filled}${search ? `?${search}` : ''}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const mediaType = (response.headers.get('content-type') ?? '').replace(/; charset=utf-8$/, '');
    const text = await response.text();
    const parsed: unknown = mediaType === 'application/json' ? JSON.parse(text) : text;
    this.check(operation, declared, response.status, mediaType, parsed);
    return { status: response.status, body: parsed };
  }

  private check(operation: string, declared: Operation, status: number, mediaType: string, body: unknown): void {
    const said = JSON.stringify(body).slice(0, 500);
    const content = declared.responses[status]?.content;
    if (!content) throw new Error(`${operation} answered ${status}, which is not documented: ${said}`);
    const types = Object.keys(content);
    if (!types.includes(mediaType)) throw new Error(`${operation} answered ${mediaType} instead of ${types.join()}`);
    const validate = this.schemaOf(operation, status, mediaType);
    if (!validate(body)) {
      const mistakes = (validate.errors ?? []).slice(0, 5).map((error) => {
        const detail = JSON.stringify(error.params);
        return `${error.instancePath} ${error.message} ${detail}: ${JSON.stringify(error.data)?.slice(0, 200)}`;
      });
      throw new Error(`${operation} (${status}) does not answer as documented:\n${mistakes.join('\n')}`);
    }
    const statuses = this.called.get(declared.operationId) ?? new Set();
    this.called.set(declared.operationId, statuses.add(status));
  }

  private schemaOf(operation: string, status: number, mediaType: string): ValidateFunction {
    const [method, path] = operation.split(' ') as [string, string];
    const steps = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', mediaType, 'schema'];
    const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const validate = this.ajv.getSchema(`api#/${pointer}`);
    if (!validate) throw new Error(`no schema at ${pointer}`);
    return validate as ValidateFunction;
  }
}
