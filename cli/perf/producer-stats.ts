/** What kafka-producer-perf-test counts and how it tells it: windows of five seconds, and the whole at the end. */

const MOST_SAMPLES = 500_000;
const MIB = 1024 * 1024;
const PERCENTILES = [0.5, 0.95, 0.99, 0.999];

interface Sums {
  startMs: number;
  records: number;
  bytes: number;
  latencyMs: number;
  maxLatencyMs: number;
}

function sumsFrom(startMs: number): Sums {
  return { startMs, records: 0, bytes: 0, latencyMs: 0, maxLatencyMs: 0 };
}

/** Times are milliseconds of one clock. */
export class ProducerStats {
  private readonly total: Sums;
  private window: Sums;
  /** Every so many records the latency of one is kept for the percentiles. */
  private readonly sampling: number;
  private readonly samples: Uint32Array;
  private sampleCount = 0;

  constructor(
    expectedRecords: number,
    startMs: number,
    private readonly print: (line: string) => void,
    private readonly windowMs = 5_000,
  ) {
    this.total = sumsFrom(startMs);
    this.window = sumsFrom(startMs);
    this.sampling = Math.floor(expectedRecords / Math.min(expectedRecords, MOST_SAMPLES)) || 1;
    this.samples = new Uint32Array(Math.floor(expectedRecords / this.sampling) + 1);
  }

  get records(): number {
    return this.total.records;
  }

  /** One record has been acknowledged. */
  acknowledged(latencyMs: number, bytes: number): void {
    const whole = Math.round(latencyMs);
    if (this.total.records % this.sampling === 0 && this.sampleCount < this.samples.length) {
      this.samples[this.sampleCount] = whole;
      this.sampleCount += 1;
    }
    for (const sums of [this.total, this.window]) {
      sums.records += 1;
      sums.bytes += bytes;
      sums.latencyMs += whole;
      if (whole > sums.maxLatencyMs) sums.maxLatencyMs = whole;
    }
  }

  /** Prints a line when the window is over. */
  tick(nowMs: number): void {
    const { window } = this;
    if (nowMs - window.startMs < this.windowMs || window.records === 0) return;
    const { recordsPerSecond, mibPerSecond } = rates(window, nowMs);
    this.print(
      `${window.records} records sent, ${recordsPerSecond.toFixed(1)} records/sec (${mibPerSecond.toFixed(2)} MB/sec), ` +
        `${(window.latencyMs / window.records).toFixed(1)} ms avg latency, ${window.maxLatencyMs.toFixed(1)} ms max latency.`,
    );
    this.window = sumsFrom(nowMs);
  }

  /** Prints the last line. */
  finish(nowMs: number): void {
    const { total } = this;
    const { recordsPerSecond, mibPerSecond } = rates(total, nowMs);
    const [p50, p95, p99, p999] = this.percentiles();
    this.print(
      `${total.records} records sent, ${recordsPerSecond.toFixed(6)} records/sec (${mibPerSecond.toFixed(2)} MB/sec), ` +
        `${(total.latencyMs / total.records).toFixed(2)} ms avg latency, ${total.maxLatencyMs.toFixed(2)} ms max latency, ` +
        `${p50} ms 50th, ${p95} ms 95th, ${p99} ms 99th, ${p999} ms 99.9th.`,
    );
  }

  private percentiles(): number[] {
    const sorted = this.samples.slice(0, this.sampleCount).toSorted();
    return PERCENTILES.map((part) => sorted[Math.floor(part * sorted.length)] ?? 0);
  }
}

function rates({ startMs, records, bytes }: Sums, nowMs: number): { recordsPerSecond: number; mibPerSecond: number } {
  const seconds = Math.max(nowMs - startMs, 1) / 1000;
  return { recordsPerSecond: records / seconds, mibPerSecond: bytes / seconds / MIB };
}
