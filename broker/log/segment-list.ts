/** The segments of a log in the order of their base offsets. */
import type { Segment } from './segment';

export class SegmentList {
  private segments: Segment[] = [];
  private totalBytes = 0;

  get all(): readonly Segment[] {
    return this.segments;
  }

  get count(): number {
    return this.segments.length;
  }

  get first(): Segment {
    return this.at(0);
  }

  /** The one that is written to. */
  get active(): Segment {
    return this.at(this.segments.length - 1);
  }

  /** Sum of the segments' sizes. */
  get sizeBytes(): number {
    return this.totalBytes;
  }

  get baseOffsets(): number[] {
    return this.segments.map((segment) => segment.baseOffset);
  }

  /** A segment grew or shrank. */
  sizeChanged(byBytes: number): void {
    this.totalBytes += byBytes;
  }

  private at(index: number): Segment {
    const segment = this.segments[index];
    if (!segment) throw new Error('A log without segments');
    return segment;
  }

  /** Adds a segment after all others. */
  add(segment: Segment): void {
    this.segments.push(segment);
    this.totalBytes += segment.sizeBytes;
  }

  has(segment: Segment): boolean {
    return this.floor(segment.baseOffset) === segment;
  }

  remove(segments: readonly Segment[]): void {
    const removed = new Set(segments);
    this.segments = this.segments.filter((segment) => !removed.has(segment));
    for (const segment of removed) this.totalBytes -= segment.sizeBytes;
  }

  /** Index of the last segment that begins at or below `offset`; -1 when all begin above it. */
  floorIndex(offset: number): number {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.segments[middle] as Segment).baseOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  floor(offset: number): Segment | null {
    return this.segments[this.floorIndex(offset)] ?? null;
  }

  /** The segment that begins next after `segment`. */
  after(segment: Segment): Segment | null {
    return this.segments[this.floorIndex(segment.baseOffset) + 1] ?? null;
  }

  /** The segments that hold offsets from `from` up to `to` (exclusive). */
  between(from: number, to: number): Segment[] {
    const first = Math.max(0, this.floorIndex(from));
    return this.segments.slice(first).filter((segment) => segment.baseOffset < to);
  }
}
