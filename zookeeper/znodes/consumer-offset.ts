/**
 * `/consumers/<group>/offsets/<topic>/<partition>`, persistent: a committed offset as decimal text. Only OffsetCommit and
 * OffsetFetch of version 0, from before 0.8.2, use it; newer clients keep their offsets in __consumer_offsets.
 */
import { CONSUMERS_PATH } from './top-level-paths';

export function consumerOffsetPath(groupId: string, topic: string, partition: number): string {
  return `${CONSUMERS_PATH}/${groupId}/offsets/${topic}/${partition}`;
}

export function encodeConsumerOffset(offset: number): Buffer {
  return Buffer.from(String(offset));
}

/** Null when the node is there but holds nothing. */
export function decodeConsumerOffset(data: Buffer | null): number | null {
  return data === null || data.length === 0 ? null : Number(data.toString('utf8'));
}
