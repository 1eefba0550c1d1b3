/** What IncrementalAlterConfigs may do to the loggers of a broker (org.apache.kafka.server.logger.RuntimeLoggerManager). */
import { KafkaError } from '../../../protocol';
import { type LogLevelName, logLevelNames, type LogLevels, ROOT_LOGGER } from '../../../runtime/log-levels';
import type { Logger } from '../../../runtime/logger';
import { AlterOperation } from '../../../settings/alter';

interface LoggerChange {
  /** Of the logger. */
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

/** @throws KafkaError for the first change that is not possible; none must be applied then */
export function checkLoggerChanges(levels: LogLevels, changes: readonly LoggerChange[]): void {
  for (const { name, configOperation, value } of changes) {
    if (configOperation !== AlterOperation.SET && configOperation !== AlterOperation.DELETE) {
      const known = Object.entries(AlterOperation).find(([, code]) => code === configOperation)?.[0];
      const operation = known ? `${known} operation` : `Unknown operation type ${configOperation}`;
      throw new KafkaError('INVALID_REQUEST', `${operation} is not allowed for the BROKER_LOGGER resource`);
    }
    if (!levels.has(name)) throw new KafkaError('INVALID_CONFIG', `Logger ${name} does not exist!`);
    if (configOperation === AlterOperation.DELETE) {
      if (name !== ROOT_LOGGER) continue;
      throw new KafkaError('INVALID_REQUEST', `Removing the log level of the ${ROOT_LOGGER} logger is not allowed`);
    }
    if (!isLevel(value)) {
      const valid = logLevelNames.toSorted().join(', ');
      const text = `Cannot set the log level of ${name} to ${value} as it is not a supported log level.`;
      throw new KafkaError('INVALID_CONFIG', `${text} Valid log levels are ${valid}`);
    }
  }
}

/** Applies what was checked. @param logger says, as a warning, what was changed */
export function applyLoggerChanges(levels: LogLevels, changes: readonly LoggerChange[], logger: Logger): void {
  for (const { name, configOperation, value } of changes) {
    if (configOperation === AlterOperation.DELETE) {
      levels.unset(name);
      logger.warn(`Unset the log level of ${name}`);
    } else if (isLevel(value)) {
      levels.set(name, value);
      logger.warn(`Updated the log level of ${name} to ${value}`);
    }
  }
}

function isLevel(text: string | null): text is LogLevelName {
  return (logLevelNames as readonly (string | null)[]).includes(text);
}
