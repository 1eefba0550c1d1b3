/** What is wrong in the files, gathered while they are dumped and told at the end, as DumpLogSegments does. */
type Pair = readonly [number | bigint, number | bigint];

/** Owns the findings of one run. Files are named by their absolute path. */
export class Findings {
  private readonly indexMismatches = new Map<string, Pair[]>();
  private readonly timeMismatches = new Map<string, Pair[]>();
  private readonly timesOutOfOrder = new Map<string, Pair[]>();
  private readonly offsetsNotFound = new Map<string, Pair[]>();
  private readonly gaps = new Map<string, Pair[]>();

  /** An offset index names another offset than the batch at its position ends with. */
  indexMismatch(file: string, indexOffset: number, logOffset: number): void {
    // These and gaps are told latest first, all others in the order of the file.
    put(this.indexMismatches, file).unshift([indexOffset, logOffset]);
  }

  timeMismatch(file: string, indexTimestamp: bigint, logTimestamp: bigint): void {
    put(this.timeMismatches, file).push([indexTimestamp, logTimestamp]);
  }

  timeOutOfOrder(file: string, timestamp: bigint, previous: bigint): void {
    put(this.timesOutOfOrder, file).push([timestamp, previous]);
  }

  /** @param logOffset the last offset of the batch found instead; -1 when there is none */
  offsetNotFound(file: string, indexedOffset: number, logOffset: number): void {
    put(this.offsetsNotFound, file).push([indexedOffset, logOffset]);
  }

  nonConsecutive(file: string, first: number, second: number): void {
    put(this.gaps, file).unshift([first, second]);
  }

  *lines(): Generator<string> {
    for (const [file, pairs] of this.indexMismatches) {
      yield `Mismatches in :${file}`;
      for (const [index, log] of pairs) yield `  Index offset: ${index}, log offset: ${log}`;
    }
    for (const [file, pairs] of this.timeMismatches) {
      yield `Found timestamp mismatch in :${file}`;
      for (const [index, log] of pairs) yield `  Index timestamp: ${index}, log timestamp: ${log}`;
    }
    for (const [file, pairs] of this.timesOutOfOrder) {
      yield `Found out of order timestamp in :${file}`;
      for (const [index, previous] of pairs)
        yield `  Index timestamp: ${index}, Previously indexed timestamp: ${previous}`;
    }
    for (const pairs of this.offsetsNotFound.values()) {
      yield 'The following indexed offsets are not found in the log.';
      for (const [indexed, log] of pairs) yield `Indexed offset: ${indexed}, found log offset: ${log}`;
    }
    for (const [file, pairs] of this.gaps) {
      yield `Non-consecutive offsets in ${file}`;
      for (const [first, second] of pairs) yield `  ${first} is followed by ${second}`;
    }
  }
}

function put(map: Map<string, Pair[]>, file: string): Pair[] {
  const pairs = map.get(file) ?? [];
  map.set(file, pairs);
  return pairs;
}
