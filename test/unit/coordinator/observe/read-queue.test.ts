import { ReadQueue } from '../../../../coordinator/observe/read-queue';

function taken(queue: ReadQueue): string[] {
  const all: string[] = [];
  for (let read = queue.take(); read; read = queue.take()) all.push(`${read.what} ${read.path}`);
  return all;
}

describe('the queue of znodes to be read', () => {
  it('gives them in the order in which they were asked for, none twice', () => {
    const queue = new ReadQueue();
    queue.add('/a', 'data');
    queue.add('/a', 'children');
    queue.add('/b', 'data');
    queue.add('/a', 'data');
    expect(taken(queue)).toEqual(['data /a', 'children /a', 'data /b']);
    expect(queue.isEmpty).toBe(true);
  });

  it('takes one again that has been taken, since it may have changed after it was asked', () => {
    const queue = new ReadQueue();
    queue.add('/a', 'data');
    queue.take();
    queue.add('/a', 'data');
    expect(taken(queue)).toEqual(['data /a']);
  });

  it('forgets all when it is cleared', () => {
    const queue = new ReadQueue();
    queue.add('/a', 'data');
    queue.clear();
    expect(taken(queue)).toEqual([]);
    queue.add('/a', 'data');
    expect(taken(queue)).toEqual(['data /a']);
  });

  it('keeps the order also over thousands that come and go', () => {
    const queue = new ReadQueue();
    const expected: string[] = [];
    const seen: string[] = [];
    for (let at = 0; at < 10_000; at++) {
      queue.add(`/${at}`, 'data');
      expected.push(`data /${at}`);
      // Slower out than in.
      if (at % 3 !== 0) seen.push(`data ${queue.take()?.path}`);
    }
    expect([...seen, ...taken(queue)]).toEqual(expected);
  });
});
