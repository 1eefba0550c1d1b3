/** Keeps a sender near a number of records a second (Kafka's ThroughputThrottler). */
import { type Clock, sleep } from '../../runtime/clock';

const LEAST_PAUSE_MS = 2;

export class Throttle {
  private readonly startMs: number;

  /** @param perSecond records a second; nothing is held back when it is not above 0 */
  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {
    this.startMs = clock.monotonicMs();
  }

  /** Milliseconds by which `sent` records are ahead of their time. */
  aheadMs(sent: number): number {
    if (this.perSecond <= 0) return 0;
    return (sent / this.perSecond) * 1000 - (this.clock.monotonicMs() - this.startMs);
  }

  /** Waits when there is reason to; short waits are put off, so that timers keep up with high rates. */
  async hold(sent: number): Promise<void> {
    const aheadMs = this.aheadMs(sent);
    if (aheadMs >= LEAST_PAUSE_MS) await sleep(this.clock, aheadMs);
  }
}
