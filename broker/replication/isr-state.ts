/**
 * The in-sync replicas as their leader sees them, as values and pure steps (kafka.cluster.PartitionState, KIP-497).
 *
 * ```
 *             propose            controller accepts
 * committed ──────────▶ pending ────────────────────▶ committed (new ISR, new partition epoch)
 *     ▲                  │  │ refused for good: committed as before
 *     └──────────────────┘  │ refused because we are behind: stays pending until the next LeaderAndIsr
 *                           └ anything else: the same proposal is sent again
 * ```
 *
 * At most one change is pending. Until the controller has answered nobody knows which ISR counts, so the high watermark
 * looks at the larger of both: the proposed one while expanding, the committed one while shrinking.
 */
import type { IsrDecision } from '../cluster/cluster-change';

export interface CommittedIsr {
  readonly kind: 'committed';
  readonly isr: readonly number[];
}

export interface PendingIsr {
  readonly kind: 'pending';
  readonly change: 'expand' | 'shrink';
  readonly committed: CommittedIsr;
  readonly proposed: readonly number[];
}

export type IsrState = CommittedIsr | PendingIsr;

export function committedIsr(isr: readonly number[]): CommittedIsr {
  return { kind: 'committed', isr };
}

/** The ISR that counts for min.insync.replicas and for what clients are told. */
export function effectiveIsr(state: IsrState): readonly number[] {
  return state.kind === 'committed' ? state.isr : state.committed.isr;
}

/** The ISR that the high watermark has to wait for. */
export function maximalIsr(state: IsrState): readonly number[] {
  if (state.kind === 'committed') return state.isr;
  return state.change === 'expand' ? state.proposed : state.committed.isr;
}

export function proposeExpand(state: CommittedIsr, brokerId: number): PendingIsr {
  return { kind: 'pending', change: 'expand', committed: state, proposed: [...state.isr, brokerId] };
}

export function proposeShrink(state: CommittedIsr, outOfSync: readonly number[]): PendingIsr {
  const proposed = state.isr.filter((id) => !outOfSync.includes(id));
  return { kind: 'pending', change: 'shrink', committed: state, proposed };
}

/** What follows from the controller's answer. */
export type IsrStep =
  | { readonly action: 'commit'; readonly state: CommittedIsr; readonly partitionEpoch: number }
  | { readonly action: 'revert'; readonly state: CommittedIsr }
  | { readonly action: 'wait' }
  | { readonly action: 'retry' }
  | { readonly action: 'ignore'; readonly why: string };

/**
 * Judges the controller's answer to `proposal`.
 * @param current the partition's state now; the answer is out of date unless it still is the proposal
 */
export function stepIsr(
  current: IsrState,
  proposal: PendingIsr,
  decision: IsrDecision,
  own: { readonly leaderEpoch: number; readonly partitionEpoch: number },
): IsrStep {
  if (current !== proposal) return { action: 'ignore', why: 'the partition has moved on' };
  if (!decision.accepted) return stepRefused(proposal, decision.error.name);
  if (decision.leaderEpoch !== own.leaderEpoch) return { action: 'ignore', why: 'it is of another leader epoch' };
  if (decision.partitionEpoch < own.partitionEpoch)
    return { action: 'ignore', why: 'a newer partition epoch is known' };
  return { action: 'commit', state: committedIsr(decision.isr), partitionEpoch: decision.partitionEpoch };
}

function stepRefused(proposal: PendingIsr, errorName: string): IsrStep {
  switch (errorName) {
    // The controller vouches that our partition epoch is current and that nothing was changed.
    case 'OPERATION_NOT_ATTEMPTED':
    case 'INELIGIBLE_REPLICA':
      return { action: 'revert', state: proposal.committed };
    // We are behind; whether it was changed before cannot be known, and a LeaderAndIsr is on its way.
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'UNKNOWN_TOPIC_ID':
    case 'FENCED_LEADER_EPOCH':
    case 'INVALID_UPDATE_VERSION':
    case 'INVALID_REQUEST':
    case 'NEW_LEADER_ELECTED':
      return { action: 'wait' };
    default:
      return { action: 'retry' };
  }
}
