import { ConsequenceList } from '../../../../coordinator/faults/consequence-list';

describe('the list of what followed a fault', () => {
  const texts = (list: ConsequenceList): string[] => list.list().map(({ text }) => text);

  it('tells each with the time since the fault, in the order of time', () => {
    const list = new ConsequenceList(1_000);
    list.add('controller', 'broker 2 became controller', 7_140);
    list.add('session-closed', 'ZooKeeper closed the session of broker 1', 7_000);
    expect(list.list()).toEqual([
      {
        kind: 'session-closed',
        atMs: 7_000,
        afterMs: 6_000,
        text: 'ZooKeeper closed the session of broker 1 after 6.0 s',
      },
      { kind: 'controller', atMs: 7_140, afterMs: 6_140, text: 'Broker 2 became controller after 6.1 s' },
    ]);
  });

  it('tells many of the same kind in one sentence, and later ones in another', () => {
    const list = new ConsequenceList(0);
    for (let at = 0; at < 300; at++) list.gather('leader', `orders-${at}: leader 1 → 2`, 'partitions', 6_000 + at * 4);
    list.gather('leader', 'orders-0: leader 2 → 1', 'partitions', 20_000);
    expect(texts(list)).toEqual([
      'orders-0: leader 1 → 2, orders-1: leader 1 → 2, orders-2: leader 1 → 2 and 297 more partitions after 6.0 to 7.2 s',
      'orders-0: leader 2 → 1 after 20.0 s',
    ]);
  });

  it('takes what belongs to a sentence later', () => {
    const list = new ConsequenceList(0);
    list.add('controller', 'broker 2 became controller', 400);
    list.amend('controller', '(epoch 5)');
    expect(texts(list)).toEqual(['Broker 2 became controller after 0.4 s (epoch 5)']);
  });

  it('tells whether there is news', () => {
    const list = new ConsequenceList(0);
    list.gather('leader', 'a-0: leader 1 → 2', 'partitions', 10);
    const { version } = list;
    expect(list.version).toBe(version);
    list.gather('leader', 'a-1: leader 1 → 2', 'partitions', 11);
    expect(list.version).toBeGreaterThan(version);
    expect(list.addedAfter(0)).toEqual(['a-0: leader 1 → 2, a-1: leader 1 → 2 after 0.0 s']);
    expect(list.addedAfter(list.count)).toEqual([]);
  });

  it('does not grow without end, and tells of no time before the fault', () => {
    const list = new ConsequenceList(1_000);
    for (let at = 0; at < 1_000; at++) list.add('answers', `broker ${at} answers again`, 990);
    expect(list.list()).toHaveLength(60);
    expect(texts(list)[0]).toBe('Broker 0 answers again after 0.0 s');
  });
});
