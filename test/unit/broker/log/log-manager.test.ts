import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { defaultLogConfig, LogManager, readMetaProperties, type LogDirectoryFailure } from '../../../../broker/log';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { systemDisk } from '../../../../runtime/disk';
import { wireErrorOf } from '../../../../protocol/errors';
import { eventually } from '../../../support/eventually';
import { diskError, FailingDisk } from './failing-disk';
import { batchOf, filesOf, open, partition, readAll, reopen, temporaryDirectory, toEnd } from './support';

const topicPartition = (index: number): { topic: string; partition: number } => ({ topic: 'many', partition: index });

function errorOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return wireErrorOf(error).name;
  }
}

describe('a log directory', () => {
  it('serves one log manager at a time', async () => {
    const opened = await open();
    await expect(open({ directory: opened.directory })).rejects.toThrow('is held by this process');
    const again = await reopen(opened);
    expect(again.manager.liveLogDirs).toEqual([opened.directory]);
  });

  it('may be named once', async () => {
    const directory = temporaryDirectory();
    await expect(open({ logDirs: [directory, join(directory, '.')] })).rejects.toThrow('Duplicate log directory');
    const opened = await open({ directory });
    expect(opened.manager.liveLogDirs).toHaveLength(1);
  });

  it('is made when missing, and signed with broker and cluster', async () => {
    const directory = join(temporaryDirectory(), 'deep', 'below');
    const { clock } = await open({ directory, brokerId: 3, clusterId: 'TP9cSBN7ShaBGIn-e4c3tw' });
    expect(clock.nowMs()).toBe(1_700_000_000_000);
    expect(readFileSync(join(directory, 'meta.properties'), 'latin1')).toBe(
      '#\n#Tue Nov 14 22:13:20 UTC 2023\nbroker.id=3\ncluster.id=TP9cSBN7ShaBGIn-e4c3tw\nversion=0\n',
    );
    const identity = { logDir: directory, brokerId: 3, clusterId: 'TP9cSBN7ShaBGIn-e4c3tw' };
    expect(LogManager.readIdentities([directory, temporaryDirectory()])).toEqual([identity]);
  });

  it('that cannot be made is refused', async () => {
    await expect(open({ logDirs: ['/proc/nope'] })).rejects.toThrow(
      'None of the log directories can be used: /proc/nope',
    );
  });

  it('of KRaft is refused', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'meta.properties'), 'version=1\nnode.id=1\n');
    expect(() => readMetaProperties(systemDisk, directory)).toThrow('KRaft');
  });

  it('gets the next log when it has the fewest', async () => {
    const directories = [temporaryDirectory(), temporaryDirectory()];
    const { manager } = await open({ logDirs: directories });
    for (let index = 0; index < 5; index++) manager.getOrCreate(topicPartition(index), { isNew: true });
    expect(directories.map((directory) => readdirSync(directory).filter((name) => /-\d+$/.test(name)).length)).toEqual([
      3, 3,
    ]);
  });

  it('keeps high watermarks, recovery points and log starts in files like Kafka’s', async () => {
    const opened = await open();
    for (const value of ['a', 'b', 'c']) opened.log.appendAsLeader(batchOf([value]), 0);
    opened.log.updateHighWatermark(2);
    opened.log.maybeIncrementLogStartOffset(1);
    await opened.manager.writeHighWatermarks();
    await opened.manager.checkpointLogStartOffsets();
    const content = (name: string): string => readFileSync(join(opened.directory, name), 'utf8');
    expect(content('replication-offset-checkpoint')).toBe('0\n1\norders 0 2\n');
    expect(content('log-start-offset-checkpoint')).toBe('0\n1\norders 0 1\n');
    const { log, manager } = await reopen(opened);
    expect(content('recovery-point-offset-checkpoint')).toBe('0\n1\norders 0 3\n');
    expect([log.highWatermark, log.logStartOffset]).toEqual([2, 1]);
    expect(manager.checkpointedHighWatermark(opened.directory, partition)).toBe(2);
    expect(manager.checkpointedHighWatermark(opened.directory, topicPartition(1))).toBeNull();
  });

  it('that both hold the same partition are refused', async () => {
    const directories = [temporaryDirectory(), temporaryDirectory()];
    for (const directory of directories) mkdirSync(join(directory, 'orders-0'));
    await expect(open({ logDirs: directories })).rejects.toThrow('Duplicate log directories for orders-0');
  });
});

