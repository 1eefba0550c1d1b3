/** The OpenAPI document: complete, consistent, and made of the very schemas that answers are checked with. */
import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { restDocument } from '../../../../coordinator/http/document';
import { openApiDocument, routesOf } from '../../../../coordinator/http';
import type { CoordinatorParts } from '../../../../coordinator/parts';

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  security?: unknown;
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}

const routes = routesOf({} as CoordinatorParts);
const document = openApiDocument(routes) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

describe('the OpenAPI document', () => {
  it('has every route once', () => {
    expect(operations.map(({ path, method }) => `${method} ${path}`).sort()).toEqual(
      [...routes.map(({ path, method }) => `${method} ${path}`), 'get /api/live'].sort(),
    );
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes each parameter that stands in a path', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect([path, described.map(({ name }) => name)]).toEqual([path, inPath]);
      expect(described.every(({ required }) => required)).toBe(true);
    }
  });

  it('refers only to schemas that it has, and leaves no name inside them', () => {
    const text = JSON.stringify(document);
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name as string);
    expect(referred.filter((name) => !(name in document.components.schemas))).toEqual([]);
    expect(text).not.toContain('"$id"');
  });

  it('says of actions, and of nothing else, that they need the token', () => {
    for (const { method, path, operation } of operations) {
      expect([method, path, operation.security !== undefined]).toEqual([method, path, method !== 'get']);
      expect([path, '401' in operation.responses]).toEqual([path, method !== 'get']);
    }
  });

  it('consists of schemas that a checker takes', () => {
    const ajv = new Ajv({ strict: true, allowUnionTypes: true });
    ajv.addVocabulary(['openapi', 'info', 'tags', 'paths', 'components']);
    ajv.addSchema(document, 'api');
    for (const name of Object.keys(document.components.schemas)) {
      expect(ajv.getSchema(`api#/components/schemas/${name}`)).toBeDefined();
    }
  });
});

describe('docs/rest-api.md', () => {
  it('is what `npm run docs:api` makes of the routes', () => {
    const file = join(__dirname, '..', '..', '..', '..', 'docs', 'rest-api.md');
    expect(readFileSync(file, 'utf8')).toBe(restDocument());
  });
});
