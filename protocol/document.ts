/** Writes docs/protocol.md from the definitions: `npm run docs:protocol`. A test fails when the file is out of date. */
import type { Api } from './api';
import { allApis, apiOfKey } from './api-table';
import { Errors } from './errors';
import type { VersionRange } from './schema';

const INTRODUCTION = `# Protocol

<!-- Generated from protocol/ by \`npm run docs:protocol\`. Do not edit by hand. -->

The APIs that a broker of Apache Kafka 3.9.1 advertises in ZooKeeper mode, all of which Gregor defines in the same
versions. A client asks for this list with ApiVersions and then uses the highest version that both sides speak.

Every request and response is a frame: four bytes of size, a header, a body. From the version in the column *Flexible
from* on, lengths are varints and each struct may end with tagged fields
([KIP-482](https://cwiki.apache.org/confluence/display/KAFKA/KIP-482%3A+The+Kafka+Protocol+should+Support+Optional+Tagged+Fields)).
The name of an API leads to its definition, which opens with what each version changed. The definitions are compared with
those inside Apache Kafka's own jars by the tests in \`test/conformance\`, and bytes written by Gregor are read and written
again by Kafka's classes.
`;

/** The APIs by what they serve, with a word on each. */
const chapters: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'Records and metadata': {
    0: 'append record batches',
    1: 'read record batches, as consumer or as follower',
    2: 'find offsets by time stamp',
    3: 'brokers, controller, topics, leaders and ISR',
    18: 'which APIs and versions the broker speaks',
    21: 'move the log start offset forward',
    23: 'where a leader epoch ends',
    60: 'brokers, controller and cluster id',
  },
  'Consumer groups': {
    8: 'store offsets',
    9: 'read stored offsets',
    10: 'which broker coordinates a group or a transactional id',
    11: 'enter a group',
    12: 'stay in a group',
    13: 'leave a group',
    14: 'hand out the assignment',
    15: 'show groups and members',
    16: 'list groups',
    42: 'delete groups',
    47: 'delete stored offsets',
    68: 'the new consumer protocol; answered with UNSUPPORTED_VERSION in ZooKeeper mode',
    69: 'the new consumer protocol; answered with UNSUPPORTED_VERSION in ZooKeeper mode',
  },
  'Producers and transactions': {
    22: 'a producer id and epoch',
    24: 'add partitions to a transaction',
    25: "add a group's offsets to a transaction",
    26: 'commit or abort',
    27: 'write the outcome into partitions; between brokers',
    28: 'store offsets within a transaction',
    61: 'show the producers of a partition',
    65: 'show transactions',
    66: 'list transactions',
    67: 'a block of producer ids; between brokers',
  },
  'Topics, configuration, quotas': {
    19: 'create topics',
    20: 'delete topics',
    32: 'show configuration',
    33: 'replace configuration',
    34: 'move replicas to another log directory',
    35: 'show log directories and sizes',
    37: 'add partitions to topics',
    43: 'elect preferred or unclean leaders',
    44: 'change single configuration entries',
    45: 'start or cancel reassignments',
    46: 'list reassignments',
    48: 'list client quotas',
    49: 'change client quotas',
    57: 'change feature levels',
  },
  Security: {
    17: 'choose a SASL mechanism',
    29: 'list ACLs',
    30: 'create ACLs',
    31: 'delete ACLs',
    36: 'the SASL exchange',
    38: 'create a delegation token',
    39: 'prolong a delegation token',
    40: 'end a delegation token',
    41: 'list delegation tokens',
    50: 'list SCRAM credentials',
    51: 'change SCRAM credentials',
  },
  'Between brokers': {
    4: 'the controller says who leads and who follows',
    5: 'the controller stops or deletes replicas',
    6: 'the controller spreads brokers and partition states',
    7: 'a broker asks to be freed of leaderships before it stops',
    56: 'a leader asks for a new ISR',
    58: 'a forwarded request; used during a migration only',
  },
};

/** The whole page, as Markdown. */
export function protocolDocument(): string {
  const named = Object.values(chapters).flatMap((chapter) => Object.keys(chapter).map(Number));
  const forgotten = allApis.filter(({ key }) => !named.includes(key)).map(({ name }) => name);
  if (forgotten.length > 0) throw new Error(`no chapter of the protocol's page names ${forgotten.join(', ')}`);
  return [
    INTRODUCTION,
    ...Object.entries(chapters).map(([title, chapter]) => `## ${title}\n\n${apiTable(chapter)}`),
    '## Errors\n',
    'A client may repeat a request that failed with a retriable error, often after asking for metadata again.\n',
    errorTable(),
  ].join('\n');
}

function apiTable(chapter: Readonly<Record<number, string>>): string {
  const rows = Object.entries(chapter).map(([key, about]) => {
    const api = apiOfKey(Number(key));
    if (!api) throw new Error(`the protocol's page names an API of key ${key}, which is not declared`);
    return [key, `[${api.name}](../protocol/apis/${fileOf(api)})`, rangeText(api), flexibleFrom(api), about];
  });
  return table(['Key', 'API', 'Versions', 'Flexible from', 'For'], rows);
}

function errorTable(): string {
  const rows = Object.values(Errors)
    .toSorted((a, b) => a.code - b.code)
    .map(({ code, name, retriable, meaning }) => [String(code), name, retriable ? 'yes' : 'no', meaning]);
  return table(['Code', 'Name', 'Retriable', 'Meaning'], rows);
}

/** `02-list-offsets.ts`, the file that declares the API. */
function fileOf(api: Api): string {
  const words = api.name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  return `${String(api.key).padStart(2, '0')}-${words}.ts`;
}

function rangeText(api: Api): string {
  const { min, max }: VersionRange = api.request.versions;
  return min === max ? String(min) : `${min}–${max}`;
}

function flexibleFrom(api: Api): string {
  const { min, max } = api.request.flexible;
  return min > max ? 'never' : String(min);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

if (require.main === module) process.stdout.write(protocolDocument());
