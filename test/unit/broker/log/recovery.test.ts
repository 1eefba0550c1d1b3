import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  batchOf,
  filesOf,
  open,
  partition,
  readAll,
  reopen,
  sequenced,
  type OpenOptions,
  type Opened,
} from './support';

const small: OpenOptions = { config: { segmentBytes: 400, indexIntervalBytes: 100 } };

async function filled(count: number, options: OpenOptions = small): Promise<Opened> {
  const opened = await open(options);
  for (let index = 0; index < count; index++) opened.log.appendAsLeader(batchOf([`value ${index}`]), 0);
  return opened;
}

const values = (count: number): string[] => Array.from({ length: count }, (_, index) => `value ${index}`);

describe('after a clean stop', () => {
  it('everything is there and the marker is gone while the broker runs', async () => {
    const opened = await filled(20);
    await opened.manager.shutdown({ clean: true });
    const marker = join(opened.directory, '.kafka_cleanshutdown');
    expect(readFileSync(marker, 'utf8')).toBe('{"version":0,"brokerEpoch":-1}');
    const { log } = await open({ ...small, directory: opened.directory });
    expect(existsSync(marker)).toBe(false);
    expect(await readAll(log)).toEqual(values(20));
    expect(log.recoveryPoint).toBe(20);
  });

  it('indexes hold their entries and nothing else', async () => {
    const opened = await filled(20, { config: { indexIntervalBytes: 100 } });
    await opened.manager.shutdown({ clean: true });
    const file = (suffix: string): Buffer => readFileSync(join(opened.log.dir, `00000000000000000000${suffix}`));
    const entries: number[][] = [];
    const index = file('.index');
    for (let at = 0; at < index.length; at += 8) entries.push([index.readInt32BE(at), index.readInt32BE(at + 4)]);
    const batchBytes = opened.log.sizeBytes / 20;
    expect(batchBytes).toBeGreaterThan(70);
    expect(entries).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18].map((offset) => [offset, expect.any(Number)]));
    expect(file('.timeindex').length % 12).toBe(0);
  });

  it('an index file that is missing is made again', async () => {
    const opened = await filled(20);
    await opened.manager.shutdown({ clean: true });
    const path = join(opened.log.dir, '00000000000000000000.index');
    const before = readFileSync(path);
    expect(before.length).toBeGreaterThan(0);
    rmSync(path);
    const { log } = await open({ ...small, directory: opened.directory });
    expect(await readAll(log)).toEqual(values(20));
    expect(readFileSync(path)).toEqual(before);
  });

  it('an index without its log is removed', async () => {
    const opened = await filled(2);
    await opened.manager.shutdown({ clean: true });
    const stray = join(opened.log.dir, '00000000000000000099.index');
    writeFileSync(stray, Buffer.alloc(8));
    await open({ ...small, directory: opened.directory });
    expect(existsSync(stray)).toBe(false);
  });
});

