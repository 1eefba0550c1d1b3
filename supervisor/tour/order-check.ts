/**
 * Checks what a consumer group read against what was produced: each event once, and each customer's events in order.
 * Owns what was seen so far.
 */
import type { OrderEvent } from './order-events';

export interface ReadRecord {
  partition: number;
  offset: number;
  member: string;
  event: OrderEvent;
}

export interface CheckResult {
  customers: number;
  read: number;
  missing: number;
  duplicates: number;
  /** Sentences about what came out of order, at most a few. */
  outOfOrder: string[];
  /** Customers whose events lie in more than one partition. */
  scattered: number;
}

const MOST_SENTENCES = 5;

export class OrderCheck {
  private readonly expected: ReadonlyMap<string, number>;
  private readonly lastSequence = new Map<string, number>();
  private readonly partitions = new Map<string, Set<number>>();
  private readonly outOfOrder: string[] = [];
  private duplicates = 0;
  private distinct = 0;

  constructor(produced: readonly OrderEvent[]) {
    const expected = new Map<string, number>();
    for (const { customer, sequence } of produced)
      expected.set(customer, Math.max(sequence, expected.get(customer) ?? 0));
    this.expected = expected;
  }

  /** Takes the next record that some member read. */
  read({ event, partition, offset, member }: ReadRecord): void {
    const last = this.lastSequence.get(event.customer) ?? 0;
    const partitions = this.partitions.get(event.customer) ?? new Set();
    this.partitions.set(event.customer, partitions.add(partition));
    if (event.sequence <= last) {
      this.duplicates += 1;
      return;
    }
    if (event.sequence !== last + 1 && this.outOfOrder.length < MOST_SENTENCES) {
      const where = `partition ${partition}, offset ${offset}, read by ${member}`;
      this.outOfOrder.push(`${event.customer}: ${event.sequence} came after ${last} (${where})`);
    }
    this.lastSequence.set(event.customer, event.sequence);
    this.distinct += 1;
  }

  /** True when the last event of every customer was read. */
  get complete(): boolean {
    return [...this.expected].every(([customer, sequence]) => (this.lastSequence.get(customer) ?? 0) >= sequence);
  }

  /** Events read so far, repeated ones not counted. */
  get count(): number {
    return this.distinct;
  }

  result(): CheckResult {
    const total = [...this.expected.values()].reduce((sum, count) => sum + count, 0);
    return {
      customers: this.expected.size,
      read: this.distinct,
      missing: total - this.distinct,
      duplicates: this.duplicates,
      outOfOrder: [...this.outOfOrder],
      scattered: [...this.partitions.values()].filter(({ size }) => size > 1).length,
    };
  }
}
