/** Partitions and verdicts as the tests of the judgements write and read them. */
import { conditionOf, type PartitionCondition, type Surroundings } from '../../../../coordinator/health/topic';
import type { KnownPartition } from '../../../../coordinator/observe/cluster-state';
import type { Verdict } from '../../../../coordinator/schemas';

export interface Given {
  topic?: string;
  partition?: number;
  replicas: number[];
  isr?: number[];
  leader?: number;
  adding?: number[];
  removing?: number[];
}

export function partition({ topic = 'orders', partition: number = 0, ...given }: Given): KnownPartition {
  const { replicas, isr = replicas, leader = isr[0] ?? -1, adding = [], removing = [] } = given;
  return {
    topic,
    partition: number,
    replicas,
    addingReplicas: adding,
    removingReplicas: removing,
    state: { leader, isr, leaderEpoch: 3, controllerEpoch: 1, leaderRecoveryState: 0 },
    partitionEpoch: 7,
  };
}

/** @param live brokers that are registered */
export function condition(
  given: Given,
  live: number[],
  minIsr = 1,
  around: Partial<Surroundings> = {},
): PartitionCondition {
  return conditionOf(partition(given), { isRegistered: (id) => live.includes(id), minIsr, ...around });
}

/** `unhealthy: PARTITION_OFFLINE critical, …` */
export function told({ verdict, reasons }: Verdict): string {
  return [`${verdict}:`, ...reasons.map(({ code, severity }) => `${code} ${severity}`)].join(' ');
}
