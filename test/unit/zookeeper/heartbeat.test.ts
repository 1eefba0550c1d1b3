import type { Clock, TimerHandle } from '../../../runtime/clock';
import { ManualClock } from '../../../runtime/manual-clock';
import { Heartbeat } from '../../../zookeeper/heartbeat';

/** A clock whose only timer fires when the test says so, however late that is. */
class StallingClock implements Clock {
  private atMs = 0;
  private pending: (() => void) | null = null;

  nowMs(): number {
    return this.atMs;
  }

  monotonicMs(): number {
    return this.atMs;
  }

  after(_delayMs: number, callback: () => void): TimerHandle {
    this.pending = callback;
    return { cancel: () => undefined };
  }

  every(): TimerHandle {
    throw new Error('not used here');
  }

  wakeAt(ms: number): void {
    this.atMs = ms;
    this.pending?.();
  }
}

function heartbeatOf<C extends Clock>(
  sessionTimeoutMs: number,
  clock: C,
): { clock: C; heartbeat: Heartbeat; seen: string[] } {
  const seen: string[] = [];
  const heartbeat: Heartbeat = new Heartbeat(clock, {
    ping: () => seen.push(`ping ${clock.monotonicMs()}`),
    dead: (why) => {
      seen.push(`dead ${clock.monotonicMs()}: ${why}`);
      heartbeat.stop();
    },
  });
  heartbeat.start(sessionTimeoutMs);
  return { clock, heartbeat, seen };
}

describe('Heartbeat', () => {
  it('pings after a third of the session time-out without traffic', () => {
    const { clock, heartbeat, seen } = heartbeatOf(9000, new ManualClock());
    clock.advance(2999);
    expect(seen).toEqual([]);
    clock.advance(1);
    heartbeat.received();
    clock.advance(3000);
    expect(seen).toEqual(['ping 3000', 'ping 6000']);
  });

  it('calls the peer dead when a ping stays unanswered until two thirds have passed in silence', () => {
    const { clock, seen } = heartbeatOf(9000, new ManualClock());
    clock.advance(6020);
    expect(seen).toEqual(['ping 3000', 'dead 6010: nothing was received for 6010 ms']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not ping while requests are being sent, and trusts a peer that answers them', () => {
    const { clock, heartbeat, seen } = heartbeatOf(9000, new ManualClock());
    for (let i = 0; i < 20; i++) {
      heartbeat.sent();
      clock.advance(1000);
      heartbeat.received();
    }
    expect(seen).toEqual([]);
  });

  it('after a standstill of our own sends a ping and waits for its answer before it gives up', () => {
    const clock = new StallingClock();
    const { heartbeat, seen } = heartbeatOf(9000, clock);
    clock.wakeAt(20_000);
    expect(seen).toEqual(['ping 20000']);
    clock.wakeAt(21_000);
    heartbeat.received();
    clock.wakeAt(23_000);
    expect(seen).toEqual(['ping 20000', 'ping 23000']);
  });

  it('looks at the socket once more before it gives up after a standstill with a request under way', () => {
    const clock = new StallingClock();
    const { heartbeat, seen } = heartbeatOf(9000, clock);
    heartbeat.sent();
    clock.wakeAt(20_000);
    heartbeat.received();
    clock.wakeAt(20_010);
    expect(seen).toEqual(['ping 20010']);
  });
});
