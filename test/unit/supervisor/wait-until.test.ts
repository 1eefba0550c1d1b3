import { ManualClock } from '../../../runtime/manual-clock';
import { StopWaiting, waitUntil } from '../../../supervisor/wait-until';

const refuse = (): never => {
  throw new Error('connection refused');
};

const giveUp = (): never => {
  throw new StopWaiting('the process has ended');
};

describe('waiting for a condition', () => {
  it('returns the first value that is not null', async () => {
    const clock = new ManualClock();
    let tries = 0;
    const waiting = waitUntil(() => (++tries === 3 ? 'there' : null), { what: 'it came', timeoutMs: 1000, clock });
    await clock.advanceAsync(100);
    expect(await waiting).toBe('there');
  });

  it('says what it waited for, how long, and the last error', async () => {
    const clock = new ManualClock();
    const waiting = waitUntil(refuse, { what: 'broker 1 served', timeoutMs: 2000, clock });
    const [outcome] = await Promise.all([waiting.catch((error: Error) => error.message), clock.advanceAsync(3000)]);
    expect(outcome).toBe('waited 2 s until broker 1 served, in vain (last error: connection refused)');
  });

  it('ends at once when the probe knows that waiting is of no use', async () => {
    const clock = new ManualClock();
    await expect(waitUntil(giveUp, { what: 'x', timeoutMs: 9000, clock })).rejects.toThrow('the process has ended');
    expect(clock.pendingTimers).toBe(0);
  });
});
