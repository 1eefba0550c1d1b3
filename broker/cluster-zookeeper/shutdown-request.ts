/** Asks the controller to move leadership away before this broker stops (kafka.server.KafkaServer.controlledShutdown). */
import { Connection, type Connect } from '../../client/connection';
import { errorForCode } from '../../protocol';
import { controlledShutdown } from '../../protocol/apis';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { BrokerConfig } from '../../settings/broker-config';
import type { MetadataCache } from '../metadata/metadata-cache';
import { waitForMetadata } from './metadata-wait';

export interface ShutdownRequestOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metadata: MetadataCache;
  readonly config: BrokerConfig;
  readonly brokerId: number;
  readonly listenerName: string;
  /** Left out: a real connection. */
  readonly connect?: Connect;
  brokerEpoch(): number;
}

const VERSION = 3;

/** False when the controller could not be asked, or partitions remain; the broker stops all the same. */
export async function requestControlledShutdown(options: ShutdownRequestOptions): Promise<boolean> {
  const { logger, config } = options;
  logger.info('Starting controlled shutdown');
  const attempts = config.int('controlled.shutdown.max.retries');
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      if (await askOnce(options)) {
        logger.info('Controlled shutdown request returned successfully');
        return true;
      }
    } catch (error) {
      logger.warn(
        `Error during controlled shutdown, possibly because leader movement took longer than the request timeout: ${(error as Error).message}`,
      );
    }
    if (attempt === attempts) break;
    if (isAlone(options)) {
      logger.info('No other broker is alive that could take over leadership; going on');
      return false;
    }
    logger.warn('Retrying controlled shutdown after the previous attempt failed...');
    await waitForOtherController(options, config.long('controlled.shutdown.retry.backoff.ms'));
  }
  logger.warn('Proceeding to do an unclean shutdown as all the controlled shutdown attempts failed');
  return false;
}

function isAlone({ metadata, brokerId }: ShutdownRequestOptions): boolean {
  return [...metadata.liveBrokers.keys()].every((id) => id === brokerId);
}

/** Until another controller or another set of brokers is known, which is worth asking again; else for the time given. */
async function waitForOtherController({ metadata, clock }: ShutdownRequestOptions, timeoutMs: number): Promise<void> {
  const { controllerId } = metadata;
  const brokers = metadata.liveBrokers.size;
  const changed = (): boolean => metadata.controllerId !== controllerId || metadata.liveBrokers.size !== brokers;
  await waitForMetadata(metadata, clock, timeoutMs, changed);
}

async function askOnce(options: ShutdownRequestOptions): Promise<boolean> {
  const { clock, logger, metadata, config, brokerId, listenerName } = options;
  const { controllerId } = metadata;
  const endpoint = controllerId === null ? null : metadata.endpoint(controllerId, listenerName);
  if (endpoint === null) throw new Error('this broker knows no controller');
  const timeoutMs = config.int('controller.socket.timeout.ms');
  const connect = options.connect ?? Connection.open;
  const connection = await connect({
    host: endpoint.host,
    port: endpoint.port,
    clientId: String(brokerId),
    connectTimeoutMs: timeoutMs,
    requestTimeoutMs: timeoutMs,
    clock,
  });
  try {
    const response = await connection.send(controlledShutdown, VERSION, {
      brokerId,
      brokerEpoch: options.brokerEpoch(),
    });
    if (response.errorCode === 0 && response.remainingPartitions.length === 0) return true;
    const remaining = response.remainingPartitions.map(
      ({ topicName, partitionIndex }) => `${topicName}-${partitionIndex}`,
    );
    logger.info(`Remaining partitions to move: ${remaining.slice(0, 50).join(',')}`);
    logger.info(`Error from controller: ${errorForCode(response.errorCode).name}`);
    return false;
  } finally {
    connection.close();
  }
}
