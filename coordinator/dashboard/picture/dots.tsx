/** Moves the dots: one loop per frame that sets attributes directly, as rendering sixty times a second would be wasteful. */
import type { TracedRecord } from '@schemas';
import { useEffect, useRef } from 'preact/hooks';
import { steadyMs } from '../clock.js';
import { between, type PictureLayout, type Spot, spotOf } from '../logic/flow-layout.js';
import { begin, type Dot, isOver, type Mark, marks, type Place, step } from '../logic/flow-motion.js';
import { type Flow, recordKey } from './flow-source.js';

/** More than this at once is no longer to be followed with the eye: the rates beside the arrows tell. */
const MOST_DOTS = 24;
const BETWEEN_STARTS_MS = 180;
/** Records appended before the picture was opened are not played. */
const FRESH_MS = 6000;

interface Playing {
  dot: Dot;
  record: TracedRecord;
}

class Stage {
  private readonly playing = new Map<string, Playing>();
  private readonly seen = new Set<string>();
  private lastStartAt = -Infinity;
  private readonly circles: SVGCircleElement[] = [];

  constructor(private readonly group: SVGGElement) {}

  /** Takes what is newly known, and begins dots for records not seen before. */
  feed(flow: Flow, nowMs: number): void {
    for (const record of flow.records) {
      const key = recordKey(record);
      const known = this.playing.get(key);
      if (known) known.record = record;
      else if (!this.seen.has(key)) this.start(key, record, flow.nowMs ?? record.appendedMs, nowMs);
    }
    const keys = new Set(flow.records.map(recordKey));
    for (const key of this.seen) if (!keys.has(key)) this.seen.delete(key);
  }

  private start(key: string, record: TracedRecord, flowNowMs: number, nowMs: number): void {
    this.seen.add(key);
    const stale = flowNowMs - record.appendedMs > FRESH_MS;
    if (stale || this.playing.size >= MOST_DOTS) return;
    // What came with one poll starts one after the other, in its order.
    const startAt = Math.max(nowMs, this.lastStartAt + BETWEEN_STARTS_MS);
    if (startAt > nowMs + 4000) return;
    this.lastStartAt = startAt;
    this.playing.set(key, { dot: begin(startAt), record });
  }

  draw(layout: PictureLayout, flow: Flow, nowMs: number): void {
    const spots: { spot: Spot; mark: Mark }[] = [];
    for (const [key, { dot, record }] of this.playing) {
      if (nowMs < dot.producedAt) continue;
      const next = step(dot, journeyOf(record), nowMs);
      if (isOver(next, nowMs)) this.playing.delete(key);
      else this.playing.set(key, { dot: next, record });
      for (const mark of marks(next, nowMs)) spots.push(...spotsOf(layout, flow, record, mark));
    }
    this.paint(spots);
  }

  private paint(spots: readonly { spot: Spot; mark: Mark }[]): void {
    while (this.circles.length < spots.length) {
      const circle = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
      circle.setAttribute('r', '6');
      this.group.append(circle);
      this.circles.push(circle);
    }
    this.circles.forEach((circle, index) => {
      const at = spots[index];
      circle.setAttribute('visibility', at ? 'visible' : 'hidden');
      if (!at) return;
      circle.setAttribute('class', at.mark.committed ? 'dot committed' : 'dot');
      circle.setAttribute('cx', at.spot.x.toFixed(1));
      circle.setAttribute('cy', at.spot.y.toFixed(1));
      circle.setAttribute('opacity', at.mark.opacity.toFixed(2));
    });
  }

  get busy(): boolean {
    return this.playing.size > 0;
  }
}

function journeyOf(record: TracedRecord) {
  return {
    followers: Object.keys(record.replicatedMs).map(Number),
    committed: record.committedMs !== null,
    fetched: record.fetchedMs !== null,
  };
}

/** A mark ends at one point, except the last leg: it goes to every member that reads this partition. */
function spotsOf(layout: PictureLayout, flow: Flow, record: TracedRecord, mark: Mark): { spot: Spot; mark: Mark }[] {
  const [from] = placesOf(layout, flow, record, mark.from);
  if (!from) return [];
  return placesOf(layout, flow, record, mark.to).map((to) => ({ spot: between(from, to, mark.share), mark }));
}

function placesOf(layout: PictureLayout, flow: Flow, record: TracedRecord, place: Place): Spot[] {
  const { partition, leader } = record;
  const one = (spot: Spot | null) => (spot ? [spot] : []);
  if (place.at === 'producers') return one(spotOf(layout, { at: 'producers' }));
  if (place.at === 'leader') return one(spotOf(layout, { at: 'broker', brokerId: leader, partition }));
  if (place.at === 'follower') return one(spotOf(layout, { at: 'broker', brokerId: place.brokerId, partition }));
  const watermark = spotOf(layout, { at: 'watermark', brokerId: leader, partition });
  if (place.at === 'watermark') return one(watermark);
  const readers = flow.rates.find((rate) => rate.partition === partition)?.readers ?? [];
  const spots = readers.flatMap(({ groupId, memberId }) =>
    memberId === null ? [] : one(spotOf(layout, { at: 'member', groupId, memberId })),
  );
  return spots.length > 0 ? spots : one(watermark);
}

export function Dots({ layout, flow }: { layout: PictureLayout; flow: Flow }) {
  const group = useRef<SVGGElement>(null);
  const stage = useRef<Stage | null>(null);
  const latest = useRef({ layout, flow });
  latest.current = { layout, flow };
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  useEffect(() => {
    if (still || !group.current) return;
    stage.current ??= new Stage(group.current);
    stage.current.feed(flow, steadyMs());
  }, [flow, still]);
  useEffect(() => {
    if (still) return;
    let frame = requestAnimationFrame(function next() {
      stage.current?.draw(latest.current.layout, latest.current.flow, steadyMs());
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [still]);
  return <g ref={group} data-testid="records-in-motion" aria-hidden="true" />;
}
