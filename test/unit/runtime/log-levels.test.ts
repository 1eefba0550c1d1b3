/** Levels of loggers that change while they are in use, and the lines that come of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogLevels } from '../../../runtime/log-levels';
import { createLogger } from '../../../runtime/logger';
import { eventually } from '../../support/eventually';

test('a logger without a level of its own takes that of its nearest ancestor, at last the root', () => {
  const levels = new LogLevels('WARN');
  const sockets = levels.register('kafka.network.SocketServer');
  levels.register('kafka.networking');
  levels.set('kafka.network', 'DEBUG');
  expect(Object.fromEntries(levels.all())).toEqual({
    root: 'WARN',
    'kafka.network.SocketServer': 'DEBUG',
    'kafka.networking': 'WARN',
  });
  expect([sockets.writes('DEBUG'), sockets.writes('TRACE')]).toEqual([true, false]);
  levels.unset('kafka.network');
  levels.set('root', 'ERROR');
  expect([sockets.writes('ERROR'), sockets.writes('WARN')]).toEqual([true, false]);
  expect(levels.register('kafka.network.SocketServer')).toBe(sockets);
  expect(() => levels.unset('root')).toThrow('the root logger needs a level');
});

test('a logger writes what its level lets through, as soon as the level has changed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gregor-log-levels-'));
  try {
    const file = join(directory, 'server.log');
    const root = createLogger({ file });
    const fetcher = root.for('kafka.server.ReplicaFetcherThread', '[Fetcher] ');
    const other = root.for('kafka.log.UnifiedLog');
    fetcher.debug('one');
    root.levels?.set('kafka.server.ReplicaFetcherThread', 'DEBUG');
    fetcher.debug('two');
    other.debug('three');
    root.levels?.set('root', 'ERROR');
    fetcher.info('four');
    other.warn('five');
    other.error('six');
    const lines = await eventually('the last line', () => {
      const text = readFileSync(file, 'utf8');
      if (!text.includes('six')) throw new Error(`only this was written: ${text}`);
      return text.trimEnd().split('\n');
    });
    expect(lines.map((line) => line.replace(/^\[.*?\] /, ''))).toEqual([
      'DEBUG [Fetcher] two (kafka.server.ReplicaFetcherThread)',
      'INFO [Fetcher] four (kafka.server.ReplicaFetcherThread)',
      'ERROR six (kafka.log.UnifiedLog)',
    ]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
