import { logLevel } from 'kafkajs';
import { kafkaJsLog } from '../../../coordinator/kafka-js-log';
import type { Logger } from '../../../runtime/logger';
import { ManualClock } from '../../../runtime/manual-clock';

describe('the log lines of kafkajs', () => {
  const lines: string[] = [];
  const logger: Logger = {
    error: (text) => void lines.push(`error ${text}`),
    warn: (text) => void lines.push(`warn ${text}`),
    info: (text) => void lines.push(`info ${text}`),
    debug: (text) => void lines.push(`debug ${text}`),
    for: () => logger,
  };
  let clock: ManualClock;
  let write: (level: logLevel, message: string, more?: Record<string, unknown>) => void;

  beforeEach(() => {
    lines.length = 0;
    clock = new ManualClock();
    const log = kafkaJsLog(logger, clock)(logLevel.INFO);
    write = (level, message, more = {}) =>
      log({ namespace: 'Connection', level, label: 'X', log: { timestamp: '', message, ...more } });
  });

  it('are for debugging, but for errors', () => {
    write(logLevel.INFO, 'joined');
    write(logLevel.WARN, 'rebalancing');
    write(logLevel.ERROR, 'Connection timeout', { broker: 'localhost:9092' });
    expect(lines).toEqual([
      'debug [Connection] joined',
      'debug [Connection] rebalancing',
      'warn [Connection] Connection timeout localhost:9092',
    ]);
  });

  it('are told aloud once a minute when they repeat themselves', () => {
    write(logLevel.ERROR, 'no');
    clock.advance(59_999);
    write(logLevel.ERROR, 'no');
    write(logLevel.ERROR, 'neither');
    clock.advance(1);
    write(logLevel.ERROR, 'no');
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn [Connection] no',
      'warn [Connection] neither',
      'warn [Connection] no',
    ]);
  });
});
