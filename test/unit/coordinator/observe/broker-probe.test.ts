/** How brokers are asked, and what their answers and silences are taken for. */
import { ConnectionError } from '../../../../client';
import {
  BrokerProbes,
  hasAnsweredSince,
  isStale,
  type ExpectedView,
} from '../../../../coordinator/observe/broker-probe';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { TaskGroup } from '../../../../runtime/task-group';

const METADATA = 3;

/** A broker of the tests: how its connections come about, and what it says on them. */
class FakeBroker {
  connects: 'at once' | 'refused' | 'never' = 'at once';
  answers = true;
  answerAfterMs = 1;
  controllerId = 0;
  brokerIds = [0, 1];
  opened = 0;
  asked = 0;
  open = 0;
  private readonly live = new Set<() => void>();

  constructor(private readonly clock: ManualClock) {}

  /** Ends all connections, as when its process is replaced. */
  cut(): void {
    for (const end of this.live) end();
  }

  connect = async ({ connectTimeoutMs, requestTimeoutMs }: { connectTimeoutMs: number; requestTimeoutMs: number }) => {
    this.opened++;
    if (this.connects === 'refused') {
      throw new ConnectionError('cannot connect to host:9092', { cause: { code: 'ECONNREFUSED' } });
    }
    if (this.connects === 'never') {
      await this.after(connectTimeoutMs);
      throw new ConnectionError(`cannot connect to host:9092 within ${connectTimeoutMs} ms`);
    }
    return this.connection(requestTimeoutMs);
  };

  private connection(requestTimeoutMs: number) {
    let closed = false;
    const end = (): void => {
      if (!closed) this.open--;
      closed = true;
      this.live.delete(end);
    };
    this.open++;
    this.live.add(end);
    const answer = async (name: string, value: unknown): Promise<never> => {
      this.asked++;
      if (closed) throw new ConnectionError('host:9092 closed the connection');
      await this.after(this.answers ? this.answerAfterMs : requestTimeoutMs);
      if (!this.answers) throw new ConnectionError(`host:9092 did not answer ${name} within ${requestTimeoutMs} ms`);
      return value as never;
    };
    return {
      // A broker that has cut the connection is found out only by asking.
      closed: false,
      close: end,
      apiVersions: () => answer('ApiVersions', new Map([[METADATA, { min: 0, max: 12 }]])),
      send: () =>
        answer('Metadata', {
          brokers: this.brokerIds.map((nodeId) => ({ nodeId })),
          controllerId: this.controllerId,
          clusterId: 'abc',
        }),
    };
  }

  private after(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(ms, resolve));
  }
}

function probing(
  expected: () => ExpectedView | null = () => ({ controllerId: 0, clusterId: 'abc', brokerIds: [0, 1] }),
) {
  const clock = new ManualClock();
  const tasks = new TaskGroup('test', clock, silentLogger);
  const broker = new FakeBroker(clock);
  const targets = new Map([[1, { host: 'host', port: 9092 }]]);
  let changes = 0;
  const probes = new BrokerProbes({
    clock,
    tasks,
    intervalMs: 1_000,
    timeoutMs: 300,
    slowMs: 100,
    targets: () => targets,
    expected,
    onChange: () => changes++,
    open: broker.connect as never,
  });
  probes.start();
  return { clock, tasks, broker, targets, probes, changes: () => changes };
}

