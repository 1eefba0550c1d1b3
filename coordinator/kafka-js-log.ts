/**
 * kafkajs' log lines through our logger, as debug: what matters reaches whoever asked as a rejected promise, and a broker
 * that is away would otherwise fill the log. What it calls an error is also told aloud, but each text once a minute only.
 */
import { type logCreator, logLevel } from 'kafkajs';
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';

const SAME_TEXT_EVERY_MS = 60_000;
const REMEMBERED_TEXTS = 200;

export function kafkaJsLog(logger: Logger, clock: Clock): logCreator {
  const toldAtMs = new Map<string, number>();

  const isNew = (text: string): boolean => {
    const nowMs = clock.monotonicMs();
    const lastMs = toldAtMs.get(text);
    if (lastMs !== undefined && nowMs - lastMs < SAME_TEXT_EVERY_MS) return false;
    toldAtMs.delete(text);
    toldAtMs.set(text, nowMs);
    const [oldest] = toldAtMs.keys();
    if (toldAtMs.size > REMEMBERED_TEXTS && oldest !== undefined) toldAtMs.delete(oldest);
    return true;
  };

  return () =>
    ({ namespace, level, log }) => {
      const broker: unknown = log['broker'];
      const error: unknown = log['error'];
      const details = [broker, error].filter((detail) => typeof detail === 'string' && !log.message.includes(detail));
      const text = [`[${namespace}] ${log.message}`, ...details].join(' ');
      if (level === logLevel.ERROR && isNew(text)) logger.warn(text);
      else logger.debug(text);
    };
}
