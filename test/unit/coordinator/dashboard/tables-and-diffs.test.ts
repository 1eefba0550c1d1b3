import fc from 'fast-check';
import { joinEvents } from '../../../../coordinator/dashboard/logic/event-list';
import { diffLines } from '../../../../coordinator/dashboard/logic/diff';
import { matches, pageOf, sorted } from '../../../../coordinator/dashboard/logic/pages';
import { linePath, valueTicks } from '../../../../coordinator/dashboard/logic/chart';
import { ancestors, treeRows } from '../../../../coordinator/dashboard/logic/znodes';

describe('pages of a table', () => {
  it('together hold each row once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 7 }), (rows, perPage) => {
        const { pages } = pageOf(rows, 0, perPage);
        const all = Array.from({ length: pages }, (_, page) => pageOf(rows, page, perPage).rows).flat();
        expect(all).toEqual(rows);
      }),
    );
  });

  it('stay inside the bounds when the list has become shorter', () => {
    expect(pageOf([1, 2, 3], 9, 2)).toEqual({ rows: [3], page: 1, pages: 2, total: 3 });
    expect(pageOf([], 4, 10)).toEqual({ rows: [], page: 0, pages: 1, total: 0 });
  });

  it('sort numbers in names as numbers, and put what is not known last in both directions', () => {
    const rows = ['t10', 't9', null, 't1'];
    expect(sorted(rows, (row) => row, false)).toEqual(['t1', 't9', 't10', null]);
    expect(sorted(rows, (row) => row, true)).toEqual(['t10', 't9', 't1', null]);
  });

  it('are filtered by words in any order and case', () => {
    expect([matches('Orders broker 2', 'BROKER ord'), matches('orders', 'ord pay')]).toEqual([true, false]);
  });
});

describe('the difference of two payloads', () => {
  it('leads from one to the other: what is not added was there before, what is not removed is there after', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '{')).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        const side = (gone: string) => lines.filter(({ kind }) => kind !== gone).map((line) => line.text);
        expect(side('added')).toEqual(before === '' ? [] : before.split('\n'));
        expect(side('removed')).toEqual(after === '' ? [] : after.split('\n'));
      }),
    );
  });

  it('keeps the lines that both have', () => {
    expect(diffLines('{\n  "leader": 1\n}', '{\n  "leader": 2\n}').map(({ kind }) => kind)).toEqual([
      'same',
      'removed',
      'added',
      'same',
    ]);
  });

  it('does not compute for long on huge payloads', () => {
    const huge = Array.from({ length: 5000 }, (_, line) => String(line)).join('\n');
    expect(diffLines(huge, `${huge}\nx`)).toHaveLength(10_001);
  });
});

describe('the list of events', () => {
  const events = (...ids: number[]) => ids.map((id) => ({ id }));

  it('has each event once and in order, also when the stream was quicker than the list', () => {
    expect(joinEvents(events(4, 5), events(1, 2, 3, 4), 10)).toEqual(events(1, 2, 3, 4, 5));
  });

  it('keeps the newest when there are too many', () => {
    expect(joinEvents(events(1, 2), events(3, 4), 3)).toEqual(events(2, 3, 4));
  });
});

describe('the line of a chart', () => {
  it('breaks off where nothing is known', () => {
    const points = [1, null, 1, 0].map((value, index) => ({ atMs: index * 10, value }));
    const path = linePath(points, 1, { left: 0, top: 0, width: 30, height: 10 });
    expect(path).toBe('M0.0 0.0 M20.0 0.0 L30.0 10.0');
  });

  it('has round ticks from 0 up to the highest value or just above', () => {
    expect([valueTicks(0), valueTicks(3), valueTicks(950)]).toEqual([
      [0, 1],
      [0, 1, 2, 3],
      [0, 500, 1000],
    ]);
  });
});

describe('the tree of znodes', () => {
  const child = (path: string, numChildren = 0) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    numChildren,
    ephemeral: false,
  });
  const children = new Map([
    ['/', [child('/brokers', 1), child('/controller')]],
    ['/brokers', [child('/brokers/ids', 3)]],
  ]);

  it('shows the children of what is open, below it', () => {
    const rows = treeRows(children, new Set(['/', '/brokers', '/brokers/ids']), 10);
    expect(rows.map(({ path, depth, loading }) => [path, depth, loading])).toEqual([
      ['/', 0, false],
      ['/brokers', 1, false],
      ['/brokers/ids', 2, true],
      ['/controller', 1, false],
    ]);
  });

  it('says how many children it leaves out', () => {
    const rows = treeRows(children, new Set(['/']), 1);
    expect(rows.map(({ path, more }) => more ?? path)).toEqual(['/', '/brokers', 1]);
  });

  it('knows all nodes above one', () => {
    expect([ancestors('/a/b'), ancestors('/')]).toEqual([['/', '/a', '/a/b'], ['/']]);
  });
});
