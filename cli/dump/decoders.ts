/** What keys and values of records say: as text, as numbers, or as records of the internal topics. */
import { contains, type Message } from '../../protocol';
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
  decodeForwardCompatible,
  decodeVersioned,
  groupMetadataKey,
  groupMetadataValue,
  offsetCommitKey,
  offsetCommitValue,
  readVersion,
  transactionLogKey,
  transactionLogValue,
} from '../../protocol/internal';
import type { LogRecord } from '../../protocol/records';
import { type Json, messageToJson } from '../consumer/message-json';
import { UsageError } from '../options';

/** Key and payload as they are printed; null for what is not. */
export interface DecodedRecord {
  key: string | null;
  payload: string | null;
}

export type RecordDecoder = (record: LogRecord) => DecodedRecord;

type BytesDecoder = (bytes: Buffer) => string;

const BYTES_DECODERS: Readonly<Record<string, BytesDecoder>> = {
  StringDecoder: (bytes) => bytes.toString(),
  IntegerDecoder: (bytes) => (bytes.length === 4 ? String(bytes.readInt32BE()) : `(no int: ${bytes.length} bytes)`),
  LongDecoder: (bytes) => (bytes.length === 8 ? String(bytes.readBigInt64BE()) : `(no long: ${bytes.length} bytes)`),
  DefaultDecoder: (bytes) => bytes.toString('hex'),
};

/** Keys and values decoded by the classes of that name in Kafka, which alone exist here. @throws UsageError for others */
export function plainDecoder(keyClass: string, valueClass: string): RecordDecoder {
  const [ofKey, ofValue] = [bytesDecoder(keyClass, 'key'), bytesDecoder(valueClass, 'value')];
  return ({ key, value }) => ({ key: key && ofKey(key), payload: value && ofValue(value) });
}

function bytesDecoder(className: string, part: 'key' | 'value'): BytesDecoder {
  const [, name = ''] = /^(?:org\.apache\.kafka\.tools\.api\.|kafka\.serializer\.)?(\w+)$/.exec(className) ?? [];
  const decoder = BYTES_DECODERS[name];
  if (decoder) return decoder;
  const known = Object.keys(BYTES_DECODERS).map((each) => `org.apache.kafka.tools.api.${each}`);
  throw new UsageError(
    `--${part}-decoder-class ${className}: Java classes cannot be loaded here`,
    `One of ${known.join(', ')} can be named.`,
  );
}

/** Records of __consumer_offsets. */
export function decodeOffsetsRecord(record: LogRecord): DecodedRecord {
  const { key, value, offset } = record;
  if (key === null) return { key: `Error at offset ${offset}, skipping. The record has no key.`, payload: null };
  try {
    const version = readVersion(key);
    if (contains(offsetCommitKey.versions, version)) return typedJson(offsetCommitKey, key, offsetCommitValue, value);
    if (contains(groupMetadataKey.versions, version)) {
      return typedJson(groupMetadataKey, key, groupMetadataValue, value, openConsumerProtocol);
    }
    return { key: `Unknown record type ${version} at offset ${offset}, skipping.`, payload: null };
  } catch (error) {
    return { key: `Error at offset ${offset}, skipping. ${(error as Error).message}`, payload: null };
  }
}

function typedJson(
  keyMessage: Message,
  key: Buffer,
  valueMessage: Message,
  value: Buffer | null,
  adapt: (data: Json) => void = () => undefined,
): DecodedRecord {
  const keyText = JSON.stringify({ type: String(readVersion(key)), data: jsonOf(keyMessage, key) });
  if (value === null) return { key: keyText, payload: '<DELETE>' };
  const data = jsonOf(valueMessage, value);
  adapt(data);
  return { key: keyText, payload: JSON.stringify({ version: String(readVersion(value)), data }) };
}

function jsonOf(message: Message, bytes: Buffer): Json {
  return messageToJson(message, decodeVersioned(message, bytes), readVersion(bytes));
}

/** In groups of consumers, each member's subscription and assignment are messages themselves. */
function openConsumerProtocol(group: Json): void {
  if (group.protocolType !== 'consumer') return;
  for (const member of group.members as Json[]) {
    open(member, 'subscription', consumerProtocolSubscription);
    open(member, 'assignment', consumerProtocolAssignment);
  }
}

/** Bytes that are not what they should be stay as they are. */
function open(member: Json, field: string, message: Message): void {
  const bytes = Buffer.from(member[field] as string, 'base64');
  try {
    const version = Math.min(readVersion(bytes), message.versions.max);
    member[field] = messageToJson(message, decodeForwardCompatible(message, bytes), version);
  } catch {
    // Left in base64.
  }
}

const TRANSACTION_STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
];

/** Records of __transaction_state. */
export function decodeTransactionRecord({ key, value, offset }: LogRecord): DecodedRecord {
  try {
    if (key === null) throw new Error('The record has no key.');
    const version = readVersion(key);
    if (!contains(transactionLogKey.versions, version)) return { key: `unknown::version=${version}`, payload: null };
    const { transactionalId } = decodeVersioned(transactionLogKey, key);
    return {
      key: `transaction_metadata::transactionalId=${transactionalId}`,
      payload: value === null ? '<DELETE>' : transactionText(value),
    };
  } catch (error) {
    return { key: `Error at offset ${offset}, skipping. ${(error as Error).message}`, payload: null };
  }
}

function transactionText(value: Buffer): string {
  const state = decodeVersioned(transactionLogValue, value);
  const partitions = (state.transactionPartitions ?? []).flatMap(({ topic, partitionIds }) =>
    partitionIds.map((partition) => `${topic}-${partition}`),
  );
  return [
    `producerId:${state.producerId}`,
    `producerEpoch:${state.producerEpoch}`,
    `state=${TRANSACTION_STATES[state.transactionStatus] ?? state.transactionStatus}`,
    `partitions=[${partitions.join(',')}]`,
    `txnLastUpdateTimestamp=${state.transactionLastUpdateTimestampMs}`,
    `txnTimeoutMs=${state.transactionTimeoutMs}`,
  ].join(',');
}
