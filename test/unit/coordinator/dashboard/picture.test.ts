import { pickTopic, rateByLeader, readersOf } from '../../../../coordinator/dashboard/logic/flow-choice';
import { type Box, layOut, shortMember, spotOf } from '../../../../coordinator/dashboard/logic/flow-layout';
import {
  begin,
  type Dot,
  isOver,
  LEG_MS,
  marks,
  step,
  WAITS_MS,
} from '../../../../coordinator/dashboard/logic/flow-motion';

const partitions = [0, 1, 2].map((partition) => ({ partition, leader: partition, replicas: [0, 1, 2], isr: [0, 1] }));
const readers = ['billing', 'billing', 'audit'].map((groupId, index) => ({ groupId, memberId: `m${index}` }));
const widths = [280, 360, 639, 640, 900, 1240];

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the layout of the picture', () => {
  it.each(widths)('keeps everything inside and apart at a width of %i', (width) => {
    const layout = layOut({ width, brokers: [0, 1, 2], partitions, readers });
    const boxes: Box[] = [layout.producers, ...layout.brokers, ...layout.groups];
    const outside = [...boxes, ...layout.brokers.flatMap(({ chips }) => chips)].filter(
      ({ x, y, width: w, height: h }) => x < 0 || y < 0 || x + w > width || y + h > layout.height,
    );
    expect(outside).toEqual([]);
    const touching = boxes.flatMap((a, index) => boxes.slice(index + 1).filter((b) => overlap(a, b)));
    expect(touching).toEqual([]);
  });

  it.each(widths)('has the high watermark between brokers and groups at a width of %i', (width) => {
    const { brokers, watermark, groups, upright } = layOut({ width, brokers: [0, 1, 2], partitions, readers });
    const ends = brokers.map((box) => (upright ? box.y + box.height : box.x + box.width));
    const starts = groups.map((box) => (upright ? box.y : box.x));
    const line = upright ? watermark.from.y : watermark.from.x;
    expect(Math.max(...ends)).toBeLessThan(line);
    expect(line).toBeLessThan(Math.min(...starts));
  });

  it('tells how many replicas found no room', () => {
    const many = Array.from({ length: 1000 }, (_, partition) => ({ partition, leader: 0, replicas: [0], isr: [0] }));
    const [broker] = layOut({ width: 900, brokers: [0], partitions: many, readers: [] }).brokers;
    expect((broker?.chips.length ?? 0) + (broker?.more ?? 0)).toBe(1000);
    expect(broker?.chips.length).toBeLessThan(20);
  });

  it('marks leader, followers in sync, and followers behind', () => {
    const layout = layOut({ width: 900, brokers: [0, 1, 2], partitions, readers });
    expect(layout.brokers.map(({ chips }) => chips[0]?.role)).toEqual(['leader', 'follower', 'lagging']);
  });

  it('knows no spot for what is not in it', () => {
    const layout = layOut({ width: 900, brokers: [0], partitions, readers: [] });
    expect(spotOf(layout, { at: 'broker', brokerId: 7, partition: 0 })).toBeNull();
    expect(spotOf(layout, { at: 'member', groupId: 'billing', memberId: 'm0' })).toBeNull();
  });

  it('lays out a cluster of which nothing is known yet', () => {
    expect(layOut({ width: 360, brokers: [], partitions: [], readers: [] }).height).toBeGreaterThan(0);
  });
});

