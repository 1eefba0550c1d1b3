/**
 * Decides on a leader's wish to change its ISR (KIP-497, KIP-841): a pure function of what the controller knows. The
 * order of the checks is part of the protocol; the leader tells by the error whether to retry, to give up or to find
 * another controller (kafka.controller.KafkaController.tryProcessAlterPartition).
 */
import { Errors, type WireError } from '../../../protocol';
import { LEADER_RECOVERED, LEADER_RECOVERING } from '../../../zookeeper/znodes';
import type { Leadership } from './leadership';

export interface IsrWish {
  /** The broker that asks, which must be the leader it claims to be. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly number[];
  readonly leaderRecoveryState: number;
}

export type IsrVerdict =
  | { readonly kind: 'accepted' }
  /** It is already so: an earlier answer was lost. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly error: WireError };

const refused = (error: WireError): IsrVerdict => ({ kind: 'refused', error });

/**
 * @param current null for a partition that the controller does not know
 * @param version of the request: up to 1 there is no INELIGIBLE_REPLICA
 */
export function decideIsr(
  current: Leadership | null,
  wish: IsrWish,
  isLive: (brokerId: number) => boolean,
  version: number,
): IsrVerdict {
  if (current === null) return refused(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  if (wish.partitionEpoch > current.partitionEpoch || wish.leaderEpoch > current.leaderEpoch) {
    return refused(Errors.NOT_CONTROLLER);
  }
  if (wish.leaderEpoch < current.leaderEpoch) return refused(Errors.FENCED_LEADER_EPOCH);
  if (isAlreadySo(current, wish)) return { kind: 'unchanged' };
  if (wish.partitionEpoch < current.partitionEpoch) return refused(Errors.INVALID_UPDATE_VERSION);
  if (wish.leaderRecoveryState === LEADER_RECOVERING) {
    if (wish.isr.length > 1 || current.leaderRecoveryState === LEADER_RECOVERED) return refused(Errors.INVALID_REQUEST);
  }
  if (!wish.isr.every(isLive)) {
    return refused(version > 1 ? Errors.INELIGIBLE_REPLICA : Errors.OPERATION_NOT_ATTEMPTED);
  }
  return { kind: 'accepted' };
}

/** The order of the ISR counts, as it does in Kafka. */
function isAlreadySo(current: Leadership, wish: IsrWish): boolean {
  return (
    current.leader === wish.leader &&
    current.leaderRecoveryState === wish.leaderRecoveryState &&
    current.isr.length === wish.isr.length &&
    current.isr.every((replica, index) => replica === wish.isr[index])
  );
}
