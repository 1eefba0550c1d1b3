/** The properties of Kafka's producer that this one knows, under Kafka's names and with its defaults. */
import { compressionIdOf, type CompressionName } from '../../protocol/records';
import { CommandError } from '../command';

export interface ProducerConfig {
  clientId: string;
  acks: -1 | 0 | 1;
  batchBytes: number;
  lingerMs: number;
  bufferBytes: number;
  compression: CompressionName;
  compressionLevel: number | undefined;
  retries: number;
  retryBackoffMs: number;
  requestTimeoutMs: number;
  deliveryTimeoutMs: number;
  maxBlockMs: number;
  maxRequestBytes: number;
  idempotent: boolean;
}

const INT_MAX = 2_147_483_647;

export function producerConfig(properties: ReadonlyMap<string, string>): ProducerConfig {
  const number = (name: string, fallback: number): number => {
    const text = properties.get(name);
    if (text === undefined || text.trim() === '') return fallback;
    const value = Number(text);
    if (!Number.isFinite(value))
      throw new CommandError(`Invalid value ${text} for configuration ${name}: Not a number`);
    return value;
  };
  const acks = parseAcks(properties.get('acks') ?? 'all');
  const compression = parseCompression(properties.get('compression.type') ?? 'none');
  const retries = number('retries', INT_MAX);
  const level = properties.get(`compression.${compression}.level`);
  return {
    clientId: properties.get('client.id') ?? 'producer-1',
    acks,
    batchBytes: number('batch.size', 16_384),
    lingerMs: number('linger.ms', 0),
    bufferBytes: number('buffer.memory', 33_554_432),
    compression,
    compressionLevel: level === undefined ? undefined : Number(level),
    retries,
    retryBackoffMs: number('retry.backoff.ms', 100),
    requestTimeoutMs: number('request.timeout.ms', 30_000),
    deliveryTimeoutMs: number('delivery.timeout.ms', 120_000),
    maxBlockMs: number('max.block.ms', 60_000),
    maxRequestBytes: number('max.request.size', 1_048_576),
    idempotent: isIdempotent(properties, acks, retries),
  };
}

/** Idempotence is the default, and gives way to settings that it does not go with, unless it was asked for. */
function isIdempotent(properties: ReadonlyMap<string, string>, acks: number, retries: number): boolean {
  const asked = properties.get('enable.idempotence')?.toLowerCase();
  if (asked === 'false') return false;
  if (acks === -1 && retries > 0) return true;
  if (asked !== 'true') return false;
  const problem =
    acks === -1
      ? 'Must set retries to non-zero'
      : 'Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence';
  throw new CommandError(`${problem}.`);
}

function parseAcks(text: string): -1 | 0 | 1 {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === 'all' || trimmed === '-1') return -1;
  if (trimmed === '0') return 0;
  if (trimmed === '1') return 1;
  throw new CommandError(`Invalid value ${text} for configuration acks: String must be one of: all, -1, 0, 1`);
}

function parseCompression(text: string): CompressionName {
  const name = text.trim() as CompressionName;
  if (compressionIdOf(name) >= 0) return name;
  throw new CommandError(
    `Invalid value ${text} for configuration compression.type: String must be one of: none, gzip, snappy, lz4, zstd`,
  );
}
