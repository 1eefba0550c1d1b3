/** Histories made by hand: each anomaly is found, and what only looks like one is not. */
import { describeAnomalies, findAnomalies } from '../../support/history/checker';
import type { Assign, Commit, Operation, Outcome, Poll, ReadCommitted, Send } from '../../support/history/operations';

/** Operations follow one another, ten microseconds each, unless a test gives times. */
let clockUs = 0;
beforeEach(() => (clockUs = 0));

interface Times {
  beginUs: number;
  endUs: number;
}

const next = (): Times => ({ beginUs: (clockUs += 10), endUs: clockUs + 5 });

function sent(value: string, offset: number | null, outcome: Outcome = 'ok', process = 'p'): Send {
  return { op: 'send', process, partition: 0, value, offset, outcome, ...next() };
}

const log = (...values: string[]): Operation => ({
  op: 'log',
  partition: 0,
  records: values.map((value, offset) => [offset, value]),
});

function assigned(process = 'c', times = next()): Assign {
  return { op: 'assign', process, group: 'g', partitions: [0], ...times };
}

function polled(records: readonly [offset: number, value: string][], process = 'c'): Poll {
  return {
    op: 'poll',
    process,
    group: 'g',
    records: records.map(([offset, value]) => [0, offset, value]),
    ...next(),
  };
}

function committed(
  offset: number,
  { outcome = 'ok' as Outcome, process = 'c', generation = 1 as number | null, times = next() } = {},
): Commit {
  return { op: 'commit', process, group: 'g', generation, offsets: [[0, offset]], outcome, ...times };
}

function told(offset: number | null, times = next(), settled = true): ReadCommitted {
  return { op: 'committed', process: 'admin', group: 'g', settled, offsets: [[0, offset]], ...times };
}

const found = (...history: Operation[]): string[] => describeAnomalies(findAnomalies(history));

/** Records a to e at the offsets 0 to 4, all acknowledged. */
const letters = (): Operation[] => [...'abcde'].map((value, offset) => sent(value, offset));
const lettersLog = log(...'abcde');

test('nothing is found where nothing is wrong', () => {
  const history = [
    ...letters(),
    assigned(),
    ...[polled([[0, 'a']]), committed(1), told(1), polled([[1, 'b']]), polled([[2, 'c']]), committed(3)],
    ...[assigned('d'), polled([[3, 'd']], 'd'), polled([[4, 'e']], 'd'), committed(5, { process: 'd', generation: 2 })],
    told(5),
    lettersLog,
  ];
  expect(found(...history)).toEqual([]);
});

describe('records', () => {
  it('that were acknowledged and are not there are lost', () => {
    expect(found(sent('a', 0), sent('b', 1), log('a'))).toEqual([
      'lost record: b of p was acknowledged in partition 0 at 1, and is not in the log',
    ]);
  });

  it('that a consumer got and are not there are lost, acknowledged or not', () => {
    const history = [sent('a', 0), sent('b', null, 'unknown'), polled([[0, 'a']]), polled([[1, 'b']]), log('a')];
    expect(found(...history)).toEqual(['lost record: b was read by c at 0:1, and is not in the log']);
  });

  it('of which nobody knows may be there or not', () => {
    expect(found(sent('a', null, 'unknown'), sent('b', null, 'unknown'), sent('c', 1), log('b', 'c'))).toEqual([]);
  });

  it('that are there twice are duplicates', () => {
    expect(found(sent('a', 0), sent('b', 1), log('a', 'b', 'a'))).toEqual([
      'duplicate: a is in partition 0 at offsets 0 and 2',
    ]);
  });

  it('that are there twice are none where their producer gave up an earlier one meanwhile and began a new epoch', () => {
    const givenUp = { ...sent('a', null, 'unknown'), beginUs: 10, endUs: 30 };
    const sentAnew = { ...sent('b', 2), beginUs: 20, endUs: 40 };
    expect(found(givenUp, sentAnew, log('a', 'b', 'b'))).toEqual([]);
    const duplicate = ['duplicate: b is in partition 0 at offsets 1 and 2'];
    expect(found({ ...givenUp, process: 'q' }, sentAnew, log('a', 'b', 'b'))).toEqual(duplicate);
    expect(found({ ...givenUp, endUs: 15 }, sentAnew, log('a', 'b', 'b'))).toEqual(duplicate);
  });

  it('that were refused, or never sent, are phantoms', () => {
    expect(found(sent('a', null, 'fail'), log('a', 'b'))).toEqual([
      'phantom record: a is in partition 0 at offset 0, but p was told that it was refused',
      'phantom record: b is in partition 0 at offset 1, but nobody sent it there',
    ]);
  });
});