describe('a log directory whose disk fails', () => {
  async function twoDirectories(
    disk: FailingDisk,
  ): Promise<Awaited<ReturnType<typeof open>> & { failures: LogDirectoryFailure[] }> {
    const opened = await open({ logDirs: [temporaryDirectory(), temporaryDirectory()], disk });
    const failures: LogDirectoryFailure[] = [];
    opened.manager.onLogDirFailure((failure) => failures.push(failure));
    return { ...opened, failures };
  }

  it('goes offline with its logs, and the others go on', async () => {
    const disk = new FailingDisk();
    const { manager, log, failures } = await twoDirectories(disk);
    const other = manager.getOrCreate(topicPartition(1), { isNew: true });
    expect(other.parentDir).not.toBe(log.parentDir);
    log.appendAsLeader(batchOf(['before']), 0);
    disk.breakDirectory(log.parentDir);
    expect(errorOf(() => log.appendAsLeader(batchOf(['lost']), 0))).toBe('KAFKA_STORAGE_ERROR');
    expect(errorOf(() => log.read(0, 100, toEnd))).toBe('KAFKA_STORAGE_ERROR');
    expect(manager.get(partition)).toBeNull();
    expect(manager.isOffline(partition)).toBe(true);
    await Promise.resolve();
    expect(failures).toEqual([{ logDir: log.parentDir, topicPartitions: [partition], liveLogDirs: [other.parentDir] }]);
    expect(other.appendAsLeader(batchOf(['fine']), 0).firstOffset).toBe(0);
    expect(manager.offlineLogDirs).toEqual([log.parentDir]);
  });

  it('may hold what a broker does not find: only new partitions are made then', async () => {
    const disk = new FailingDisk();
    const { manager, log } = await twoDirectories(disk);
    disk.breakDirectory(log.parentDir);
    expect(errorOf(() => log.appendAsLeader(batchOf(['lost']), 0))).toBe('KAFKA_STORAGE_ERROR');
    expect(errorOf(() => manager.getOrCreate(topicPartition(5), {}))).toBe('KAFKA_STORAGE_ERROR');
    expect(manager.getOrCreate(topicPartition(5), { isNew: true }).logEndOffset).toBe(0);
  });

  it('that is full leaves no half batch behind', async () => {
    const disk = new FailingDisk();
    const opened = await open({ disk });
    opened.log.appendAsLeader(batchOf(['before']), 0);
    const size = opened.log.sizeBytes;
    disk.before = (operation, path) => {
      if (operation === 'write' && path.endsWith('.log')) throw diskError('ENOSPC', operation, path);
    };
    expect(errorOf(() => opened.log.appendAsLeader(batchOf(['too much']), 0))).toBe('KAFKA_STORAGE_ERROR');
    expect(readFileSync(join(opened.log.dir, '00000000000000000000.log')).length).toBe(size);
  });

  it('when it is read fails that read and goes offline', async () => {
    const disk = new FailingDisk();
    const opened = await open({ disk });
    opened.log.appendAsLeader(batchOf(['a']), 0);
    const { log, manager } = await reopen(opened, { disk });
    disk.breakDirectory(opened.directory);
    await expect(log.read(0, 100, toEnd)).rejects.toMatchObject({ error: { name: 'KAFKA_STORAGE_ERROR' } });
    expect(manager.liveLogDirs).toEqual([]);
  });

  it('at the start is left out when another one works', async () => {
    const disk = new FailingDisk();
    const directories = [temporaryDirectory(), temporaryDirectory()] as const;
    disk.breakDirectory(directories[0]);
    const { manager } = await open({ logDirs: directories, disk });
    expect(manager.liveLogDirs).toEqual([directories[1]]);
    disk.breakDirectory('/');
    await expect(open({ logDirs: [temporaryDirectory()], disk })).rejects.toThrow('None of the log directories');
  });
});

