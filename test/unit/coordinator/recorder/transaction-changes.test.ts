import type { TransactionBody } from '../../../../zookeeper/transaction-log';
import type { ObservedChange } from '../../../../coordinator/recorder/recorded-change';
import { RecordedTree } from '../../../../coordinator/recorder/recorded-tree';
import { applyTransaction } from '../../../../coordinator/recorder/transaction-changes';

const session = Buffer.from('0100000000000007', 'hex');

function create(path: string, text: string | null = null, ephemeral = false): TransactionBody & { op: 'create' } {
  const data = text === null ? null : Buffer.from(text);
  return { op: 'create', path, data, ephemeral, parentCVersion: null, ttlMs: null, container: false };
}

/** Applies one transaction after the other, with zxids from 1 on. */
function applyAll(
  bodies: readonly TransactionBody[],
  chroot = '',
): { tree: RecordedTree; changes: ObservedChange[][] } {
  const tree = new RecordedTree();
  const changes = bodies.map((body, index) =>
    applyTransaction({ session, cxid: 1, zxid: BigInt(index + 1), timeMs: 1_000 + index, body }, tree, chroot),
  );
  return { tree, changes };
}

const outline = (changes: readonly ObservedChange[]): string[] =>
  changes.map(({ kind, path }) => `${kind} ${path}`.trim());

describe('a transaction of ZooKeeper’s log', () => {
  it('tells what stood there before and after, by whom, when, and as which transaction', () => {
    const { changes } = applyAll([
      create('/a', 'one'),
      { op: 'setData', path: '/a', data: Buffer.from('two'), version: 1 },
      { op: 'delete', path: '/a' },
    ]);
    const [created, changed, deleted] = changes.flat() as [ObservedChange, ObservedChange, ObservedChange];
    expect(created).toMatchObject({
      kind: 'created',
      before: null,
      zxid: 1n,
      session: '0100000000000007',
      timeMs: 1_000,
    });
    expect([changed.before?.data, changed.after?.data].map(String)).toEqual(['one', 'two']);
    expect(changed.after).toMatchObject({ version: 1, stat: { czxid: 1n, mzxid: 2n, ctimeMs: 1_000, mtimeMs: 1_001 } });
    expect(deleted).toMatchObject({ kind: 'deleted', zxid: 3n, after: null });
    expect(String(deleted.before?.data)).toBe('two');
  });

  it('that failed changed nothing, be it alone or one step of a multi', () => {
    const { tree, changes } = applyAll([
      { op: 'error', code: -110 },
      { op: 'multi', steps: [create('/a'), { op: 'error', code: -101 }, { op: 'error', code: -2 }] },
      { op: 'check', path: '/a', version: 1 },
    ]);
    expect(changes.flat()).toEqual([]);
    expect(tree.size).toBe(0);
  });

  it('keeps the place of each step of a multi, which sees what the steps before it did', () => {
    const { changes } = applyAll([
      {
        op: 'multi',
        steps: [
          { op: 'check', path: '/epoch', version: 1 },
          create('/a'),
          { op: 'setData', path: '/a', data: Buffer.from('x'), version: 1 },
        ],
      },
    ]);
    expect(changes[0]?.map(({ kind, multiIndex, before }) => [kind, multiIndex, before?.version])).toEqual([
      ['created', 1, undefined],
      ['changed', 2, 0],
    ]);
  });

  it.each<[string, string[] | null]>([
    ['with the paths in the log', ['/b', '/a']],
    ['where the log has none', null],
  ])('that closes a session takes its ephemeral nodes with it, %s', (_name, paths) => {
    const { tree, changes } = applyAll([
      { op: 'createSession', timeoutMs: 6_000 },
      create('/a', 'x', true),
      create('/b', 'y', true),
      create('/stays', 'z'),
      { op: 'closeSession', paths },
    ]);
    expect(outline(changes[0] ?? [])).toEqual(['session-opened']);
    expect(outline(changes[4] ?? [])).toEqual(['session-closed', 'deleted /a', 'deleted /b']);
    expect(changes[4]?.every(({ zxid }) => zxid === 5n)).toBe(true);
    expect(tree.snapshot().map(({ path }) => path)).toEqual(['/stays']);
  });

  it('says when it does not know what stood there before', () => {
    const { changes } = applyAll([
      { op: 'setData', path: '/older', data: Buffer.from('x'), version: 7 },
      { op: 'delete', path: '/older/still' },
    ]);
    expect(changes.flat().map(({ beforeKnown, before }) => [beforeKnown, before])).toEqual([
      [false, null],
      [false, null],
    ]);
    expect(changes[0]?.[0]?.after).toMatchObject({ version: 7, stat: null });
  });

  it('is told below the chroot only, without it', () => {
    const { changes } = applyAll(
      [create('/kafka'), create('/kafka/a'), create('/kafkaesque'), create('/else')],
      '/kafka',
    );
    expect(outline(changes.flat())).toEqual(['created /', 'created /a']);
  });

  it('keeps no password', () => {
    const { changes } = applyAll([create('/gregor/sessions/1', '{"password":"p"}', true)]);
    expect(String(changes[0]?.[0]?.after?.data)).toBe('{"password":"(hidden)"}');
  });
});
