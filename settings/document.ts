/** Writes docs/configuration.md from the declarations: `npm run docs:config`. A test fails when the file is out of date. */
import { brokerThemes } from './broker';
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

if (require.main === module) process.stdout.write(configurationDocument());