describe('deleting a log', () => {
  it('takes it away at once and its files after a while', async () => {
    const { manager, log, clock, directory } = await open({ config: { fileDeleteDelayMs: 60_000 } });
    log.appendAsLeader(batchOf(['a']), 0);
    manager.delete(partition);
    expect(manager.get(partition)).toBeNull();
    expect(errorOf(() => log.appendAsLeader(batchOf(['b']), 0))).toBe('KAFKA_STORAGE_ERROR');
    const renamed = readdirSync(directory).find((name) => name.startsWith('orders'));
    expect(renamed).toMatch(/^orders-0\.[0-9a-f]{32}-delete$/);
    const again = manager.getOrCreate(partition, { isNew: true });
    expect(again.logEndOffset).toBe(0);
    again.appendAsLeader(batchOf(['new']), 0);
    await clock.advanceAsync(60_000);
    await manager.shutdown({ clean: true });
    expect(existsSync(join(directory, renamed as string))).toBe(false);
    expect(filesOf(again)).toContain('00000000000000000000.log');
  });

  it('goes on after a restart', async () => {
    const opened = await open();
    opened.manager.delete(partition);
    const { manager, clock, directory } = await reopen(opened);
    expect(readdirSync(directory).filter((name) => name.endsWith('-delete'))).toHaveLength(1);
    await clock.advanceAsync(60_000);
    await manager.shutdown({ clean: true });
    expect(readdirSync(directory).filter((name) => name.endsWith('-delete'))).toHaveLength(0);
  });

  it('of a topic with a long name keeps the directory’s name short enough', async () => {
    const { manager, directory } = await open();
    const long = { topic: 't'.repeat(249), partition: 0 };
    manager.getOrCreate(long, { isNew: true });
    manager.delete(long);
    const name = readdirSync(directory).find((entry) => entry.endsWith('-delete')) as string;
    expect(basename(name).length).toBeLessThanOrEqual(255);
  });

  it('forgets what the checkpoints said of it', async () => {
    const opened = await open();
    for (const value of ['a', 'b']) opened.log.appendAsLeader(batchOf([value]), 0);
    opened.log.updateHighWatermark(2);
    await opened.manager.writeHighWatermarks();
    const { manager, directory } = await reopen(opened);
    manager.delete(partition);
    expect(manager.checkpointedHighWatermark(directory, partition)).toBeNull();
  });
});

describe('periodic work', () => {
  it('applies retention every five minutes and flushes by flush.ms', async () => {
    const clock = new ManualClock();
    const config = { retentionMs: 60_000, flushMs: 5_000 };
    const { log } = await open({ clock, config, settings: { flushCheckMs: 1_000 } });
    log.appendAsLeader(batchOf(['old'], { timestamp: BigInt(clock.nowMs()) }), 0);
    log.updateHighWatermark(1);
    await clock.advanceAsync(400_000);
    expect([log.logStartOffset, log.logEndOffset]).toEqual([1, 1]);
    // The flush itself is the disk's, which takes real time.
    await eventually('the flush', () => log.recoveryPoint === 1);
  });

  it('takes topic configuration as it changes', async () => {
    const { manager, log } = await open({ topicConfigs: new Map([['orders', { 'retention.ms': '5' }]]) });
    expect(log.config.retentionMs).toBe(5);
    manager.updateDefaults({ ...defaultLogConfig, segmentBytes: 77 });
    expect([log.config.retentionMs, log.config.segmentBytes]).toEqual([5, 77]);
    manager.updateTopicConfig('orders', {});
    expect(log.config.retentionMs).toBe(defaultLogConfig.retentionMs);
  });

  it('leaves no timer behind', async () => {
    const { manager, clock } = await open();
    for (let index = 0; index < 50; index++) manager.getOrCreate(topicPartition(index), { isNew: true });
    expect(clock.pendingTimers).toBeLessThan(10);
    await manager.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('many logs', () => {
  it('hold few files open', async () => {
    const opened = await open({ settings: { maxOpenFiles: 10 } });
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 30; index++) {
        opened.manager.getOrCreate(topicPartition(index), { isNew: true }).appendAsLeader(batchOf([`${round}`]), 0);
      }
    }
    expect(opened.manager.openFiles).toBeLessThanOrEqual(10);
    const { manager } = await reopen(opened, { settings: { maxOpenFiles: 10, tailCacheBytes: 0 } });
    expect(manager.openFiles).toBe(0);
    const logs = manager.allLogs().filter((log) => log.topicPartition.topic === 'many');
    const values = await Promise.all(logs.map((log) => readAll(log)));
    expect(values).toEqual(Array.from({ length: 30 }, () => ['0', '1']));
    expect(manager.openFiles).toBeLessThanOrEqual(10);
  });

  it('are all there after a restart, the same bytes', async () => {
    const opened = await open();
    const digest = (): string => {
      const hash = createHash('sha256');
      for (let index = 0; index < 20; index++) {
        hash.update(readFileSync(join(opened.directory, `many-${index}`, '00000000000000000000.log')));
      }
      return hash.digest('hex');
    };
    for (let index = 0; index < 20; index++) {
      opened.manager.getOrCreate(topicPartition(index), { isNew: true }).appendAsLeader(batchOf([`v${index}`]), 0);
    }
    const before = digest();
    const { manager } = await reopen(opened, { logger: silentLogger });
    expect(manager.allLogs()).toHaveLength(21);
    expect(digest()).toBe(before);
  });
});
