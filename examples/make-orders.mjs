/**
 * Makes examples/orders.jsonl: order events of a small shop, one JSON object per line. The same seed gives the same file.
 * Usage: node examples/make-orders.mjs [count] > examples/orders.jsonl
 *
 * Each customer's events carry `sequence` 1, 2, 3 …, so that a reader can see whether it got them in order.
 */
const count = Number(process.argv[2] ?? 4000);
const products = ['letter box', 'envelope', 'stamp set', 'parcel tape', 'postcard', 'fountain pen', 'ink', 'wax seal'];
const next = { placed: 'paid', paid: 'shipped', shipped: 'delivered', delivered: 'placed' };
const customerCount = 120;

let state = 20_120_917;
/** A whole number in [0, bound), by the generator mulberry32. */
function below(bound) {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
}

const customers = Array.from({ length: customerCount }, (_, index) => ({
  customer: `customer-${String(index + 1).padStart(3, '0')}`,
  sequence: 0,
  order: null,
}));
let orders = 0;
let time = Date.UTC(2026, 0, 5, 8);

for (let line = 0; line < count; line++) {
  const who = customers[below(customerCount)];
  time += 1 + below(9_000);
  if (who.order === null || who.order.event === 'delivered') {
    const quantity = 1 + below(5);
    const cents = 150 + below(20_000);
    who.order = {
      id: `order-${String(++orders).padStart(5, '0')}`,
      event: 'placed',
      product: products[below(8)],
      quantity,
      cents,
    };
  } else {
    who.order = { ...who.order, event: next[who.order.event] };
  }
  const { id, event, product, quantity, cents } = who.order;
  const amount = ((quantity * cents) / 100).toFixed(2);
  const at = new Date(time).toISOString();
  const { customer } = who;
  console.log(JSON.stringify({ customer, sequence: ++who.sequence, order: id, event, product, quantity, amount, at }));
}
