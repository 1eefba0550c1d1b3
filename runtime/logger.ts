/**
 * Log lines in the shape of Kafka's own, so that people find what they know from its server.log:
 * `[2026-01-31 12:00:00,000] INFO [KafkaServer id=0] started (kafka.server.KafkaServer)`
 */
import winston from 'winston';
import { type LogLevelName, LogLevels, type LogThreshold } from './log-levels';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface Logger {
  error(text: string, cause?: unknown): void;
  warn(text: string, cause?: unknown): void;
  info(text: string): void;
  debug(text: string): void;
  /**
   * A logger for one part of the broker.
   * @param name Kafka's logger name, e.g. `kafka.server.KafkaServer`
   * @param prefix what Kafka puts before the text, e.g. `[KafkaServer id=0] `; empty when left out
   */
  for(name: string, prefix?: string): Logger;
  /** Levels of this logger and all that descend from it; undefined where there is nothing to change. */
  readonly levels?: LogLevels;
}

const nameOf: Record<LogLevel, LogLevelName> = { error: 'ERROR', warn: 'WARN', info: 'INFO', debug: 'DEBUG' };

class WinstonLogger implements Logger {
  private readonly threshold: LogThreshold;

  constructor(
    private readonly sink: winston.Logger,
    readonly levels: LogLevels,
    private readonly name: string,
    private readonly prefix: string,
  ) {
    this.threshold = levels.register(name);
  }

  error(text: string, cause?: unknown): void {
    this.write('error', text, cause);
  }

  warn(text: string, cause?: unknown): void {
    this.write('warn', text, cause);
  }

  info(text: string): void {
    this.write('info', text);
  }

  debug(text: string): void {
    this.write('debug', text);
  }

  for(name: string, prefix = ''): Logger {
    return new WinstonLogger(this.sink, this.levels, name, prefix);
  }

  private write(level: LogLevel, text: string, cause?: unknown): void {
    if (!this.threshold.writes(nameOf[level])) return;
    const tail = cause === undefined ? '' : `\n${describe(cause)}`;
    this.sink.log({ level, message: `${this.prefix}${text} (${this.name})${tail}` });
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** `2026-01-31 12:00:00,000`: log4j's %d pattern, in local time. */
export function log4jTimestamp(date: Date): string {
  const day = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  const time = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`;
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const kafkaLayout = winston.format.printf(
  ({ level, message }) => `[${log4jTimestamp(new Date())}] ${level.toUpperCase()} ${String(message)}`,
);

export interface LoggerOptions {
  /** The root's level: lines below it are dropped until `levels` says otherwise; `info` when left out. */
  level?: LogLevel;
  /** Writes to this file instead of the console. */
  file?: string;
}

/** A logger that writes to standard output, or to a file. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const transport = options.file
    ? new winston.transports.File({ filename: options.file })
    : new winston.transports.Console({ forceConsole: false });
  const sink = winston.createLogger({ level: 'debug', format: kafkaLayout, transports: [transport] });
  return new WinstonLogger(sink, new LogLevels(nameOf[options.level ?? 'info']), 'gregor', '');
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  for: () => silentLogger,
};
