import { assignRanges } from '../../../../cli/consumer/assignor';

const member = (memberId: string, topics: string[], groupInstanceId: string | null = null) => ({
  memberId,
  topics,
  groupInstanceId,
});

function assigned(...args: Parameters<typeof assignRanges>): Record<string, string> {
  const assignment = assignRanges(...args);
  return Object.fromEntries(
    [...assignment].map(([id, partitions]) => [
      id,
      partitions.map(({ topic, partition }) => `${topic}${partition}`).join(' '),
    ]),
  );
}

describe('the range assignor', () => {
  it('cuts each topic into ranges, the first members getting one more', () => {
    const members = [member('b', ['t']), member('a', ['t']), member('c', ['t'])];
    expect(assigned(members, new Map([['t', 8]]))).toEqual({ a: 't0 t1 t2', b: 't3 t4 t5', c: 't6 t7' });
  });

  it('gives topics only to those who asked for them', () => {
    const members = [member('a', ['t', 'u']), member('b', ['u'])];
    expect(
      assigned(
        members,
        new Map([
          ['t', 2],
          ['u', 2],
        ]),
      ),
    ).toEqual({ a: 't0 t1 u0', b: 'u1' });
  });

  it('leaves members without partitions when there are too few, or none', () => {
    const members = [member('a', ['t', 'gone']), member('b', ['t'])];
    expect(assigned(members, new Map([['t', 1]]))).toEqual({ a: 't0', b: '' });
  });

  it('puts static members first, by their instance ids', () => {
    const members = [member('a', ['t']), member('z', ['t'], 'i1'), member('y', ['t'], 'i2')];
    expect(assigned(members, new Map([['t', 3]]))).toEqual({ z: 't0', y: 't1', a: 't2' });
  });
});
