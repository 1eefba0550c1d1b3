/**
 * `/isr_change_notification/isr_change_<n>`, persistent sequential: partitions whose ISR a leader has written to
 * ZooKeeper itself. Only brokers with IBP before 2.7-IV2 do so; a controller must read and delete them.
 */
import { decodePartitionList, encodePartitionList, type NodePartition } from './topic-partitions';

export const ISR_CHANGE_NOTIFICATION_PATH = '/isr_change_notification';
export const ISR_CHANGE_PREFIX = 'isr_change_';

/** What to create, in mode persistent-sequential. */
export const ISR_CHANGE_CREATE_PATH = `${ISR_CHANGE_NOTIFICATION_PATH}/${ISR_CHANGE_PREFIX}`;

export function encodeIsrChange(partitions: readonly NodePartition[]): Buffer {
  return encodePartitionList(partitions);
}

export function decodeIsrChange(data: Buffer | null): NodePartition[] {
  return decodePartitionList(data, 'ISR change notification');
}
