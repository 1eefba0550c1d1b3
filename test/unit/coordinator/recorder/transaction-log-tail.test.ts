import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TransactionLogTail } from '../../../../coordinator/recorder/transaction-log-tail';
import { systemDisk } from '../../../../runtime/disk';
import { createRecord, fileHeader, logEntry } from '../../../support/transaction-log-bytes';

const entry = (zxid: number, dataBytes = 10): Buffer =>
  logEntry({ zxid: BigInt(zxid), type: 1, record: createRecord(`/n${zxid}`, Buffer.alloc(dataBytes, 1)) });

describe('following a transaction log', () => {
  let directory: string;
  let logs: string;
  let tail: TransactionLogTail;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gregor-tail-'));
    logs = join(directory, 'version-2');
    mkdirSync(logs);
    tail = new TransactionLogTail(systemDisk, directory, null);
  });

  afterEach(() => {
    tail.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const write = (name: string, ...parts: Buffer[]): void => writeFileSync(join(logs, name), Buffer.concat(parts));
  const append = (name: string, ...parts: Buffer[]): void => appendFileSync(join(logs, name), Buffer.concat(parts));

  /** Reads until nothing more is there. */
  async function readAll(from = tail): Promise<{ zxids: number[]; damages: string[]; replaced: boolean }> {
    const zxids: number[] = [];
    const damages: string[] = [];
    for (;;) {
      const batch = await from.read();
      zxids.push(...batch.transactions.map(({ zxid }) => Number(zxid)));
      damages.push(...batch.damages);
      if (batch.atEnd) return { zxids, damages, replaced: batch.replaced };
    }
  }

  it('reads what is there, and what comes later', async () => {
    expect((await readAll()).zxids).toEqual([]);
    write('log.1', fileHeader, entry(1), entry(2));
    expect((await readAll()).zxids).toEqual([1, 2]);
    append('log.1', entry(3));
    expect((await readAll()).zxids).toEqual([3]);
  });

  it('takes zeroes for the end, and reads on once they are overwritten', async () => {
    write('log.1', fileHeader, entry(1), Buffer.alloc(4096));
    expect((await readAll()).zxids).toEqual([1]);
    write('log.1', fileHeader, entry(1), entry(2), Buffer.alloc(4096));
    expect((await readAll()).zxids).toEqual([2]);
  });

  it.each([1, 8, 12, 20, 60])('waits for the rest of an entry of which %d bytes have been written', async (bytes) => {
    const second = entry(2);
    write('log.1', fileHeader, entry(1), second.subarray(0, bytes), Buffer.alloc(200));
    expect((await readAll()).zxids).toEqual([1]);
    write('log.1', fileHeader, entry(1), second, Buffer.alloc(200));
    expect(await readAll()).toEqual({ zxids: [2], damages: [], replaced: false });
  });

  it('waits for the header of a file that was just made', async () => {
    write('log.1');
    expect((await readAll()).zxids).toEqual([]);
    write('log.1', fileHeader.subarray(0, 7));
    expect((await readAll()).zxids).toEqual([]);
    write('log.1', fileHeader, entry(1));
    expect((await readAll()).zxids).toEqual([1]);
  });

  it('goes over to newer files, in the order of their zxids', async () => {
    write('log.9', fileHeader, entry(9));
    write('log.a', fileHeader, entry(10));
    write('log.10', fileHeader, entry(16));
    write('snapshot.9', Buffer.from('anything'));
    expect((await readAll()).zxids).toEqual([9, 10, 16]);
  });

  it('reads all of a file before it goes over to the next, and passes over a torn end with a word', async () => {
    write('log.1', fileHeader, entry(1), entry(2), entry(3).subarray(0, 40), Buffer.alloc(500));
    write('log.4', fileHeader, entry(4));
    const { zxids, damages } = await readAll();
    expect(zxids).toEqual([1, 2, 4]);
    expect(damages).toEqual([expect.stringMatching(/^log\.1 ends with an entry that cannot be read: .*end-mark/)]);
  });

  it('begins with the file that a transaction is in', async () => {
    write('log.1', fileHeader, entry(1), entry(2));
    write('log.3', fileHeader, entry(3), entry(4));
    const later = new TransactionLogTail(systemDisk, directory, 4n);
    expect((await readAll(later)).zxids).toEqual([3, 4]);
    later.close();
  });

  it('reads transactions that are larger than it reads at once', async () => {
    write('log.1', fileHeader, entry(1), entry(2, 700_000), entry(3));
    expect((await readAll()).zxids).toEqual([1, 2, 3]);
  });

  it('says when the log was replaced by another one', async () => {
    write('log.5', fileHeader, entry(5));
    expect((await readAll()).replaced).toBe(false);
    rmSync(join(logs, 'log.5'));
    write('log.1', fileHeader, entry(1));
    expect((await readAll()).replaced).toBe(true);
  });

  it('finds the files also when it is given their own folder', async () => {
    write('log.1', fileHeader, entry(1));
    truncateSync(join(logs, 'log.1'));
    const inside = new TransactionLogTail(systemDisk, logs, null);
    expect(inside.files()).toEqual([1n]);
    expect(new TransactionLogTail(systemDisk, join(directory, 'nowhere'), null).files()).toEqual([]);
  });
});
