/** How far numbers of threads may change at a time; that Kafka says the same is held by interop/admin-like-kafka. */
import { BrokerConfig } from '../../../settings';

const config = (dynamic: Record<string, string> = {}) => {
  const parsed = BrokerConfig.parse({ 'broker.id': '1', 'zookeeper.connect': 'localhost:2181', 'num.io.threads': '9' });
  parsed.updateDynamicBroker(new Map(Object.entries(dynamic)));
  return parsed;
};

const preview = (value: string, dynamic: Record<string, string> = {}) =>
  config(dynamic).preview(new Map([['num.io.threads', value]]), true);

test.each(['4', '9', '18'])('nine threads may become %s', (value) => {
  expect(preview(value).int('num.io.threads')).toBe(Number(value));
});

test.each([
  ['3', 'value should be at least half the current value 9'],
  ['19', 'value should not be greater than double the current value 9'],
])('nine threads may not become %s', (value, why) => {
  expect(() => preview(value)).toThrow(
    `Dynamic thread count update validation failed for num.io.threads=${value}, ${why}`,
  );
});

test('what counts is the number of now, not that of the file', () => {
  expect(preview('36', { 'num.io.threads': '18' }).int('num.io.threads')).toBe(36);
});
