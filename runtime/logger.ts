/**
 * Log lines in the shape of Kafka's own, so that people find what they know from its server.log:
 * `[2026-01-31 12:00:00,000] INFO [KafkaServer id=0] started (kafka.server.KafkaServer)`
 */
import winston from 'winston';

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
}

class WinstonLogger implements Logger {
  constructor(
    private readonly sink: winston.Logger,
    private readonly name: string,
    private readonly prefix: string,
  ) {}

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
    if (this.sink.isDebugEnabled()) this.write('debug', text);
  }

  for(name: string, prefix = ''): Logger {
    return new WinstonLogger(this.sink, name, prefix);
  }

  private write(level: LogLevel, text: string, cause?: unknown): void {
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
  /** Lines below this level are dropped; `info` when left out. */
  level?: LogLevel;
  /** Writes to this file instead of the console. */
  file?: string;
}

/** A logger that writes to standard output, or to a file. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const transport = options.file
    ? new winston.transports.File({ filename: options.file })
    : new winston.transports.Console({ forceConsole: false });
  const sink = winston.createLogger({ level: options.level ?? 'info', format: kafkaLayout, transports: [transport] });
  return new WinstonLogger(sink, 'gregor', '');
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  for: () => silentLogger,
};
