/**
 * Throttled replication (KIP-73): how much a broker sends to, or copies for, the replicas that an operator has listed,
 * while they catch up. Replicas in sync are never held back, or a throttle would shrink the ISR. One quota counts what
 * this broker sends as leader, another what it copies as follower. Owns its samples and the list.
 */
import type { BrokerConfig } from '../../settings';
import type { Clock } from '../../runtime/clock';

export const UNLIMITED = Number.POSITIVE_INFINITY;

const EVERYTHING = 'all partitions';

export interface QuotaWindow {
  /** replication.quota.window.num */
  readonly samples: number;
  /** replication.quota.window.size.seconds, in milliseconds */
  readonly sampleMs: number;
}

export class ReplicationQuota {
  private readonly throttled = new Map<string, ReadonlySet<number> | typeof EVERYTHING>();
  /** Bytes of each sample, newest last. */
  private samples: { startMs: number; bytes: number }[] = [];
  private limitBytesPerSecond = UNLIMITED;

  constructor(
    private readonly clock: Clock,
    private readonly window: QuotaWindow,
  ) {}

  setLimit(bytesPerSecond: number): void {
    this.limitBytesPerSecond = bytesPerSecond;
  }

  /**
   * Which partitions of a topic are throttled on this broker.
   * @param replicas `*`, or `partition:broker` pairs, as in the topic's configuration; undefined for none
   */
  setThrottled(topic: string, replicas: string | undefined, brokerId: number): void {
    const text = replicas?.trim() ?? '';
    if (text === '*') {
      this.throttled.set(topic, EVERYTHING);
      return;
    }
    const pairs = text.split(',').map((pair) => pair.trim().split(':'));
    const here = pairs.filter(([, broker]) => Number(broker) === brokerId).map(([partition]) => Number(partition));
    if (here.length > 0) this.throttled.set(topic, new Set(here));
    else this.throttled.delete(topic);
  }

  isThrottled(topic: string, partition: number): boolean {
    if (this.throttled.size === 0) return false;
    const partitions = this.throttled.get(topic);
    return partitions === EVERYTHING || (partitions?.has(partition) ?? false);
  }

  /** Counts bytes of a throttled partition. */
  record(bytes: number): void {
    const nowMs = this.clock.monotonicMs();
    const newest = this.samples.at(-1);
    if (newest && nowMs - newest.startMs < this.window.sampleMs) newest.bytes += bytes;
    else this.samples.push({ startMs: nowMs, bytes });
  }

  get isExceeded(): boolean {
    return this.limitBytesPerSecond !== UNLIMITED && this.bytesPerSecond > this.limitBytesPerSecond;
  }

  /** The rate over the window, or over the part of it that has passed since there was something to count. */
  get bytesPerSecond(): number {
    const nowMs = this.clock.monotonicMs();
    const oldestMs = nowMs - this.window.samples * this.window.sampleMs;
    this.samples = this.samples.filter(({ startMs }) => startMs > oldestMs);
    const [first] = this.samples;
    if (!first) return 0;
    let bytes = 0;
    for (const sample of this.samples) bytes += sample.bytes;
    return (bytes * 1000) / Math.max(this.window.sampleMs, nowMs - first.startMs);
  }
}

/** The rates that /config/brokers gives, the broker's own before the default for all; unlimited where it gives none. */
export function throttleRatesOf(config: BrokerConfig): { leader: number; follower: number } {
  const rate = (name: string): number => {
    const text = config.dynamicBrokerConfigs.get(name) ?? config.dynamicDefaultConfigs.get(name);
    return text === undefined ? UNLIMITED : Number(text);
  };
  return { leader: rate('leader.replication.throttled.rate'), follower: rate('follower.replication.throttled.rate') };
}
