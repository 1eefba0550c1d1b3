/** Where a follower's log has to be cut, as pure decisions (AbstractFetcherThread.getOffsetTruncationState, KIP-279, KIP-595). */
import type { EpochEndOffset } from '../log';

export interface Truncation {
  readonly offset: number;
  /** False when the leader has to be asked again with the epoch that the log then ends with. */
  readonly complete: boolean;
}

/** What the decision looks at in the follower's own log. */
export interface FollowerLogView {
  readonly logEndOffset: number;
  endOffsetForEpoch(epoch: number): EpochEndOffset | null;
}

/**
 * The leader says that the last epoch it shares with us, or the largest below it, ends at `diverging.endOffset`.
 * Everything that this log has beyond the end of a shared epoch goes.
 */
export function truncationForDivergence(log: FollowerLogView, diverging: EpochEndOffset): Truncation {
  const own = log.endOffsetForEpoch(diverging.epoch);
  if (own === null) return { offset: Math.min(diverging.endOffset, log.logEndOffset), complete: true };
  if (own.epoch !== diverging.epoch) {
    // An epoch that we do not have: cut back to the one before it, and let the leader compare once more.
    return { offset: Math.min(own.endOffset, log.logEndOffset), complete: false };
  }
  return { offset: Math.min(own.endOffset, diverging.endOffset, log.logEndOffset), complete: true };
}

export type OffsetReset =
  /** The leader's log ends before ours: cut ours there. */
  | { readonly action: 'truncate'; readonly offset: number }
  /** The leader's log begins after ours ends: start over where it begins. */
  | { readonly action: 'start over'; readonly offset: number }
  /** Our end lies within the leader's log after all. */
  | { readonly action: 'go on'; readonly offset: number };

/** What to do after OFFSET_OUT_OF_RANGE, from both ends of the leader's log and the end of our own. */
export function resetForOutOfRange(ownEnd: number, leaderStart: number, leaderEnd: number): OffsetReset {
  if (leaderEnd < ownEnd) return { action: 'truncate', offset: leaderEnd };
  if (leaderStart > ownEnd) return { action: 'start over', offset: leaderStart };
  return { action: 'go on', offset: Math.max(leaderStart, ownEnd) };
}