describe('offsets are inconsistent', () => {
  it('when two values were at one offset', () => {
    const history = [sent('a', 0), sent('b', 1), polled([[0, 'b']]), log('a', 'b')];
    expect(found(...history)).toContain('inconsistent offsets: at offset 0 of partition 0 c read b, and the log has a');
  });

  it('when a producer was told another offset than the log has', () => {
    expect(found(sent('a', 7), log('a'))).toEqual([
      'inconsistent offsets: p was told a of partition 0 at offset 7, and it was seen at 0',
    ]);
  });

  it('when two consumers saw different values at an offset that the log has not', () => {
    const history = [
      ...[sent('a', null, 'unknown'), sent('b', null, 'unknown', 'q')],
      ...[polled([[0, 'a']]), polled([[0, 'b']], 'd'), log()],
    ];
    expect(found(...history)).toContain('inconsistent offsets: at offset 0 of partition 0 d read b, and c read a');
  });
});

describe('sends are not monotonic', () => {
  it('when a later record of a producer comes first', () => {
    expect(found(sent('a', 1), sent('b', 0), log('b', 'a'))).toEqual([
      'non-monotonic send: p sent a before b to partition 0; they are at offsets 1 and 0',
    ]);
  });

  it('also when nobody was told of one of them', () => {
    expect(found(sent('a', null, 'unknown'), sent('b', 0), log('b', 'a'))).toHaveLength(1);
  });

  it('not when the records are those of two producers', () => {
    expect(found(sent('a', 1), sent('b', 0, 'ok', 'q'), log('b', 'a'))).toEqual([]);
  });
});

describe('polls', () => {
  const read = (...polls: Operation[]): string[] => found(...letters(), ...polls, lettersLog);

  it('that go back within one call are not monotonic', () => {
    const history = [
      polled([
        [0, 'a'],
        [1, 'b'],
        [0, 'a'],
      ]),
    ];
    expect(read(...history)).toEqual(['non-monotonic poll: c got offset 0 of partition 0 after 1, in one poll']);
  });

  it('that give a record again in a later call are not monotonic', () => {
    expect(read(polled([[1, 'b']]), polled([[1, 'b']]))).toEqual([
      'non-monotonic poll: c got offset 1 of partition 0 after 1, from one poll to a later one',
    ]);
  });

  it('may go back when the partition was assigned anew', () => {
    expect(read(polled([[0, 'a']]), polled([[1, 'b']]), assigned(), polled([[0, 'a']]))).toEqual([]);
  });

  it('that leave out a record skip', () => {
    const inOne = polled([
      [0, 'a'],
      [2, 'c'],
    ]);
    const gap = '; the log has 1 records between';
    expect(read(inOne)).toEqual([`skipped poll: c got offset 2 of partition 0 after 0, in one poll${gap}`]);
    expect(read(polled([[0, 'a']], 'd'), polled([[2, 'c']], 'd'))).toEqual([
      `skipped poll: d got offset 2 of partition 0 after 0, from one poll to a later one${gap}`,
    ]);
  });

  it('do not skip offsets at which the log has no record', () => {
    const gappy: Operation = {
      op: 'log',
      partition: 0,
      records: [
        [0, 'a'],
        [5, 'b'],
      ],
    };
    expect(found(sent('a', 0), sent('b', 5), polled([[0, 'a']]), polled([[5, 'b']]), gappy)).toEqual([]);
  });

  it('of a whole group skip what it has committed past and nobody got', () => {
    expect(read(assigned(), polled([[0, 'a']]), committed(3))).toEqual([
      'skipped poll: group g committed 3 for partition 0, and none of it got 2 records from offset 1 on',
    ]);
  });
});

