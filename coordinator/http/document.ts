/** docs/rest-api.md: how to call the service, and the table of its routes, made from their declarations. */
import type { TObject } from '@sinclair/typebox';
import type { CoordinatorParts } from '../parts';
import type { Route } from './route';
import { routesOf } from './routes';

const introduction = `# The coordinator's HTTP interface

<!-- Generated from coordinator/http/ by \`npm run docs:api\`. Do not edit by hand. -->

All that the dashboard shows comes from here, and anybody may use it: JSON over HTTP on \`http://localhost:8080\`, described for programs at
\`/api/openapi.json\` (OpenAPI 3.1; every answer is checked against it in the tests). [coordinator.md](coordinator.md) is about the service itself.

## Asking

\`\`\`
curl localhost:8080/api/cluster
curl 'localhost:8080/api/topics?contains=order'
curl 'localhost:8080/api/topics/orders/records?newest=true&limit=5'
curl 'localhost:8080/api/znodes?path=/brokers/ids/0'
\`\`\`

Most answers carry a \`freshness\`: how old the knowledge is that they rest on, and why it is stale if it is. Nothing here waits for ZooKeeper;
only configurations, records and actions ask a broker.

**Records** are read from the partition leaders as a consumer without a group would; no offset is committed. A page has \`next\`, where each partition
goes on: give it back as \`from=0:15,1:7\`. A search with \`key\` or \`value\` ends after 100,000 records or five seconds; \`searchEnded\` says why it ended,
and the next page goes on from there. Keys and values that are not UTF-8 come as base64; what is longer than \`previewBytes\` is cut.
Records of aborted transactions are in the log and are shown, with \`transaction\` as \`aborted\`.

## Changing something

Needs the token from the file \`token\` in \`data.dir\` (or \`actions.token\`), and \`actions.enabled\`:

\`\`\`
TOKEN=$(cat /tmp/gregor-coordinator/token)
curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"name": "orders", "partitions": 3, "replicationFactor": 1}' localhost:8080/api/topics
curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"key": "k", "value": "hello"}' localhost:8080/api/topics/orders/records
\`\`\`

In a record a \`key\` that is null or left out is no key, and \`""\` is a key of no bytes; a \`value\` of null is a tombstone.

## Watching

\`GET /api/live\` is a stream of server-sent events. Each event has an \`id\`; who comes back with \`Last-Event-ID\` (browsers do so by themselves) or \`?after=\`
gets what was missed. When that is no longer kept, the first event is of type \`lost\`: ask again for what you show. A reader that takes nothing for 20 seconds is dropped.

\`\`\`
curl -N localhost:8080/api/live
\`\`\`

## Errors

An error is \`{"error": …, "message": …}\`. Errors of Kafka keep Kafka's name, and the broker's own words where it has any.

| Status | When |
| --- | --- |
| 400 | a parameter or the body is wrong: the message names it and says what is allowed; Kafka's \`INVALID_…\` |
| 401, 403 | the token is missing or wrong; actions or faults are not enabled; a page of another site called |
| 404 | there is no such topic, group, znode, run |
| 409 | it contradicts what is there: \`TOPIC_ALREADY_EXISTS\`, \`NON_EMPTY_GROUP\` |
| 408 | the request took longer to arrive than ten seconds for its headers, or twenty for all of it |
| 411, 413, 415 | the body has no length, is longer than \`http.max.body.bytes\`, is not JSON |
| 421 | called under a name that is not in \`http.allowed.hosts\` |
| 429 | more than \`http.requests.per.second\` |
| 431 | address and headers are longer than 32 KiB |
| 502, 503, 504 | a broker failed at it, cannot be reached, did not answer in time; \`NOT_READ_YET\`: the coordinator has just started |

## What keeps it safe

The service is a web page's neighbour: any site that you visit can make your browser call \`localhost\`. So it answers only under its own names (a name
that changes its address, DNS rebinding, does not help), refuses calls that a browser marks as coming from another site, sends no CORS headers, and wants for
every action a token that no browser sends by itself. Its own page may run no script but its own files, and turns no text into markup. Names and
payloads travel as JSON only. Znodes and configurations are shown without their secrets.

## Routes

`;

function parametersOf(schema: TObject | undefined): string {
  const required: readonly string[] = schema?.required ?? [];
  const names = Object.keys(schema?.properties ?? {});
  return names.map((name) => (required.includes(name) ? `\`${name}\`` : `\`${name}\`?`)).join(' ');
}

const nameOf = (schema: { $id?: string; type?: unknown } | undefined): string => schema?.$id ?? '';

function lineOf(route: Route): string {
  const cells = [
    `\`${route.method.toUpperCase()} ${route.path}\`${route.action ? ' (token)' : ''}`,
    route.summary,
    parametersOf(route.query),
    nameOf(route.body),
    nameOf(route.answer) || (route.mediaType ?? '').replace(/;.*/, ''),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

/** The whole document. */
export function restDocument(): string {
  // Declaring the routes needs no parts, answering would.
  const routes = routesOf({} as CoordinatorParts);
  const head = '| Route | What | Query | Body | Answer |\n| --- | --- | --- | --- | --- |\n';
  const tables = [...new Set(routes.map(({ tag }) => tag))].map((tag) => {
    const lines = routes.filter((route) => route.tag === tag).map(lineOf);
    return `### ${tag}\n\n${head}${lines.join('')}`;
  });
  return `${introduction}${tables.join('\n')}`;
}

if (require.main === module) process.stdout.write(restDocument());
