import fc from 'fast-check';
import { describeTarget, idOf, linksAmong, parseTarget, titleOf } from '../../../../coordinator/faults/targets';

describe('targets of faults', () => {
  it('are named so that the name can be read again', () => {
    const process = fc.oneof(fc.nat(), fc.constant('zookeeper' as const));
    const target = fc.oneof(
      fc.record({ kind: fc.constant('process' as const), process }),
      fc.record({ kind: fc.constant('link' as const), broker: fc.nat(), other: process }),
    );
    fc.assert(fc.property(target, (each) => expect(parseTarget(idOf(each))).toEqual(each)));
  });

  it.each([
    '',
    'broker-',
    'broker-x',
    'broker--1',
    'zookeeper2',
    'link:zookeeper:broker-0',
    'link:broker-0:',
    'broker-12345678901',
  ])('are not found in %p', (name) => expect(parseTarget(name)).toBeNull());

  it('are described with what may be done in their state', () => {
    expect(describeTarget({ kind: 'process', process: 2 }, 'paused')).toEqual({
      id: 'broker-2',
      kind: 'broker',
      title: 'Broker 2',
      state: 'paused',
      actions: ['resume', 'kill'],
    });
    expect(describeTarget({ kind: 'link', broker: 0, other: 'zookeeper' }, 'cut')).toEqual({
      id: 'link:broker-0:zookeeper',
      kind: 'link',
      title: 'Broker 0 – ZooKeeper',
      state: 'cut',
      actions: ['heal'],
    });
  });

  it('are all links, each once', () => {
    expect(linksAmong([0, 1, 2]).map(titleOf)).toEqual([
      'the link between broker 0 and ZooKeeper',
      'the link between broker 1 and ZooKeeper',
      'the link between broker 2 and ZooKeeper',
      'the link between broker 0 and broker 1',
      'the link between broker 0 and broker 2',
      'the link between broker 1 and broker 2',
    ]);
  });
});
