import { ReplicationQuota, throttleRatesOf } from '../../../../broker/replication/replication-quota';
import { ManualClock } from '../../../../runtime/manual-clock';
import { BrokerConfig } from '../../../../settings';

function newQuota() {
  const clock = new ManualClock();
  return { clock, quota: new ReplicationQuota(clock, { samples: 11, sampleMs: 1000 }) };
}

describe('the list of throttled replicas', () => {
  it('names partitions for this broker, all of them, or none', () => {
    const { quota } = newQuota();
    quota.setThrottled('orders', '0:1,1:2, 2:1', 1);
    expect([0, 1, 2].map((partition) => quota.isThrottled('orders', partition))).toEqual([true, false, true]);
    quota.setThrottled('orders', '*', 1);
    expect(quota.isThrottled('orders', 1)).toBe(true);
    quota.setThrottled('orders', undefined, 1);
    expect(quota.isThrottled('orders', 0)).toBe(false);
    quota.setThrottled('orders', '', 0);
    expect(quota.isThrottled('orders', 0)).toBe(false);
  });
});

describe('the rate', () => {
  it('is exceeded until enough time has passed, and never without a limit', () => {
    const { quota, clock } = newQuota();
    quota.record(10_000);
    expect(quota.isExceeded).toBe(false);
    quota.setLimit(1000);
    expect(quota.isExceeded).toBe(true);
    clock.advance(9_000);
    expect(quota.isExceeded).toBe(true);
    clock.advance(1_500);
    expect(quota.isExceeded).toBe(false);
  });

  it('forgets what is older than its window', () => {
    const { quota, clock } = newQuota();
    quota.record(1_000_000);
    clock.advance(11_001);
    expect(quota.bytesPerSecond).toBe(0);
  });
});

it('takes a broker’s own rate before the default of all brokers', () => {
  const config = BrokerConfig.parse({ 'broker.id': '1', 'zookeeper.connect': 'localhost:2181' });
  expect(throttleRatesOf(config)).toEqual({ leader: Infinity, follower: Infinity });
  config.updateDynamicDefaults(new Map([['leader.replication.throttled.rate', '500']]));
  config.updateDynamicBroker(new Map([['follower.replication.throttled.rate', '700']]));
  expect(throttleRatesOf(config)).toEqual({ leader: 500, follower: 700 });
});
