/** A broker from the text of its configuration: what main.ts and the embedded cluster start. */
import type { Logger } from '../runtime/logger';
import { BrokerConfig } from '../settings';
import { KafkaServer } from './server';

/**
 * @param properties keys and values as in server.properties
 * @param onFatal called when the broker cannot go on
 * @throws ConfigException naming key, value and what is allowed
 */
export function createServer(
  properties: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
  logger: Logger,
  onFatal?: (why: string) => void,
): KafkaServer {
  const config = BrokerConfig.parse(properties, logger.for('kafka.server.KafkaConfig'));
  return new KafkaServer({ config, logger, onFatal });
}
