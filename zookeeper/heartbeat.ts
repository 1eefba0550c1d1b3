/**
 * Keeps a connection honest: pings when nothing was sent for a third of the session's time-out, and calls it dead when
 * nothing was received for two thirds although a ping or request has been unanswered for one.
 * The second condition spares connections after our own event loop has stood still.
 */
import type { Clock, TimerHandle } from '../runtime/clock';

/** One more look at the socket before it is called dead: bytes may be waiting in it behind a late timer. */
const LAST_LOOK_MS = 10;

export class Heartbeat {
  private timer: TimerHandle | null = null;
  private pingAfterMs = 0;
  private deadAfterMs = 0;
  private lastSentMs = 0;
  private lastReceivedMs = 0;
  private unansweredSinceMs: number | null = null;
  private lastLook = false;

  constructor(
    private readonly clock: Clock,
    private readonly effects: { ping: () => void; dead: (why: string) => void },
  ) {}

  start(sessionTimeoutMs: number): void {
    this.stop();
    this.pingAfterMs = Math.max(1, Math.floor(sessionTimeoutMs / 3));
    this.deadAfterMs = 2 * this.pingAfterMs;
    this.lastSentMs = this.lastReceivedMs = this.clock.monotonicMs();
    this.schedule(this.pingAfterMs);
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = null;
    this.unansweredSinceMs = null;
    this.lastLook = false;
  }

  /** Something was written that will be answered. */
  sent(): void {
    this.lastSentMs = this.clock.monotonicMs();
    this.unansweredSinceMs ??= this.lastSentMs;
  }

  received(): void {
    this.lastReceivedMs = this.clock.monotonicMs();
    this.unansweredSinceMs = null;
    this.lastLook = false;
  }

  private beat(): void {
    const nowMs = this.clock.monotonicMs();
    const silentMs = nowMs - this.lastReceivedMs;
    const unansweredMs = this.unansweredSinceMs === null ? 0 : nowMs - this.unansweredSinceMs;
    if (silentMs >= this.deadAfterMs && unansweredMs >= this.pingAfterMs) {
      if (this.lastLook) {
        this.effects.dead(`nothing was received for ${Math.round(silentMs)} ms`);
        return;
      }
      this.lastLook = true;
      this.schedule(LAST_LOOK_MS);
      return;
    }
    if (nowMs - this.lastSentMs >= this.pingAfterMs) {
      this.effects.ping();
      this.sent();
    }
    this.schedule(this.nextLookMs(nowMs));
  }

  private nextLookMs(nowMs: number): number {
    const pingInMs = this.lastSentMs + this.pingAfterMs - nowMs;
    if (this.unansweredSinceMs === null) return pingInMs;
    const deadAtMs = Math.max(this.lastReceivedMs + this.deadAfterMs, this.unansweredSinceMs + this.pingAfterMs);
    return Math.min(pingInMs, deadAtMs - nowMs);
  }

  private schedule(delayMs: number): void {
    this.timer = this.clock.after(Math.max(1, delayMs), () => this.beat());
  }
}
