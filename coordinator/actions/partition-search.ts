/**
 * Searches one partition for the records of a page, forwards from an offset or backwards from one, within bounds that all
 * searches of a page share. Owns what it has found; it is asked for more until it has enough or there is no more.
 */
import type { Clock } from '../../runtime/clock';
import type { LogRecord } from '../../protocol/records';
import type { RecordView } from '../schemas';
import type { Piece } from './partition-reader';
import { viewBytes } from './record-view';

const MAX_EXAMINED = 100_000;
const MAX_TIME_MS = 5_000;
/** Of views, in one answer. */
export const PAGE_BYTES = 4_194_304;
const FIRST_WINDOW = 100;
const LARGEST_WINDOW = 20_000;

/** What a page may cost. */
export class Budget {
  examined = 0;
  private endMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {
    this.begin();
  }

  /** Counts the time from now on. */
  begin(): void {
    this.endMs = this.clock.monotonicMs() + MAX_TIME_MS;
  }

  /** Why the search has to end; null while it may go on. */
  exhausted(): 'examined-limit' | 'time-limit' | null {
    if (this.examined >= MAX_EXAMINED) return 'examined-limit';
    return this.signal.aborted || this.clock.monotonicMs() >= this.endMs ? 'time-limit' : null;
  }
}

export interface SearchOptions {
  partition: number;
  /** Log start offset and high watermark. */
  start: number;
  end: number;
  /** How many records a page has. */
  limit: number;
  budget: Budget;
  read(fromOffset: number): Promise<Piece>;
  filter: ((record: LogRecord) => boolean) | null;
  view(found: Piece['records'][number]): RecordView;
}

export interface Search {
  readonly partition: number;
  /** In the order in which the page wants them. */
  readonly found: readonly RecordView[];
  /** Whether there is nothing more in this direction. */
  readonly atEnd: boolean;
  run(): Promise<void>;
  /** Where to go on when the first `taken` of what was found are on the page; null when there is nothing more. */
  next(taken: number): number | null;
}

/** Collects until a page could be made of what was found. */
class Found {
  readonly views: RecordView[] = [];
  private bytes = 0;

  get full(): boolean {
    return this.views.length >= this.limit || this.bytes >= PAGE_BYTES;
  }

  constructor(private readonly limit: number) {}

  add(view: RecordView): void {
    this.views.push(view);
    this.bytes += viewBytes(view);
  }

  /** Keeps the last ones that make a page. */
  dropFirst(): void {
    while (this.views.length > this.limit || (this.bytes > PAGE_BYTES && this.views.length > 1)) {
      this.bytes -= viewBytes(this.views.shift() as RecordView);
    }
  }
}

export class ForwardSearch implements Search {
  private readonly collected: Found;
  private position: number;

  constructor(
    private readonly options: SearchOptions,
    from: number,
  ) {
    this.collected = new Found(options.limit);
    this.position = Math.max(from, options.start);
  }

  get partition(): number {
    return this.options.partition;
  }

  get found(): readonly RecordView[] {
    return this.collected.views;
  }

  get atEnd(): boolean {
    return this.position >= this.options.end;
  }

  async run(): Promise<void> {
    const { budget } = this.options;
    while (!this.atEnd && !this.collected.full && budget.exhausted() === null) await this.step();
  }

  next(taken: number): number {
    return this.found[taken]?.offset ?? this.position;
  }

  private async step(): Promise<void> {
    const { budget, filter, view, end } = this.options;
    const from = this.position;
    const piece = await this.options.read(from);
    for (const found of piece.records) {
      if (this.collected.full) return;
      budget.examined++;
      this.position = found.record.offset + 1;
      if (!filter || filter(found.record)) this.collected.add(view(found));
    }
    // Behind the last record of a piece there may be control batches, and gaps that compaction left.
    this.position = piece.nextOffset > from ? Math.max(this.position, piece.nextOffset) : end;
  }
}

/** Reads windows of offsets, each before the last; a window counts only when it has been read whole. */
export class BackwardSearch implements Search {
  private views: RecordView[] = [];
  private upper: number;
  private bytes = 0;

  constructor(
    private readonly options: SearchOptions,
    before: number,
  ) {
    this.upper = Math.min(before, options.end);
  }

  get partition(): number {
    return this.options.partition;
  }

  get found(): readonly RecordView[] {
    return this.views;
  }

  get atEnd(): boolean {
    return this.upper <= this.options.start;
  }

  async run(): Promise<void> {
    const { budget, start, limit } = this.options;
    let window = Math.max(FIRST_WINDOW, limit);
    while (!this.atEnd && this.views.length < limit && this.bytes < PAGE_BYTES && budget.exhausted() === null) {
      const lower = Math.max(start, this.upper - window);
      const found = await this.readWindow(lower, this.upper);
      if (found === null) return;
      const { views, from } = found;
      this.views = [...this.views, ...views.toReversed()];
      this.bytes += views.reduce((sum, view) => sum + viewBytes(view), 0);
      this.upper = from;
      window = Math.min(2 * window, LARGEST_WINDOW);
    }
  }

  next(taken: number): number | null {
    const before = this.found[taken];
    if (before) return before.offset + 1;
    return this.atEnd ? null : this.upper;
  }

  /** The last page of what matches in a window, and from which offset on nothing was left out; null when time ran out. */
  private async readWindow(lower: number, upper: number): Promise<{ views: RecordView[]; from: number } | null> {
    const { budget, filter, view, limit } = this.options;
    const collected = new Found(limit);
    let dropped = false;
    for (let position = lower; position < upper;) {
      const piece = await this.options.read(position);
      for (const found of piece.records) {
        if (found.record.offset >= upper) break;
        budget.examined++;
        if (filter && !filter(found.record)) continue;
        collected.add(view(found));
        const before = collected.views.length;
        collected.dropFirst();
        dropped ||= collected.views.length < before;
      }
      if (piece.nextOffset <= position) break;
      position = piece.nextOffset;
      if (position < upper && budget.exhausted() === 'time-limit') return null;
    }
    return { views: collected.views, from: dropped ? (collected.views[0]?.offset ?? lower) : lower };
  }
}