describe('committed offsets', () => {
  const offsets = (...operations: Operation[]): string[] =>
    found(...letters(), polled([...'abcde'].map((value, offset) => [offset, value])), ...operations, lettersLog);
  const at = (beginUs: number, endUs: number): { times: Times } => ({ times: { beginUs, endUs } });

  it('that are told lower than what was committed last have gone back', () => {
    expect(offsets(committed(2), committed(4), told(2))).toEqual([
      'stale group offset: admin was told 2 for partition 0; c had committed 4 before',
    ]);
  });

  it('that are not told at all were lost', () => {
    expect(offsets(committed(2), told(null))).toEqual([
      'stale group offset: admin was told none for partition 0; c had committed 2 before',
    ]);
  });

  it('that nobody has committed cannot be told', () => {
    expect(offsets(committed(2), told(3))).toHaveLength(1);
    expect(offsets(committed(3, { outcome: 'fail' }), told(3))).toEqual([
      'stale group offset: admin was told 3 for partition 0; nobody had committed anything before',
    ]);
  });

  it('may be told as they were before while a stale coordinator may answer, but not as they never were', () => {
    expect(offsets(committed(2), committed(4), told(2, next(), false))).toEqual([]);
    expect(offsets(committed(2), committed(4), told(3, next(), false))).toEqual([
      'stale group offset: admin was told 3 for partition 0; nobody committed that',
    ]);
    expect(offsets(told(4, next(), false), committed(4))).toHaveLength(1);
  });

  it('are what a member begins to read from', () => {
    expect(offsets(committed(4), assigned('d'), polled([[2, 'c']], 'd'))).toEqual([
      'stale group offset: d began to read at 2 for partition 0; c had committed 4 before',
    ]);
    expect(offsets(committed(4), assigned('d'), polled([[0, 'a']], 'd'))).toEqual([
      'stale group offset: d began to read at none for partition 0; c had committed 4 before',
    ]);
  });

  it('may be lower after somebody committed less', () => {
    expect(offsets(committed(4), committed(2), told(2))).toEqual([]);
  });

  it('may be either while a commit is under way', () => {
    const history = [committed(2, at(1000, 1010)), committed(4, at(1020, 1040))];
    const during = { beginUs: 1030, endUs: 1050 };
    expect(offsets(...history, told(2, during))).toEqual([]);
    expect(offsets(...history, told(4, during))).toEqual([]);
  });

  it('may be either of two that were committed at once', () => {
    const history = [committed(4, at(1000, 1020)), committed(2, { process: 'd', ...at(1010, 1015) })];
    expect(offsets(...history, told(2, { beginUs: 1030, endUs: 1031 }))).toEqual([]);
    expect(offsets(...history, told(4, { beginUs: 1030, endUs: 1031 }))).toEqual([]);
  });

  it('may at any time become those of a commit of which nobody knows', () => {
    const unknown = committed(2, { outcome: 'unknown' });
    expect(offsets(unknown, committed(4), told(4), told(2))).toEqual([]);
  });

  it('cannot be committed by a member of an earlier generation', () => {
    expect(offsets(committed(2, { generation: 2 }), committed(3, { process: 'old', generation: 1 }))).toEqual([
      'fenced commit: old committed in generation 1 after c had in 2',
    ]);
    expect(offsets(committed(2, { generation: 2 }), committed(3, { generation: 1, outcome: 'unknown' }))).toEqual([]);
    expect(offsets(committed(2, { generation: 2 }), committed(3, { generation: null }))).toEqual([]);
  });
});

test('many anomalies of a kind are counted', () => {
  const lost = Array.from({ length: 8 }, (_, index) => sent(`v${index}`, index));
  const lines = found(...lost, log());
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toBe('lost record: and 3 more');
});
