/**
 * How the next leader of a partition is chosen: pure functions of what is known about it. Each gives the next leadership,
 * null when nobody can lead, and the brokers that are to be told by LeaderAndIsr (kafka.controller.Election).
 * | strategy           | candidates       | choice                                        | new ISR                        | told                  |
 * | offline            | assignment       | live and in the ISR; else, if unclean, live   | live part of it; unclean: [l]  | live replicas         |
 * | reassign           | target replicas  | live and in the ISR                           | unchanged                      | target replicas       |
 * | preferred          | the first        | live and in the ISR                           | unchanged                      | whole assignment      |
 * | controlledShutdown | assignment       | in the ISR, not shutting down                 | without those that shut down   | live or shutting down |
 */
import { withLeader, withRecoveringLeader, type Leadership } from './leadership';
import { targetReplicas, type ReplicaAssignment } from './replica-assignment';

export type ElectionStrategy =
  /** `allowUnclean`: an administrator asked for it, whatever the topic's configuration says */
  | { readonly kind: 'offline'; readonly allowUnclean: boolean }
  | { readonly kind: 'reassign' }
  | { readonly kind: 'preferred' }
  | { readonly kind: 'controlledShutdown' };

export interface Candidates {
  readonly current: Leadership;
  readonly assignment: ReplicaAssignment;
  /** Replica on a registered broker that does not shut down, and on a log directory that works. */
  isOnline(replica: number): boolean;
  /** As isOnline, but brokers that shut down count. */
  isOnlineOrShuttingDown(replica: number): boolean;
  isShuttingDown(replica: number): boolean;
}

export interface Election {
  readonly next: Leadership | null;
  readonly recipients: readonly number[];
}

/** @param uncleanAllowed whether a replica outside the ISR may lead; counts for the offline strategy only */
export function elect(kind: ElectionStrategy['kind'], candidates: Candidates, uncleanAllowed: boolean): Election {
  switch (kind) {
    case 'offline':
      return electOffline(candidates, uncleanAllowed);
    case 'reassign':
      return electReassigned(candidates);
    case 'preferred':
      return electPreferred(candidates);
    case 'controlledShutdown':
      return electForShutdown(candidates);
  }
}

function electOffline({ current, assignment, isOnline }: Candidates, uncleanAllowed: boolean): Election {
  const live = assignment.replicas.filter(isOnline);
  const inSync = live.find((replica) => current.isr.includes(replica));
  if (inSync !== undefined) {
    return { next: withLeader(current, inSync, current.isr.filter(isOnline)), recipients: live };
  }
  const [anybody] = live;
  if (!uncleanAllowed || anybody === undefined) return { next: null, recipients: live };
  return { next: withRecoveringLeader(current, anybody, [anybody]), recipients: live };
}

function electReassigned({ current, assignment, isOnline }: Candidates): Election {
  const targets = targetReplicas(assignment);
  const leader = targets.find((replica) => isOnline(replica) && current.isr.includes(replica));
  return { next: leader === undefined ? null : withLeader(current, leader, current.isr), recipients: targets };
}

function electPreferred({ current, assignment, isOnline }: Candidates): Election {
  const [preferred] = assignment.replicas;
  const able = preferred !== undefined && isOnline(preferred) && current.isr.includes(preferred);
  return { next: able ? withLeader(current, preferred, current.isr) : null, recipients: assignment.replicas };
}

function electForShutdown(candidates: Candidates): Election {
  const { current, assignment, isOnlineOrShuttingDown, isShuttingDown } = candidates;
  const able = (replica: number): boolean =>
    isOnlineOrShuttingDown(replica) && current.isr.includes(replica) && !isShuttingDown(replica);
  const leader = assignment.replicas.find(able);
  const isr = current.isr.filter((replica) => !isShuttingDown(replica));
  return {
    next: leader === undefined ? null : withLeader(current, leader, isr),
    recipients: assignment.replicas.filter(isOnlineOrShuttingDown),
  };
}
