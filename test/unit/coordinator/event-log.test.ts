import { createEventHub } from '../../../coordinator/event-hub';
import { logEvents } from '../../../coordinator/event-log';
import { type Logger, silentLogger } from '../../../runtime/logger';
import { ManualClock } from '../../../runtime/manual-clock';

it('the log tells of brokers, the controller, ZooKeeper, faults and the cluster’s health, in a line each', () => {
  const lines: string[] = [];
  const logger: Logger = { ...silentLogger, info: (text) => void lines.push(text) };
  const events = createEventHub({ clock: new ManualClock(), logger });
  const end = logEvents(events, logger);
  events.publish('broker', '0', 'Broker 0 came.');
  events.publish('znode', '/x', 'A znode changed.');
  events.publish('health', null, 'The cluster went from healthy to degraded.');
  events.publish('health', 'orders', 'Topic orders went from healthy to degraded.');
  events.publish('partition', 'orders-0', 'Partition orders-0 has another leader.');
  events.publish('controller', '1', 'Broker 1\r\n[2026-01-01] ERROR forged');
  end();
  events.publish('zookeeper', null, 'After the end.');
  expect(lines).toEqual([
    'Broker 0 came.',
    'The cluster went from healthy to degraded.',
    'Broker 1 [2026-01-01] ERROR forged',
  ]);
});
