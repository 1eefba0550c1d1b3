/**
 * Metrics under the names that Kafka's JMX exporter gives. One collection per broker, so that several brokers can live in
 * one process. Metrics are values kept or asked for here; the library that writes them down is loaded when they are read
 * for the first time, which most brokers never are: it is a tenth of what a broker would load at its start.
 */
import type * as Library from 'prom-client';
import type { Registry } from 'prom-client';

type Definition = (library: typeof Library, registry: Registry) => void;

export class Metrics {
  private readonly counts = new Map<string, number>();
  private readonly definitions = new Map<string, Definition>();
  private defined = 0;
  private registry: Registry | null = null;

  /** Adds `amount` to a counter, which comes into being with the first call. */
  add(name: string, help: string, amount = 1): void {
    const { counts } = this;
    const before = counts.get(name);
    counts.set(name, (before ?? 0) + amount);
    if (before !== undefined) return;
    this.define(name, ({ Counter }, registry) => {
      new Counter({
        name,
        help,
        registers: [registry],
        collect() {
          this.reset();
          this.inc(counts.get(name));
        },
      });
    });
  }

  /** Declares a gauge whose value is asked for whenever the metrics are read. */
  gauge(name: string, help: string, read: () => number): void {
    this.define(name, ({ Gauge }, registry) => {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    });
  }

  /**
   * Declares a gauge with one value for each combination of labels, which are asked for whenever the metrics are read.
   * Whoever declares it sees to it that their number is bounded.
   */
  gauges(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>,
  ): void {
    this.define(name, ({ Gauge }, registry) => {
      new Gauge({
        name,
        help,
        labelNames: [...labelNames],
        registers: [registry],
        collect() {
          this.reset();
          for (const [labels, value] of read()) this.set(labels, value);
        },
      });
    });
  }

  /** All metrics in Prometheus' text format. */
  async render(): Promise<string> {
    const library = await import('prom-client');
    const registry = (this.registry ??= new library.Registry());
    const waiting = [...this.definitions.values()].slice(this.defined);
    this.defined += waiting.length;
    for (const define of waiting) define(library, registry);
    return registry.metrics();
  }

  private define(name: string, definition: Definition): void {
    if (this.definitions.has(name)) throw new Error(`two metrics are called ${name}`);
    this.definitions.set(name, definition);
  }
}