describe('a probe', () => {
  it('keeps one connection, and tells what the broker says and how long it took', async () => {
    const { clock, broker, probes } = probing();
    await clock.advanceAsync(3_500);
    expect(probes.of(1)).toMatchObject({
      state: 'answers',
      address: 'host:9092',
      latencyMs: 2,
      apis: 1,
      seesControllerId: 0,
      seesBrokers: [0, 1],
      seesClusterId: 'abc',
      controllerDiffers: 0,
      brokersDiffer: 0,
    });
    expect([broker.opened, broker.asked]).toEqual([1, 8]);
  });

  it('remembers when it was answered last, also when it is not any more', async () => {
    const { clock, broker, probes } = probing();
    await clock.advanceAsync(500);
    const answeredAtMs = probes.of(1).answeredAtMs as number;
    expect(clock.nowMs() - answeredAtMs).toBe(500);
    broker.answers = false;
    await clock.advanceAsync(1_000);
    expect(probes.of(1)).toMatchObject({ state: 'silent', answeredAtMs });
    expect(hasAnsweredSince(answeredAtMs, probes.of(1))).toBe(true);
    expect(hasAnsweredSince(answeredAtMs + 1, probes.of(1))).toBe(false);
  });

  it('calls slow what took longer than it should, and silent what took too long', async () => {
    const { clock, broker, probes } = probing();
    broker.answerAfterMs = 80;
    await clock.advanceAsync(500);
    expect(probes.of(1)).toMatchObject({ state: 'slow', latencyMs: 160, slowInARow: 1 });
    await clock.advanceAsync(1_000);
    expect(probes.of(1).slowInARow).toBe(2);
    broker.answers = false;
    await clock.advanceAsync(1_000);
    expect(probes.of(1)).toMatchObject({ state: 'silent', latencyMs: null, seesBrokers: null });
    expect(probes.of(1).error).toContain('did not answer ApiVersions within 300 ms');
  });

  it.each([
    ['refused', 'refused'],
    ['never', 'unreachable'],
  ] as const)('of a broker whose connection is %s gives %s', async (connects, state) => {
    const { clock, broker, probes } = probing();
    broker.connects = connects;
    await clock.advanceAsync(500);
    expect(probes.of(1).state).toBe(state);
  });

  it('asks anew when the connection that was kept has ended, since the broker may be well', async () => {
    const { clock, broker, probes } = probing();
    await clock.advanceAsync(500);
    broker.cut();
    await clock.advanceAsync(1_000);
    expect(probes.of(1).state).toBe('answers');
    expect(broker.opened).toBe(2);
    broker.cut();
    broker.connects = 'refused';
    await clock.advanceAsync(1_000);
    expect(probes.of(1).state).toBe('refused');
  });

  it('never asks twice at the same time, however long an answer takes', async () => {
    const { clock, broker } = probing();
    broker.connects = 'never';
    await clock.advanceAsync(250);
    const tries = broker.opened;
    await clock.advanceAsync(40);
    expect([tries, broker.opened]).toEqual([1, 1]);
    broker.connects = 'at once';
    broker.answers = false;
    await clock.advanceAsync(20_000);
    expect(broker.opened).toBeLessThanOrEqual(22);
    expect(broker.open).toBeLessThanOrEqual(1);
  });

  it('counts how often in a row the broker saw something else than ZooKeeper', async () => {
    const { clock, broker, probes } = probing();
    broker.controllerId = 1;
    broker.brokerIds = [0, 1, 5];
    await clock.advanceAsync(2_500);
    expect(probes.of(1)).toMatchObject({ controllerDiffers: 3, brokersDiffer: 3, seesBrokers: [0, 1, 5] });
    expect(isStale(probes.of(1))).toBe(true);
    broker.controllerId = 0;
    broker.brokerIds = [1, 0];
    await clock.advanceAsync(1_000);
    expect(probes.of(1)).toMatchObject({ controllerDiffers: 0, brokersDiffer: 0 });
    expect(isStale(probes.of(1))).toBe(false);
  });

  it('takes no view for stale while ZooKeeper’s own is not known', async () => {
    const { clock, broker, probes } = probing(() => null);
    broker.controllerId = 1;
    await clock.advanceAsync(2_500);
    expect(isStale(probes.of(1))).toBe(false);
  });

  it('tells of changes, not of latencies', async () => {
    const { clock, broker, changes } = probing();
    await clock.advanceAsync(500);
    const before = changes();
    broker.answerAfterMs = 20;
    await clock.advanceAsync(3_000);
    expect(changes()).toBe(before);
    broker.answers = false;
    await clock.advanceAsync(1_500);
    expect(changes()).toBe(before + 1);
  });

  it('does not hold against a broker what another process said at a former address', async () => {
    const { clock, broker, targets, probes } = probing();
    broker.answers = false;
    await clock.advanceAsync(400);
    expect(probes.of(1).state).toBe('silent');
    const elsewhere = { host: 'other', port: 9092 };
    targets.set(1, elsewhere);
    probes.livesAt(1, { host: 'host', port: 9092 });
    expect(probes.of(1).state).toBe('silent');
    probes.livesAt(1, elsewhere);
    expect(probes.of(1)).toMatchObject({ state: 'unknown', address: 'other:9092' });
    broker.answers = true;
    await clock.advanceAsync(1_000);
    expect(probes.of(1)).toMatchObject({ state: 'answers', address: 'other:9092' });
  });

  it('lets go of brokers that are no longer asked, and of all when it ends', async () => {
    const { clock, tasks, broker, targets, probes } = probing();
    await clock.advanceAsync(500);
    targets.clear();
    await clock.advanceAsync(1_000);
    expect([broker.open, probes.of(1).state]).toEqual([0, 'unknown']);
    targets.set(1, { host: 'host', port: 9092 });
    await clock.advanceAsync(1_000);
    expect(broker.open).toBe(1);
    await tasks.stop();
    expect(broker.open).toBe(0);
  });
});