describe('the way of a record through the picture', () => {
  const nowhere = { followers: [], committed: false, fetched: false };
  const everywhere = { followers: [1, 2], committed: true, fetched: true };

  /** Steps in frames of 20 ms, as the picture does. */
  function play(journeyAt: (nowMs: number) => typeof everywhere, untilMs: number): { dot: Dot; stations: string[] } {
    let dot = begin(0);
    const stations: string[] = [];
    for (let now = 0; now <= untilMs && !isOver(dot, now); now += 20) {
      dot = step(dot, journeyAt(now), now);
      const to = marks(dot, now)[0]?.to.at ?? '';
      if (stations.at(-1) !== to) stations.push(to);
    }
    return { dot, stations };
  }

  it('goes from the leader past the high watermark to the readers, and then fades', () => {
    const { dot, stations } = play(() => everywhere, 20_000);
    expect(stations).toEqual(['leader', 'watermark', 'readers']);
    expect(dot.fadesAt).not.toBeNull();
  });

  it('copies to every follower before it passes the high watermark', () => {
    const { dot } = play(() => everywhere, 20_000);
    const copied = Math.max(...Object.values(dot.replicatedAt)) + LEG_MS.replicate;
    expect(Object.keys(dot.replicatedAt)).toEqual(['1', '2']);
    expect(dot.committedAt).toBeGreaterThanOrEqual(copied);
  });

  it('waits at the leader while the brokers do not say that it was committed', () => {
    const { dot, stations } = play(() => ({ ...nowhere, followers: [1] }), 3000);
    expect(stations).toEqual(['leader']);
    expect([dot.committedAt, dot.fetchedAt, dot.fadesAt]).toEqual([null, null, null]);
  });

  it('goes on when a late follower has made the commit possible', () => {
    const { stations } = play((now) => (now < 3000 ? { ...nowhere, followers: [1] } : everywhere), 20_000);
    expect(stations).toEqual(['leader', 'watermark', 'readers']);
  });

  it('stays at the high watermark when nobody reads, and leaves after a while', () => {
    const { dot, stations } = play(() => ({ ...everywhere, fetched: false }), 20_000);
    expect(stations).toEqual(['leader', 'watermark']);
    expect(dot.fadesAt).toBeGreaterThanOrEqual((dot.committedAt ?? 0) + WAITS_MS);
  });
});

describe('what the picture shows', () => {
  const rate = (topic: string, leader: number | null, recordsPerSecond: number, members: (string | null)[] = []) => ({
    topic,
    leader,
    recordsPerSecond,
    readers: members.map((memberId) => ({ groupId: 'g', memberId, recordsPerSecond: 2 })),
  });
  const names = ['__consumer_offsets', 'a', 'b'].map((name) => ({ name, internal: name.startsWith('__') }));

  it('is the busiest topic, until the user chooses one', () => {
    const flow = { records: [], rates: [rate('a', 0, 1), rate('b', 0, 5), rate('__consumer_offsets', 0, 100)] };
    expect([pickTopic(null, names, flow), pickTopic('a', names, flow), pickTopic('gone', names, flow)]).toEqual([
      'b',
      'a',
      'b',
    ]);
  });

  it('is an internal topic only when there is no other, and none when there is none', () => {
    const calm = { records: [], rates: [] };
    expect([pickTopic(null, names.slice(0, 1), calm), pickTopic(null, [], calm)]).toEqual(['__consumer_offsets', null]);
  });

  it('sums the rates of each leader and of each member', () => {
    const rates = [rate('a', 0, 1, ['m1']), rate('a', 0, 2, ['m1', 'm2']), rate('a', null, 9, [null])];
    expect([...rateByLeader(rates)]).toEqual([[0, 3]]);
    expect(readersOf(rates, 10).map(({ memberId, recordsPerSecond }) => [memberId, recordsPerSecond])).toEqual([
      ['', 2],
      ['m1', 4],
      ['m2', 2],
    ]);
  });

  it('leaves out groups without members first when there are too many', () => {
    const rates = [rate('a', 0, 1, [null, 'm2', 'm1'])];
    expect(readersOf(rates, 2).map(({ memberId }) => memberId)).toEqual(['m1', 'm2']);
  });

  it('calls members by the readable part of their id', () => {
    expect([shortMember('billing-1-4b0c6a2e-1111-2222-3333-444455556666'), shortMember('plain')]).toEqual([
      'billing-1',
      'plain',
    ]);
  });
});
