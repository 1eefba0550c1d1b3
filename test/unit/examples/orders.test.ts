import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrderCheck } from '../../../supervisor/tour/order-check';
import { readOrderEvents } from '../../../supervisor/tour/order-events';

const examples = join(__dirname, '..', '..', '..', 'examples');
const file = join(examples, 'orders.jsonl');

describe('the order events of the tour', () => {
  it('are what their generator makes', () => {
    const made = execFileSync(process.execPath, [join(examples, 'make-orders.mjs')], { encoding: 'utf8' });
    expect(made === readFileSync(file, 'utf8')).toBe(true);
  });

  it('number the events of each customer from 1 without a gap', () => {
    const events = readOrderEvents(file);
    const check = new OrderCheck(events);
    for (const [offset, event] of events.entries()) check.read({ partition: 0, offset, member: 'the test', event });
    expect(check.result()).toMatchObject({ read: 4000, missing: 0, duplicates: 0, outOfOrder: [] });
  });
});
