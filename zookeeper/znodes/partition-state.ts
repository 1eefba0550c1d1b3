/**
 * `/brokers/topics/<topic>/partitions/<partition>/state`, persistent:
 * `{"controller_epoch":1,"leader":0,"version":1,"leader_epoch":0,"isr":[0,1]}`, with `"leader_recovery_state":1` before
 * leader_epoch only while the leader recovers from an unclean election (KIP-704).
 * The node's data version is the partition epoch; every change is conditional on it.
 */
import { decodeJson, encodeJson } from './json';
import { topicPath } from './topic-assignment';

export function partitionsPath(topic: string): string {
  return `${topicPath(topic)}/partitions`;
}

export function partitionPath(topic: string, partition: number): string {
  return `${partitionsPath(topic)}/${partition}`;
}

export function partitionStatePath(topic: string, partition: number): string {
  return `${partitionPath(topic, partition)}/state`;
}

/** Broker id of no leader. */
export const NO_LEADER = -1;

export const LEADER_RECOVERED = 0;
export const LEADER_RECOVERING = 1;

export interface PartitionState {
  /** -1: none. */
  leader: number;
  leaderEpoch: number;
  /** Epoch of the controller that wrote it last. */
  controllerEpoch: number;
  isr: number[];
  /** LEADER_RECOVERED or LEADER_RECOVERING. */
  leaderRecoveryState: number;
}

export function encodePartitionState(state: PartitionState): Buffer {
  return encodeJson({
    controller_epoch: state.controllerEpoch,
    leader: state.leader,
    version: 1,
    ...(state.leaderRecoveryState === LEADER_RECOVERED ? {} : { leader_recovery_state: state.leaderRecoveryState }),
    leader_epoch: state.leaderEpoch,
    isr: state.isr,
  });
}

export function decodePartitionState(topic: string, partition: number, data: Buffer | null): PartitionState {
  const json = decodeJson(data, `state of partition ${topic}-${partition}`);
  return {
    leader: json.int('leader'),
    leaderEpoch: json.int('leader_epoch'),
    controllerEpoch: json.int('controller_epoch'),
    isr: json.intArray('isr'),
    leaderRecoveryState: json.has('leader_recovery_state') ? json.int('leader_recovery_state') : LEADER_RECOVERED,
  };
}
