import { CommittedRecords } from '../../../../coordinator/faults/committed-records';
import type { Observation } from '../../../../coordinator/parts';

type Watched = Pick<Observation, 'flow' | 'topic'>;

describe('records that were acknowledged after a fault', () => {
  const partition = { topic: 'orders', partition: 0, internal: false, leader: 1, isr: [1] };

  it('come from traces where brokers tell them, once they are committed', () => {
    const traced = { topic: 'orders', partition: 0, appendedMs: 10, fetchedMs: null, replicatedMs: {}, leader: 1 };
    const records = [
      { ...traced, offset: 1, committedMs: 12 },
      { ...traced, offset: 2, committedMs: null },
    ];
    let asked = -1;
    const observation = {
      flow: (sinceMs: number) => {
        asked = sinceMs;
        return { nowMs: 20, source: 'traces', tracedBrokers: [1], records, rates: [] };
      },
      topic: () => null,
    } as Watched;
    const committed = new CommittedRecords(observation, 5);
    expect(committed.look([partition], 20)).toEqual([
      { topic: 'orders', partition: 0, appendedMs: 10, committedMs: 12, from: 'traces' },
    ]);
    expect(asked).toBe(5);
    expect(committed.look([], 20)).toEqual([]);
  });

  it('come from high watermarks in a mixed cluster, where the leader tells no traces and another broker does', () => {
    let highWatermark = 7;
    const observation = {
      flow: () => ({ nowMs: 0, source: 'traces', tracedBrokers: [2], records: [], rates: [] }),
      topic: () => ({ partitions: [0, 1].map((index) => ({ topic: 'orders', partition: index, highWatermark })) }),
    } as unknown as Watched;
    const committed = new CommittedRecords(observation, 0);
    const ledByTraced = { ...partition, partition: 1, leader: 2 };
    expect(committed.look([partition, ledByTraced], 1)).toEqual([]);
    highWatermark = 8;
    expect(committed.look([partition, ledByTraced], 2)).toEqual([
      { topic: 'orders', partition: 0, appendedMs: 2, committedMs: 2, from: 'offsets' },
    ]);
  });

  it('come from high watermarks that grew since they were first seen, where only offsets are known', () => {
    let highWatermark: number | null = null;
    const views = [0, 1].map((index) => ({ topic: 'orders', partition: index, highWatermark: () => highWatermark }));
    const observation = {
      flow: () => ({ nowMs: 0, source: 'offsets', tracedBrokers: [], records: [], rates: [] }),
      topic: (name: string) =>
        name === 'orders'
          ? { partitions: views.map((view) => ({ ...view, highWatermark: view.highWatermark() })) }
          : null,
    } as unknown as Watched;
    const committed = new CommittedRecords(observation, 0);
    const lookAt = (offset: number | null, nowMs: number): unknown[] => {
      highWatermark = offset;
      return committed.look([partition, { ...partition, topic: 'deleted' }], nowMs);
    };
    expect(lookAt(null, 1)).toEqual([]);
    expect(lookAt(100, 2)).toEqual([]);
    expect(lookAt(100, 3)).toEqual([]);
    expect(lookAt(101, 4)).toEqual([{ topic: 'orders', partition: 0, appendedMs: 4, committedMs: 4, from: 'offsets' }]);
  });
});
