import fc from 'fast-check';
import {
  checkFileHeader,
  FILE_HEADER_BYTES,
  MOST_TRANSACTION_BYTES,
  readEntry,
  TransactionLogError,
  zxidOfLogFile,
  type TransactionBody,
} from '../../../../zookeeper/transaction-log';
import {
  createRecord,
  fileHeader,
  jute,
  logEntry,
  openAcl,
  type EntryToWrite,
} from '../../../support/transaction-log-bytes';

function read(entry: EntryToWrite): TransactionBody {
  const found = readEntry(logEntry(entry), 0);
  if (found.kind !== 'transaction') throw new Error(`read as ${found.kind}`);
  return found.transaction.body;
}

const data = Buffer.from('hällo');

describe('an entry of the transaction log', () => {
  it('says which session did what, when, and as which transaction', () => {
    const bytes = logEntry({
      zxid: 0x1_0000_0002n,
      type: 2,
      record: jute('/a'),
      session: 0x0100abcdn,
      timeMs: 1_700_000_000_123,
    });
    expect(readEntry(bytes, 0)).toEqual({
      kind: 'transaction',
      nextOffset: bytes.length,
      transaction: {
        session: Buffer.from('000000000100abcd', 'hex'),
        cxid: 7,
        zxid: 0x1_0000_0002n,
        timeMs: 1_700_000_000_123,
        body: { op: 'delete', path: '/a' },
      },
    });
  });

  it.each<[string, number, Buffer | undefined, TransactionBody]>([
    [
      'create',
      1,
      createRecord('/a', data, true, 4),
      { op: 'create', path: '/a', data, ephemeral: true, parentCVersion: 4, ttlMs: null, container: false },
    ],
    [
      'create2',
      15,
      createRecord('/ä', null),
      { op: 'create', path: '/ä', data: null, ephemeral: false, parentCVersion: 1, ttlMs: null, container: false },
    ],
    [
      'createContainer',
      19,
      Buffer.concat([jute('/c', data), openAcl, jute(3)]),
      { op: 'create', path: '/c', data, ephemeral: false, parentCVersion: 3, ttlMs: null, container: true },
    ],
    [
      'createTTL',
      21,
      Buffer.concat([jute('/t', data), openAcl, jute(3, 60_000n)]),
      { op: 'create', path: '/t', data, ephemeral: false, parentCVersion: 3, ttlMs: 60_000n, container: false },
    ],
    ['delete', 2, jute('/a/b'), { op: 'delete', path: '/a/b' }],
    ['deleteContainer', 20, jute('/c'), { op: 'delete', path: '/c' }],
    ['setData', 5, jute('/a', data, 9), { op: 'setData', path: '/a', data, version: 9 }],
    [
      'reconfig',
      16,
      jute('/zookeeper/config', data, 1),
      { op: 'setData', path: '/zookeeper/config', data, version: 1 },
    ],
    ['setACL', 7, Buffer.concat([jute('/a'), openAcl, jute(2)]), { op: 'setAcl', path: '/a', version: 2 }],
    ['check', 13, jute('/a', 5), { op: 'check', path: '/a', version: 5 }],
    ['createSession', -10, jute(18_000), { op: 'createSession', timeoutMs: 18_000 }],
    ['error', -1, jute(-110), { op: 'error', code: -110 }],
    ['a type that nobody knows', 77, jute('whatever'), { op: 'unknown', type: 77 }],
  ])('is read with and without a digest: %s', (_name, type, record, body) => {
    expect(read({ zxid: 1n, type, record })).toEqual(body);
    expect(read({ zxid: 1n, type, record, digest: false })).toEqual(body);
  });

  it('reads the steps of a multi', () => {
    const step = (type: number, record: Buffer): Buffer => jute(type, record);
    const record = Buffer.concat([
      jute(3),
      step(13, jute('/epoch', 4)),
      step(1, createRecord('/a', data)),
      step(5, jute('/b', null, 2)),
    ]);
    expect(read({ zxid: 1n, type: 14, record })).toEqual({
      op: 'multi',
      steps: [
        { op: 'check', path: '/epoch', version: 4 },
        { op: 'create', path: '/a', data, ephemeral: false, parentCVersion: 1, ttlMs: null, container: false },
        { op: 'setData', path: '/b', data: null, version: 2 },
      ],
    });
  });

  it.each<[string, Buffer | undefined, boolean, string[] | null]>([
    ['3.6 and later', jute(['/a', '/b']), true, ['/a', '/b']],
    ['3.6 and later, without digests', jute(['/a', '/b']), false, ['/a', '/b']],
    ['3.6 and later, where nothing went with it', jute([]), true, []],
    ['3.6 and later, with the paths switched off', undefined, true, null],
    ['3.5', undefined, false, null],
  ])('tells what went with a closed session as far as the log does: %s', (_name, record, digest, paths) => {
    expect(read({ zxid: 1n, type: -11, record, digest })).toEqual({ op: 'closeSession', paths });
  });

  it('is not there yet where the file is only allocated, and short where it is half written', () => {
    const entry = logEntry({ zxid: 1n, type: 2, record: jute('/a') });
    expect(readEntry(Buffer.alloc(0), 0)).toEqual({ kind: 'end' });
    expect(readEntry(Buffer.alloc(4096), 0)).toEqual({ kind: 'end' });
    expect(readEntry(entry.subarray(0, 8), 0)).toEqual({ kind: 'short', neededBytes: 12 });
    expect(readEntry(entry.subarray(0, entry.length - 1), 0)).toEqual({ kind: 'short', neededBytes: entry.length });
  });

  it('is refused by what is wrong with it', () => {
    const whole = logEntry({ zxid: 1n, type: 2, record: jute('/a') });
    const broken = (at: number, value: number): (() => unknown) => {
      const bytes = Buffer.from(whole);
      bytes[at] = value;
      return () => readEntry(bytes, 0);
    };
    const fault = (name: string): unknown => expect.objectContaining({ name: 'TransactionLogError', fault: name });
    expect(broken(8, 0xff)).toThrow(fault('length') as Error);
    expect(broken(8, 0x10)).toThrow(fault('length') as Error);
    expect(broken(20, 0xaa)).toThrow(fault('checksum') as Error);
    expect(broken(whole.length - 1, 0)).toThrow(fault('end-mark') as Error);
    expect(() => readEntry(logEntry({ zxid: 1n, type: 5, record: jute('/a'), digest: false }), 0)).toThrow(
      fault('record') as Error,
    );
    expect(() => readEntry(logEntry({ zxid: 1n, type: 14, record: jute(0x7fffffff) }), 0)).toThrow(
      fault('record') as Error,
    );
  });
});

