/**
 * Writes docs/configuration.md, and the table of keys in docs/coordinator.md, from the declarations: `npm run docs:config`.
 * A test fails when they are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { brokerThemes } from './broker';
import { coordinatorKeys } from './coordinator-keys';
import type { ConfigKey } from './definition';
import { dynamicOnlyKeys } from './dynamic-rules';
import { topicKeyList, topicSynonyms } from './topic';

const INTRODUCTION = `# Configuration

<!-- Generated from settings/ by \`npm run docs:config\`. Do not edit by hand. -->

The keys of Apache Kafka 3.9 in ZooKeeper mode, with its types, defaults and limits, and Gregor's own keys, which begin
with \`gregor.\`. A broker reads them from the file it is started with (\`config/server.properties\`) and from
\`--override key=value\`; a key that it does not know is a warning, a value that it cannot use is an error at start.

Keys marked *per broker* or *cluster-wide* can also be changed while brokers run, with \`kafka-configs\`. What was set for
one broker counts more than what was set for all, and both count more than the file:

\`/config/brokers/<id>\` > \`/config/brokers/<default>\` > file > default

Some keys belong to parts that Gregor does not have yet (TLS and SASL listeners, tiered storage, KRaft). They are checked
all the same, so that one file serves Gregor and Apache Kafka.
`;

/** The whole page, as Markdown. */
export function configurationDocument(): string {
  const sections = Object.entries(brokerThemes).map(([theme, keys]) => `### ${theme}\n\n${brokerTable(keys)}`);
  return [
    INTRODUCTION,
    '## Broker keys\n',
    ...sections,
    '### Only while running\n\nThese keys exist in ZooKeeper only and are set with `kafka-configs`.\n',
    brokerTable([...dynamicOnlyKeys.values()]),
    '## Topic keys\n',
    'A topic that does not set a key follows its broker: the key in the column *Broker key*.\n',
    topicTable(),
  ].join('\n');
}

const TABLE_BEGIN =
  '<!-- Generated from settings/coordinator-keys.ts by `npm run docs:config`. Do not edit the table by hand. -->\n';
const TABLE_END = '<!-- End of the generated table -->\n';

/** docs/coordinator.md with its table of keys brought up to date. @throws Error when the marks around it are missing */
export function withCoordinatorTable(page: string): string {
  const [before, rest] = page.split(TABLE_BEGIN);
  const after = rest?.split(TABLE_END)[1];
  if (before === undefined || after === undefined) throw new Error('the marks around the generated table are missing');
  return `${before}${TABLE_BEGIN}\n${coordinatorTable()}\n${TABLE_END}${after}`;
}

function coordinatorTable(): string {
  return table(
    ['Key', 'Type', 'Default', 'Valid values', 'Importance', 'Meaning'],
    coordinatorKeys.map((key: ConfigKey) => [
      `\`${key.name}\``,
      key.type,
      defaultCell(key),
      validCell(key),
      key.importance,
      key.doc,
    ]),
  );
}

function brokerTable(keys: readonly ConfigKey[]): string {
  return table(
    ['Key', 'Type', 'Default', 'Valid values', 'Importance', 'Change', 'Meaning'],
    keys.map((key) => [
      `\`${key.name}\``,
      key.type,
      defaultCell(key),
      validCell(key),
      key.importance,
      key.update,
      key.internal && !key.name.startsWith('gregor.') ? `${key.doc} (internal)` : key.doc,
    ]),
  );
}

function topicTable(): string {
  return table(
    ['Key', 'Type', 'Default', 'Valid values', 'Broker key', 'Meaning'],
    topicKeyList.map((key: ConfigKey) => [
      `\`${key.name}\``,
      key.type,
      defaultCell(key),
      validCell(key),
      topicSynonyms[key.name]?.[0] ? `\`${topicSynonyms[key.name]?.[0]}\`` : '',
      key.doc,
    ]),
  );
}

function defaultCell(key: ConfigKey): string {
  if (key.defaultText === null) return '';
  return key.defaultText === '' ? '(empty)' : `\`${key.defaultText}\``;
}

function validCell(key: ConfigKey): string {
  const text = key.validator?.describe() ?? '';
  // The list of all versions would fill the page.
  return text.startsWith('[0.8.0') ? 'a version, such as 3.9' : text;
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${[tableLine(head), tableLine(head.map(() => '---')), ...rows.map(tableLine)].join('\n')}\n`;
}

if (require.main === module) {
  const [configurationFile, coordinatorFile] = process.argv.slice(2);
  if (configurationFile === undefined || coordinatorFile === undefined) throw new Error('which files to write?');
  writeFileSync(configurationFile, configurationDocument());
  writeFileSync(coordinatorFile, withCoordinatorTable(readFileSync(coordinatorFile, 'utf8')));
}