describe('after kill -9', () => {
  it('nothing that was appended is lost', async () => {
    const opened = await filled(50);
    const { log } = await reopen(opened, { ...small, clean: false });
    expect(await readAll(log)).toEqual(values(50));
    expect(log.latestEpoch).toBe(0);
  });

  it('the indexes are what an undisturbed log has', async () => {
    const opened = await filled(50);
    const { log, manager } = await reopen(opened, { ...small, clean: false });
    await manager.shutdown({ clean: true });
    const undisturbed = await filled(50);
    await undisturbed.manager.shutdown({ clean: true });
    const indexes = filesOf(log).filter((name) => name.endsWith('index'));
    expect(indexes).toEqual(filesOf(undisturbed.log).filter((name) => name.endsWith('index')));
    for (const name of indexes) {
      expect([name, readFileSync(join(log.dir, name))]).toEqual([name, readFileSync(join(undisturbed.log.dir, name))]);
    }
  });

  it('a torn last batch is cut off, wherever it is torn', async () => {
    const whole = batchOf(['torn']);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length - 1 }), async (keptBytes) => {
        const opened = await filled(5);
        await opened.manager.shutdown({ clean: false });
        const file = join(
          opened.log.dir,
          filesOf(opened.log)
            .filter((name) => name.endsWith('.log'))
            .at(-1) as string,
        );
        const size = statSync(file).size;
        appendFileSync(file, whole.subarray(0, keptBytes));
        const { log, manager } = await open({ ...small, directory: opened.directory });
        expect(log.logEndOffset).toBe(5);
        expect(statSync(file).size).toBe(size);
        log.appendAsLeader(batchOf(['value 5']), 1);
        expect(await readAll(log)).toEqual(values(6));
        await manager.shutdown({ clean: false });
      }),
      { numRuns: 12 },
    );
  });

  it('the log ends before the first damaged batch, and later segments go', async () => {
    const opened = await filled(20);
    await opened.manager.shutdown({ clean: false });
    const logs = filesOf(opened.log).filter((name) => name.endsWith('.log'));
    expect(logs.length).toBeGreaterThan(3);
    const damaged = join(opened.log.dir, logs[1] as string);
    const bytes = readFileSync(damaged);
    bytes[bytes.length - 1] = 0xff;
    writeFileSync(damaged, bytes);
    const { log } = await open({ ...small, directory: opened.directory });
    const end = Number.parseInt(logs[2] as string, 10) - 1;
    expect(log.logEndOffset).toBe(end);
    expect(log.segmentCount).toBe(2);
    expect(await readAll(log)).toEqual(values(end));
  });

  it('zeros at the end, as a file system may leave them, are cut off', async () => {
    const opened = await filled(3);
    await opened.manager.shutdown({ clean: false });
    const file = join(opened.log.dir, '00000000000000000000.log');
    truncateSync(file, statSync(file).size + 5000);
    const { log } = await open({ ...small, directory: opened.directory });
    expect(await readAll(log)).toEqual(values(3));
  });

  it('indexes that Kafka preallocated with zeros are rebuilt', async () => {
    const opened = await filled(3);
    await opened.manager.shutdown({ clean: false });
    writeFileSync(join(opened.log.dir, '00000000000000000000.index'), Buffer.alloc(10_485_760));
    writeFileSync(join(opened.log.dir, '00000000000000000000.timeindex'), Buffer.alloc(10_485_756));
    const { log } = await open({ ...small, directory: opened.directory });
    log.appendAsLeader(batchOf(['value 3']), 0);
    expect(await readAll(log)).toEqual(values(4));
    expect(await log.fetchOffsetByTimestamp(1000n)).toMatchObject({ offset: 0 });
  });

  it('segments below the recovery point are not read', async () => {
    const opened = await filled(20);
    await opened.log.flush();
    await opened.manager.checkpointRecoveryPoints();
    await opened.manager.shutdown({ clean: false });
    const first = join(opened.log.dir, '00000000000000000000.log');
    const bytes = readFileSync(first);
    bytes[bytes.length - 1] = 0xff;
    writeFileSync(first, bytes);
    const { log } = await open({ ...small, directory: opened.directory });
    expect(log.logEndOffset).toBe(20);
  });

  it('leader epochs that the checkpoint lost are found in the batches', async () => {
    const opened = await open(small);
    for (let epoch = 0; epoch < 4; epoch++) opened.log.appendAsLeader(batchOf([`value ${epoch}`]), epoch * 2);
    await opened.manager.shutdown({ clean: false });
    rmSync(join(opened.log.dir, 'leader-epoch-checkpoint'));
    const { log } = await open({ ...small, directory: opened.directory });
    expect(log.endOffsetForEpoch(3)).toEqual({ epoch: 2, endOffset: 2 });
    expect(log.latestEpoch).toBe(6);
  });

  it('refuses, rather than cuts off, message sets of before Kafka 0.11', async () => {
    const opened = await filled(1);
    await opened.manager.shutdown({ clean: false });
    const legacy = Buffer.alloc(34);
    legacy.writeInt32BE(22, 8);
    legacy[16] = 1;
    appendFileSync(join(opened.log.dir, '00000000000000000000.log'), legacy);
    await expect(open({ ...small, directory: opened.directory })).rejects.toThrow('before v2');
    expect(statSync(join(opened.log.dir, '00000000000000000000.log')).size).toBeGreaterThan(legacy.length);
  });
});

