import { OrderCheck } from '../../../../supervisor/tour/order-check';
import type { OrderEvent } from '../../../../supervisor/tour/order-events';

const event = (customer: string, sequence: number): OrderEvent => ({ customer, sequence, text: '' });
const produced = [event('a', 1), event('b', 1), event('a', 2), event('a', 3)];

describe('the check of what a group read', () => {
  let check: OrderCheck;
  let offset: number;
  beforeEach(() => {
    check = new OrderCheck(produced);
    offset = 0;
  });
  const read = (customer: string, sequence: number, partition = 0): void =>
    check.read({ partition, offset: offset++, member: 'A', event: event(customer, sequence) });

  it('is content when each event came once and in order', () => {
    for (const [customer, sequence] of [
      ['a', 1],
      ['a', 2],
      ['b', 1],
      ['a', 3],
    ] as const)
      read(customer, sequence);
    expect(check.complete).toBe(true);
    expect(check.result()).toEqual({ customers: 2, read: 4, missing: 0, duplicates: 0, outOfOrder: [], scattered: 0 });
  });

  it('counts what is missing, and is not complete before the last event of each customer', () => {
    read('a', 1);
    expect(check.complete).toBe(false);
    expect(check.result()).toMatchObject({ read: 1, missing: 3 });
  });

  it('names what came after a gap', () => {
    read('a', 1);
    read('a', 3);
    expect(check.result().outOfOrder).toEqual(['a: 3 came after 1 (partition 0, offset 1, read by A)']);
  });

  it('counts what came twice without taking it for disorder', () => {
    read('a', 1);
    read('a', 2);
    read('a', 1);
    expect(check.result()).toMatchObject({ duplicates: 1, outOfOrder: [], read: 2 });
  });

  it('sees a customer whose events lie in two partitions', () => {
    read('a', 1, 0);
    read('a', 2, 1);
    expect(check.result().scattered).toBe(1);
  });
});