describe('the beginning of a transaction log', () => {
  it('names the format', () => {
    expect(() => checkFileHeader(fileHeader)).not.toThrow();
    expect(() => checkFileHeader(Buffer.from('ZKSN............'))).toThrow(/header.*5a4b534e/);
    expect(() => checkFileHeader(fileHeader.subarray(0, 10))).toThrow('only 10 bytes');
    expect(() => checkFileHeader(Buffer.concat([Buffer.from('ZKLG'), jute(3, 0n)]))).toThrow('version 3');
  });

  it('is found by the name of the file', () => {
    expect(zxidOfLogFile('log.1f')).toBe(0x1fn);
    expect(zxidOfLogFile('log.100000001')).toBe(0x1_0000_0001n);
    expect(['snapshot.1', 'log.', 'log.xyz', 'log.1.tmp', 'log.00000000000000001'].map(zxidOfLogFile)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('hostile bytes', () => {
  const expectReadOrRefused = (bytes: Buffer): void => {
    try {
      for (let offset = 0; ;) {
        const entry = readEntry(bytes, offset);
        if (entry.kind !== 'transaction') {
          if (entry.kind === 'short') expect(entry.neededBytes).toBeLessThanOrEqual(MOST_TRANSACTION_BYTES + 13);
          return;
        }
        offset = entry.nextOffset;
      }
    } catch (error) {
      if (!(error instanceof TransactionLogError)) throw error;
    }
  };
  const types = fc.constantFrom(1, 2, 5, 7, 13, 14, 15, 16, 19, 20, 21, -10, -11, -1, 99);

  it('are read or refused, with a true checksum before them', () => {
    const entries = fc.record({
      type: types,
      record: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      zxid: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
      digest: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 4 }), (all) => expectReadOrRefused(Buffer.concat(all.map(logEntry)))),
      {
        numRuns: 2_000,
      },
    );
  });

  it('are read or refused when a good log is cut or changed anywhere', () => {
    const good = Buffer.concat([
      logEntry({ zxid: 1n, type: -10, record: jute(1_000) }),
      logEntry({ zxid: 2n, type: 1, record: createRecord('/a', data) }),
      logEntry({ zxid: 3n, type: -11, record: jute(['/a']) }),
      Buffer.alloc(64),
    ]);
    const place = fc.nat(good.length - 1);
    fc.assert(
      fc.property(place, fc.nat(255), place, (at, value, end) => {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        expectReadOrRefused(bytes);
        expectReadOrRefused(bytes.subarray(0, end));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never take memory for what they only announce', () => {
    const before = process.memoryUsage().heapUsed;
    for (const count of [0x7fffffff, 0x01000000, -2]) {
      for (const type of [14, -11]) expectReadOrRefused(logEntry({ zxid: 1n, type, record: jute(count, 0, 0, 0) }));
      expectReadOrRefused(logEntry({ zxid: 1n, type: 1, record: jute(count) }));
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000);
    expect(FILE_HEADER_BYTES).toBe(16);
  });
});
