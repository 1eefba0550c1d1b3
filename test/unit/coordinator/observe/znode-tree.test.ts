import { KnownTree } from '../../../../coordinator/observe/znode-tree';
import { silentLogger } from '../../../../runtime/logger';
import type { Stat } from '../../../../zookeeper';
import { statOf } from '../../../support/coordinator/znode-stat';

const fresh = { asOfMs: 0, ageMs: 0, stale: false, why: null };

/** After so many changes of the data. */
const changed = (czxid: number, version: number): Stat => statOf(czxid, { version, mzxid: BigInt(czxid + version) });

const data = (text: string): Buffer => Buffer.from(text);

/** A tree with /a and /a/b, read for the first time, and what it tells from then on. */
function readTree(): { tree: KnownTree; told: string[] } {
  const tree = new KnownTree({ nowMs: () => 0, logger: silentLogger, freshness: () => fresh });
  const told: string[] = [];
  tree.onChange(({ kind, path, before, after, missedVersions }) => {
    const payload = (node: typeof before): string => node?.data?.toString() ?? '-';
    told.push(`${kind} ${path} ${payload(before)}>${payload(after)} missed ${missedVersions}`);
  });
  tree.put('/', null, statOf(0));
  tree.put('/a', data('A'), statOf(10));
  tree.put('/a/b', data('B'), statOf(11));
  tree.markReady();
  return { tree, told };
}

describe('the tree of znodes', () => {
  it('tells nothing of the first read', () => {
    const { tree, told } = readTree();
    expect(told).toEqual([]);
    expect(tree.size).toBe(3);
    expect([...(tree.get('/a')?.children ?? [])]).toEqual(['b']);
  });

  it('tells a change with what was before, and none when the version is the same', () => {
    const { tree, told } = readTree();
    tree.put('/a', data('A2'), changed(10, 1));
    tree.put('/a', data('A2'), changed(10, 1));
    expect(told).toEqual(['changed /a A>A2 missed 0']);
  });

  it('counts the versions that it never saw', () => {
    const { tree, told } = readTree();
    tree.put('/a', data('A4'), changed(10, 4));
    tree.put('/c', data('C2'), changed(20, 2));
    expect(told).toEqual(['changed /a A>A4 missed 3', 'created /c ->C2 missed 2']);
  });

  it('tells by its czxid that a node was deleted and created anew', () => {
    const { tree, told } = readTree();
    tree.put('/a', data('A'), statOf(30));
    expect(told).toEqual(['deleted /a/b B>- missed 0', 'deleted /a A>- missed 0', 'created /a ->A missed 0']);
    expect(tree.get('/a/b')).toBeUndefined();
    expect(tree.get('/a')?.children.size).toBe(0);
  });

  it('keeps what is younger than a node that was created anew, since it is below the new one', () => {
    const { tree, told } = readTree();
    tree.put('/a/b', data('B'), statOf(31));
    tree.put('/a', data('A'), statOf(30));
    expect(told.slice(2)).toEqual(['deleted /a A>- missed 0', 'created /a ->A missed 0']);
    expect([...(tree.get('/a')?.children ?? [])]).toEqual(['b']);
    expect(tree.get('/a/b')).toBeDefined();
  });

  it('removes a node with all below it, the deepest first', () => {
    const { tree, told } = readTree();
    tree.put('/a/b/c', data('C'), statOf(12));
    told.length = 0;
    tree.remove('/a');
    expect(told).toEqual(['deleted /a/b/c C>- missed 0', 'deleted /a/b B>- missed 0', 'deleted /a A>- missed 0']);
    expect(tree.size).toBe(1);
    expect(tree.get('/')?.children.size).toBe(0);
  });

  it('has no node in its tree when it tells that it was deleted', () => {
    const { tree } = readTree();
    const there: boolean[] = [];
    tree.onChange(({ kind, path }) => kind === 'deleted' && there.push(tree.get(path) !== undefined));
    tree.put('/a', data('A'), statOf(30));
    tree.remove('/a');
    expect(there).toEqual([false, false, false]);
  });

  it('finds in a list of children which of them seem gone, and leaves it to a look at each', () => {
    const { tree, told } = readTree();
    const gone = tree.putChildren('/a', [], statOf(10, { pzxid: 40n, cversion: 2 }));
    expect(gone).toEqual(['/a/b']);
    expect(told).toEqual([]);
    expect(tree.get('/a')?.stat).toMatchObject({ pzxid: 40n, cversion: 2, version: 0 });
  });

  it('does not take a child for known before it was read', () => {
    const { tree } = readTree();
    tree.putChildren('/', ['a', 'new'], statOf(0, { pzxid: 41n }));
    expect([...(tree.get('/')?.children ?? [])]).toEqual(['a']);
  });

  it('keeps the newer knowledge of the children when the data was read earlier', () => {
    const { tree } = readTree();
    tree.putChildren('/a', ['b', 'c'], statOf(10, { pzxid: 50n, cversion: 3, numChildren: 2 }));
    tree.put('/a', data('A1'), { ...changed(10, 1), pzxid: 11n, cversion: 1, numChildren: 1 });
    expect(tree.get('/a')?.stat).toMatchObject({ version: 1, pzxid: 50n, cversion: 3, numChildren: 2 });
  });

  it('leaves a list of children alone that belongs to a later node of the same path', () => {
    const { tree, told } = readTree();
    expect(tree.putChildren('/a', [], statOf(60))).toEqual([]);
    expect(told).toEqual([]);
    expect(tree.get('/a/b')).toBeDefined();
  });

  it('ignores a node whose parent it does not know', () => {
    const { tree, told } = readTree();
    tree.put('/x/y', data('Y'), statOf(70));
    expect(told).toEqual([]);
    expect(tree.get('/x/y')).toBeUndefined();
  });

  it('calls who waits for the first read once, or at once when it is over', () => {
    const tree = new KnownTree({ nowMs: () => 0, logger: silentLogger, freshness: () => fresh });
    let calls = 0;
    tree.onReady(() => calls++);
    tree.markReady();
    tree.markReady();
    tree.onReady(() => calls++);
    expect(calls).toBe(2);
  });

  it('goes on when a listener throws', () => {
    const { tree, told } = readTree();
    tree.onChange(() => {
      throw new Error('a listener of no use');
    });
    tree.put('/a', data('A2'), changed(10, 1));
    expect(told).toEqual(['changed /a A>A2 missed 0']);
    expect(tree.get('/a')?.data?.toString()).toBe('A2');
  });
});
