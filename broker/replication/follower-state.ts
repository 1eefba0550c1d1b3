/**
 * What a leader knows about one follower, learned from its fetches (kafka.cluster.Replica). Owned by the leader's
 * Partition; times are monotonic milliseconds.
 */

/** Log end offset of a follower that has not fetched from this leader yet. */
export const UNKNOWN_OFFSET = -1;

/** Time of a follower that never was caught up: long before any clock's start. */
export const NEVER_MS = Number.NEGATIVE_INFINITY;

export class FollowerState {
  logStartOffset = UNKNOWN_OFFSET;
  logEndOffset = UNKNOWN_OFFSET;
  /** The leader's log end offset when it got this follower's last fetch. */
  lastFetchLeaderEndOffset = 0;
  lastFetchMs = NEVER_MS;
  /** The latest time at which this follower had everything that the leader had. */
  lastCaughtUpMs = NEVER_MS;

  constructor(readonly brokerId: number) {}

  /** Takes over what a fetch tells: the follower has everything before `fetchOffset`. */
  recordFetch(fetchOffset: number, logStartOffset: number, leaderEndOffset: number, nowMs: number): void {
    if (fetchOffset >= leaderEndOffset) {
      this.lastCaughtUpMs = Math.max(this.lastCaughtUpMs, nowMs);
    } else if (fetchOffset >= this.lastFetchLeaderEndOffset) {
      // It has by now what the leader had at the fetch before, so it was caught up at that time.
      this.lastCaughtUpMs = Math.max(this.lastCaughtUpMs, this.lastFetchMs);
    }
    this.logStartOffset = logStartOffset;
    this.logEndOffset = fetchOffset;
    this.lastFetchLeaderEndOffset = Math.max(leaderEndOffset, this.lastFetchLeaderEndOffset);
    this.lastFetchMs = nowMs;
  }

  /**
   * Starts anew with a leader epoch. Members of the ISR count as caught up now; the others must not hold the high
   * watermark back.
   */
  reset(isInIsr: boolean, isNewLeader: boolean, leaderEndOffset: number, nowMs: number): void {
    this.lastCaughtUpMs = isInIsr ? nowMs : NEVER_MS;
    if (isNewLeader) {
      this.logStartOffset = UNKNOWN_OFFSET;
      this.logEndOffset = UNKNOWN_OFFSET;
      this.lastFetchLeaderEndOffset = UNKNOWN_OFFSET;
      this.lastFetchMs = NEVER_MS;
    } else {
      this.lastFetchLeaderEndOffset = leaderEndOffset;
      this.lastFetchMs = isInIsr ? nowMs : NEVER_MS;
    }
  }

  isCaughtUp(leaderEndOffset: number, nowMs: number, maxLagMs: number): boolean {
    return this.logEndOffset === leaderEndOffset || nowMs - this.lastCaughtUpMs <= maxLagMs;
  }
}
