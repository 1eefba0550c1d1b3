/** Who leads a partition and who is in sync: the content of its state node, and how it may change. Plain values. */
import { LEADER_RECOVERED, LEADER_RECOVERING, NO_LEADER, type PartitionState } from '../../../zookeeper/znodes';

/** Leader, leader epoch and ISR, with the epoch of the controller that wrote them. */
export interface Leadership extends Readonly<Omit<PartitionState, 'isr'>> {
  readonly isr: readonly number[];
  /** Data version of the state node. */
  readonly partitionEpoch: number;
}

/** What UpdateMetadata says of a partition whose topic is being deleted (kafka.api.LeaderAndIsr.duringDelete). */
export const LEADER_DURING_DELETE = -2;
/** The leader epoch that StopReplica carries for a topic that is being deleted: it overrides every epoch. */
export const EPOCH_DURING_DELETE = -2;
/** The leader epoch of a partition that has no leadership yet. */
export const NO_EPOCH = -1;

/** What a new partition starts with: the first live replica leads, all live ones are in sync. */
export function initialLeadership(liveReplicas: readonly number[], controllerEpoch: number): Leadership {
  return {
    leader: liveReplicas[0] ?? NO_LEADER,
    leaderEpoch: 0,
    isr: liveReplicas,
    leaderRecoveryState: LEADER_RECOVERED,
    controllerEpoch,
    partitionEpoch: 0,
  };
}

/** The next leader epoch with this leader and ISR; the recovery state stays. */
export function withLeader(current: Leadership, leader: number, isr: readonly number[]): Leadership {
  return { ...current, leader, isr, leaderEpoch: current.leaderEpoch + 1 };
}

/** The next leader epoch after an unclean election: the leader has to recover (KIP-704). */
export function withRecoveringLeader(current: Leadership, leader: number, isr: readonly number[]): Leadership {
  return { ...withLeader(current, leader, isr), leaderRecoveryState: LEADER_RECOVERING };
}

/** The same leader and ISR in the next leader epoch. */
export function nextEpoch(current: Leadership): Leadership {
  return { ...current, leaderEpoch: current.leaderEpoch + 1 };
}

/**
 * Takes a replica out of the ISR; the last one stays, since nobody else has the data. A leader that leaves is followed
 * by no leader.
 */
export function withoutReplica(current: Leadership, replica: number): Leadership {
  const leader = current.leader === replica ? NO_LEADER : current.leader;
  const isr = current.isr.length === 1 ? current.isr : current.isr.filter((id) => id !== replica);
  return withLeader(current, leader, isr);
}

export function toPartitionState(leadership: Leadership): PartitionState {
  const { leader, leaderEpoch, isr, leaderRecoveryState, controllerEpoch } = leadership;
  return { leader, leaderEpoch, isr: [...isr], leaderRecoveryState, controllerEpoch };
}

/** For the log: `leader 1, epoch 4, ISR 1,2`. */
export function describeLeadership({ leader, leaderEpoch, isr, partitionEpoch }: Leadership): string {
  return `leader ${leader}, leader epoch ${leaderEpoch}, ISR ${isr.join(',')}, partition epoch ${partitionEpoch}`;
}
