/** The znodes that are to be read, in the order in which they were asked for, none twice. Owns that list. */

export interface ZnodeRead {
  readonly path: string;
  /** `stat` alone: of a node whose data is not for us. */
  readonly what: 'data' | 'children' | 'stat';
}

/** Places at the front that have been taken are given back when there are at least so many. */
const COMPACT_FROM = 1_024;

export class ReadQueue {
  private reads: ZnodeRead[] = [];
  private first = 0;
  private readonly waiting = { data: new Set<string>(), children: new Set<string>(), stat: new Set<string>() };

  get isEmpty(): boolean {
    return this.first === this.reads.length;
  }

  /** Does nothing when the same waits already: it will see what there is to see. */
  add(path: string, what: ZnodeRead['what']): void {
    if (this.waiting[what].has(path)) return;
    this.waiting[what].add(path);
    this.reads.push({ path, what });
  }

  take(): ZnodeRead | undefined {
    const read = this.reads[this.first];
    if (!read) return undefined;
    this.first++;
    this.waiting[read.what].delete(read.path);
    if (this.first >= COMPACT_FROM && this.first * 2 >= this.reads.length) {
      this.reads = this.reads.slice(this.first);
      this.first = 0;
    }
    return read;
  }

  clear(): void {
    this.reads = [];
    this.first = 0;
    for (const paths of Object.values(this.waiting)) paths.clear();
  }
}
