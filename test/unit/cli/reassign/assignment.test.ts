import { assignmentJson, checkAssignment, parseAssignment, parseTopics } from '../../../../cli/reassign/assignment';
import { describeMove, type ReplicaPlace } from '../../../../cli/reassign/directories';
import { describeReassignments, type Reassignment } from '../../../../cli/reassign/reassignments';
import { movesOf, throttledReplicas } from '../../../../cli/reassign/throttles';

const json = (...partitions: object[]): string => JSON.stringify({ version: 1, partitions });

describe('an assignment', () => {
  it('is read from JSON, with log directories where they are named', () => {
    const text = json(
      { topic: 'a', partition: 0, replicas: [1, 2], log_dirs: ['any', '/data'] },
      { topic: 'b', partition: 3, replicas: [2] },
    );
    expect(parseAssignment(text)).toEqual({
      partitions: [
        { topic: 'a', partition: 0, replicas: [1, 2] },
        { topic: 'b', partition: 3, replicas: [2] },
      ],
      directories: [{ topic: 'a', partition: 0, broker: 2, directory: '/data' }],
    });
  });

  it('is written as one line, sorted by topic and by number', () => {
    const partitions = [
      { topic: 'b', partition: 0, replicas: [1] },
      { topic: 'a', partition: 10, replicas: [1] },
      { topic: 'a', partition: 9, replicas: [2, 1] },
    ];
    expect(assignmentJson(partitions)).toBe(
      '{"version":1,"partitions":[{"topic":"a","partition":9,"replicas":[2,1],"log_dirs":["any","any"]},' +
        '{"topic":"a","partition":10,"replicas":[1],"log_dirs":["any"]},{"topic":"b","partition":0,"replicas":[1],"log_dirs":["any"]}]}',
    );
  });

  it.each([
    ['nonsense', 'not a valid JSON'],
    ['[]', 'Expected JSON object, received []'],
    ['{"version":2}', 'Not supported version field value 2'],
    [json({ topic: 'a', replicas: [1] }), 'No such field exists: `partition`'],
    [json({ topic: 'a', partition: '0', replicas: [1] }), 'Field `partition`: expected Integer value, received "0"'],
    [json({ topic: 'a', partition: 0, replicas: ['x'] }), 'Field `replicas`: expected Integer value, received "x"'],
    [
      json({ topic: 'a', partition: 0, replicas: [1, 2], log_dirs: ['any'] }),
      'Size of replicas list [1, 2] is different from size of log dirs list [any] for partition a-0',
    ],
    ['{"version":1}', 'Partition reassignment list cannot be empty'],
    [json({ topic: 'a', partition: 0, replicas: [] }), 'Partition replica list cannot be empty'],
    [
      json({ topic: 'a', partition: 0, replicas: [1] }, { topic: 'a', partition: 0, replicas: [2] }),
      'Partition reassignment contains duplicate topic partitions: a-0',
    ],
    [
      json({ topic: 'a', partition: 0, replicas: [1, 1] }),
      'Partition replica lists may not contain duplicate entries: a-0 contains multiple entries for 1',
    ],
  ])('%s is refused', (text, problem) => {
    expect(() => checkAssignment(parseAssignment(text))).toThrow(problem);
  });

  it('is asked for by topic', () => {
    expect(parseTopics('{"topics":[{"topic":"a"},{"topic":"b"}],"version":1}')).toEqual(['a', 'b']);
    expect(parseTopics('{}')).toEqual([]);
  });
});

describe('reassignments under way', () => {
  const current = new Map<string, Reassignment>([
    ['b-0', { topic: 'b', partition: 0, replicas: [1, 2], adding: [], removing: [2] }],
    ['a-1', { topic: 'a', partition: 1, replicas: [1, 2, 3], adding: [3], removing: [1] }],
  ]);

  it('are listed with what comes and what goes', () => {
    expect(describeReassignments(current)).toBe(
      'Current partition reassignments:\na-1: replicas: 1,2,3. adding: 3. removing: 1.\nb-0: replicas: 1,2. removing: 2.',
    );
    expect(describeReassignments(new Map())).toBe('No partition reassignments found.');
  });

  it('are throttled together with new ones: leaders where records come from, followers where they go', () => {
    const moves = movesOf(
      current,
      [
        { topic: 'a', partition: 1, replicas: [1, 4] },
        { topic: 'a', partition: 0, replicas: [2, 3] },
      ],
      [
        { topic: 'a', partition: 1, replicas: [1, 2, 3] },
        { topic: 'a', partition: 0, replicas: [1, 2] },
      ],
    );
    expect(throttledReplicas(moves, 'a', 'sources')).toBe('0:1,0:2,1:1,1:2');
    expect(throttledReplicas(moves, 'a', 'destinations')).toBe('0:3,1:4');
    expect(throttledReplicas(moves, 'b', 'sources')).toBe('0:1,0:2');
  });
});

describe('a replica that shall move to another directory', () => {
  const told = (place: ReplicaPlace): string =>
    describeMove({ topic: 't', partition: 0, broker: 1, directory: '/new', place });

  it.each([
    [{ current: null, future: null }, 'Partition t-0 is not found in any live log dir on broker 1.'],
    [{ current: '/new', future: null }, 'Reassignment of replica t-0-1 completed successfully.'],
    [{ current: '/old', future: null }, 'Partition t-0 on broker 1 is not being moved from log dir /old to /new.'],
    [{ current: '/old', future: '/new' }, 'Reassignment of replica t-0-1 is still in progress.'],
    [{ current: '/old', future: '/third' }, 'is being moved to log dir /third instead of /new.'],
  ])('%j is told as it is', (place, text) => {
    expect(told(place)).toContain(text);
  });
});
