/**
 * Metrics under the names that Kafka's JMX exporter gives. One registry per broker, so that several brokers
 * can live in one process.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Labels = Record<string, string | number>;

export class Metrics {
  private readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly histograms = new Map<string, Histogram>();

  /** Adds `amount` to a counter, which comes into being with the first call. */
  add(name: string, help: string, labels: Labels = {}, amount = 1): void {
    let counter = this.counters.get(name);
    if (!counter) {
      counter = new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.registry] });
      this.counters.set(name, counter);
    }
    counter.inc(labels, amount);
  }

  /** Records a span in milliseconds. */
  observeMs(name: string, help: string, spanMs: number, labels: Labels = {}): void {
    let histogram = this.histograms.get(name);
    if (!histogram) {
      const buckets = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000];
      histogram = new Histogram({ name, help, labelNames: Object.keys(labels), buckets, registers: [this.registry] });
      this.histograms.set(name, histogram);
    }
    histogram.observe(labels, spanMs);
  }

  /** Declares a gauge whose value is asked for whenever the metrics are read. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** All metrics in Prometheus' text format. */
  render(): Promise<string> {
    return this.registry.metrics();
  }
}
