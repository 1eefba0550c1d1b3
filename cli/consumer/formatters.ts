/** How the console consumer prints a record, by the names of Kafka's formatter classes. */
import { CommandError } from '../command';
import { deserializer } from './deserializers';
import { groupMetadataFormatter, legacyOffsetsFormatter, offsetsFormatter } from './internal-formatters';
import type { ConsumedRecord } from './records';

/** The bytes to print for a record; null when it is not to be printed. */
export type Formatter = (record: ConsumedRecord) => Buffer | null;

type Properties = ReadonlyMap<string, string>;

const FORMATTERS: Readonly<Record<string, (properties: Properties) => Formatter>> = {
  DefaultMessageFormatter: defaultFormatter,
  LoggingMessageFormatter: defaultFormatter,
  NoOpMessageFormatter: () => () => null,
  OffsetsMessageFormatter: () => offsetsFormatter,
  GroupMetadataMessageFormatter: () => groupMetadataFormatter,
  GroupMetadataManager$OffsetsMessageFormatter: () => legacyOffsetsFormatter,
  GroupMetadataManager$GroupMetadataMessageFormatter: () => groupMetadataFormatter,
};

/** @throws CommandError for a class that exists only in Java */
export function createFormatter(className: string, properties: Properties): Formatter {
  const create = FORMATTERS[className.replace(/^.*\./, '')];
  if (create) return create(properties);
  throw new CommandError(`There is no formatter ${className} here; these are: ${Object.keys(FORMATTERS).join(', ')}.`);
}

function defaultFormatter(properties: Properties): Formatter {
  const shows = (name: string, fallback = false): boolean =>
    (properties.get(name) ?? String(fallback)).trim().toLowerCase() === 'true';
  const bytes = (name: string, fallback: string): Buffer => Buffer.from(properties.get(name) ?? fallback);
  const printer = (name: string) => {
    const className = properties.get(name);
    const print = className === undefined ? null : deserializer(className);
    const nullLiteral = bytes('null.literal', 'null');
    return (data: Buffer | null): Buffer => (data === null ? nullLiteral : (print?.(data) ?? data));
  };
  const keySeparator = bytes('key.separator', '\t');
  const lineSeparator = bytes('line.separator', '\n');
  const headersSeparator = bytes('headers.separator', ',');
  const [key, value, header] = [
    printer('key.deserializer'),
    printer('value.deserializer'),
    printer('headers.deserializer'),
  ];
  const columns: ((record: ConsumedRecord) => Buffer)[] = [];
  if (shows('print.timestamp')) columns.push((record) => Buffer.from(timestampText(record)));
  if (shows('print.partition')) columns.push((record) => Buffer.from(`Partition:${record.partition}`));
  if (shows('print.offset')) columns.push((record) => Buffer.from(`Offset:${record.offset}`));
  if (shows('print.headers')) columns.push((record) => headersBytes(record, header, headersSeparator));
  if (shows('print.key')) columns.push((record) => key(record.key));
  if (shows('print.value', true)) columns.push((record) => value(record.value));
  return (record) => {
    const parts: Buffer[] = [];
    for (const [index, column] of columns.entries()) {
      if (index > 0) parts.push(keySeparator);
      parts.push(column(record));
    }
    parts.push(lineSeparator);
    return columns.length === 0 ? null : Buffer.concat(parts);
  };
}

function timestampText(record: ConsumedRecord): string {
  return `${record.logAppendTime ? 'LogAppendTime' : 'CreateTime'}:${record.timestamp}`;
}

function headersBytes(record: ConsumedRecord, print: (data: Buffer | null) => Buffer, separator: Buffer): Buffer {
  if (record.headers.length === 0) return Buffer.from('NO_HEADERS');
  const parts = record.headers.flatMap(({ key, value }, index) => [
    ...(index > 0 ? [separator] : []),
    Buffer.from(`${key}:`),
    print(value),
  ]);
  return Buffer.concat(parts);
}
