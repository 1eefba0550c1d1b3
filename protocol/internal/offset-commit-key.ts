/**
 * OffsetCommitKey: key of a committed offset in __consumer_offsets.
 *
 * v0   as version 1
 * v1   group, topic, partition; what Kafka writes
 */
import { message, int32, string, type TypeOf } from '../schema';

export const offsetCommitKey = message(
  'OffsetCommitKey',
  { versions: '0-1', flexible: 'none' },
  {
    group: string('0-1'),
    topic: string('0-1'),
    partition: int32('0-1'),
  },
);

export type OffsetCommitKey = TypeOf<typeof offsetCommitKey>;
