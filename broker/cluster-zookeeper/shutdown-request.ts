/**
 * Asks the controller to move leadership away before this broker stops (kafka.server.KafkaServer.controlledShutdown), with
 * Kafka's number of attempts, pause between them and words in the log. Only that a pause ends when there is another
 * controller or another set of brokers, and that nobody is asked again when no other broker is left.
 * Brokers that all stop at once find nobody to lead in their place: then the last attempt fails, here as there, and what
 * "unclean" means is only that leadership was not handed over; logs are flushed and closed as always.
 */
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
/** Of the partitions that remain, so many are named. */
const NAMED = 20;

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
    await waitForOtherController(options, config.long('controlled.shutdown.retry.backoff.ms'));
    logger.info(`Retrying controlled shutdown (${attempts - attempt} retries remaining)`);
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
    const { errorCode, remainingPartitions } = response;
    if (errorCode !== 0) {
      logger.info(`Controlled shutdown request returned with error ${errorForCode(errorCode).name}`);
      return false;
    }
    if (remainingPartitions.length === 0) return true;
    const names = remainingPartitions.slice(0, NAMED).map((each) => `${each.topicName}-${each.partitionIndex}`);
    const more = remainingPartitions.length > NAMED ? ', …' : '';
    logger.info(
      `Controlled shutdown request returned with ${remainingPartitions.length} partitions remaining to move: ` +
        `${names.join(', ')}${more}`,
    );
    return false;
  } finally {
    connection.close();
  }
}