describe('files of interrupted work', () => {
  it('on their way out are removed', async () => {
    const opened = await filled(3);
    await opened.manager.shutdown({ clean: true });
    for (const name of [
      '00000000000000000000.log.deleted',
      '00000000000000000000.log.cleaned',
      '00000000000000000000.index.cleaned',
    ]) {
      writeFileSync(join(opened.log.dir, name), 'x');
    }
    const { log } = await open({ ...small, directory: opened.directory });
    expect(filesOf(log).filter((name) => /deleted|cleaned/.test(name))).toEqual([]);
    expect(await readAll(log)).toEqual(values(3));
  });

  it('that were replacing segments replace them', async () => {
    const opened = await filled(20);
    await opened.manager.shutdown({ clean: true });
    const logs = filesOf(opened.log).filter((name) => name.endsWith('.log'));
    const [first, second] = logs.map((name) => join(opened.log.dir, name)) as [string, string];
    const merged = Buffer.concat([readFileSync(first), readFileSync(second)]);
    writeFileSync(`${first}.swap`, merged);
    const { log } = await open({ ...small, directory: opened.directory });
    expect(log.segmentCount).toBe(logs.length - 1);
    expect(statSync(first).size).toBe(merged.length);
    expect(await readAll(log)).toEqual(values(20));
  });
});

describe('a directory of Kafka', () => {
  it('may end below the log start offset that the checkpoint says: then the log starts there, empty', async () => {
    const opened = await filled(3);
    await opened.manager.shutdown({ clean: true });
    writeFileSync(join(opened.directory, 'log-start-offset-checkpoint'), '0\n1\norders 0 100\n');
    const { log } = await open({ ...small, directory: opened.directory });
    expect([log.logStartOffset, log.logEndOffset]).toEqual([100, 100]);
  });

  it('with checkpoints that make no sense is recovered from the start', async () => {
    const opened = await filled(3);
    await opened.manager.shutdown({ clean: false });
    for (const name of ['recovery-point-offset-checkpoint', 'log-start-offset-checkpoint']) {
      writeFileSync(join(opened.directory, name), 'nonsense');
    }
    const { log } = await open({ ...small, directory: opened.directory });
    expect(await readAll(log)).toEqual(values(3));
  });

  it('with a folder that is no log is refused, naming it', async () => {
    const opened = await filled(1);
    await opened.manager.shutdown({ clean: true });
    renameSync(opened.log.dir, join(opened.directory, 'lost+found'));
    await expect(open({ directory: opened.directory })).rejects.toThrow('lost+found');
  });
});

it('reads back, after any appends, rolls, truncations and stops, what a list would hold', async () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), back: fc.nat({ max: 8 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), clean: fc.boolean() }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let opened = await open({ ...small, settings: { tailCacheBytes: 1 } });
      const model: { first: number; values: string[] }[] = [];
      let sequence = 0;
      let epoch = 0;
      for (const one of steps) {
        if (one.kind === 'append') {
          const texts = Array.from({ length: one.count }, (_, index) => `s${sequence + index}`);
          const first = opened.log.logEndOffset;
          opened.log.appendAsLeader(sequenced(texts, sequence, { producerEpoch: epoch }), epoch);
          sequence += one.count;
          model.push({ first, values: texts });
        } else if (one.kind === 'truncate') {
          const cut = model.at(-1 - one.back)?.first ?? 0;
          opened.log.truncateTo(cut);
          while (model.length > 0 && (model.at(-1)?.first as number) >= cut) model.pop();
          sequence = 0;
          epoch++;
        } else if (one.kind === 'flush') await opened.log.flush();
        else opened = await reopen(opened, { ...small, clean: one.clean, settings: { tailCacheBytes: 1 } });
        const expected = model.flatMap((appended) => appended.values);
        expect(opened.log.logEndOffset).toBe(expected.length);
        expect(await readAll(opened.log, 0, 150)).toEqual(expected);
      }
      await opened.manager.shutdown({ clean: false });
    }),
    { numRuns: 25 },
  );
});

it('knows its partition by the name of its directory', async () => {
  const opened = await open();
  opened.manager.getOrCreate({ topic: 'a-b-1', partition: 12 }, { isNew: true }).appendAsLeader(batchOf(['x']), 0);
  const { manager } = await reopen(opened);
  expect(manager.get({ topic: 'a-b-1', partition: 12 })?.logEndOffset).toBe(1);
  expect(manager.get(partition)).not.toBeNull();
});
