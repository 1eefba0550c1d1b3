/** What all logs of a broker share, given to each by the log manager. */
import type { Logger } from '../../runtime/logger';
import type { Log } from './log';
import type { SegmentEnvironment } from './segment';
import type { TailCache } from './tail-cache';

export interface LogEnvironment extends SegmentEnvironment {
  logger: Logger;
  tailCache: TailCache;
  /** producer.id.expiration.ms */
  producerExpirationMs: number;
  /** A file operation in this log directory failed: the directory is to be taken offline. */
  storageFailed(logDirectory: string, text: string, cause: unknown): void;
  /** A truncation lowered the log's recovery point: its checkpoint must not stay above it for long. */
  recoveryPointLowered(log: Log): void;
  /** Removes these files after a delay (file.delete.delay.ms), so that reads under way can end. */
  removeLater(paths: readonly string[], delayMs: number): void;
}
