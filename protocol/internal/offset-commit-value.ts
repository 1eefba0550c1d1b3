/**
 * OffsetCommitValue: a committed offset. No value at all, a tombstone, removes it.
 *
 * v0   offset, metadata, time of the commit
 * v1   time of expiry, for commits that ask for a retention of their own
 * v2   no time of expiry (KIP-211)
 * v3   leader epoch (KIP-320); what Kafka 3.9 writes
 * v4   flexible; read only, for the way back from newer brokers (KIP-915)
 */
import { message, bigint64, int32, int64, string, type TypeOf } from '../schema';

export const offsetCommitValue = message(
  'OffsetCommitValue',
  { versions: '0-4', flexible: '4+' },
  {
    offset: int64('0+'),
    leaderEpoch: int32('3+', { default: -1, ignorable: true }),
    metadata: string('0+'),
    commitTimestamp: bigint64('0+'),
    expireTimestamp: bigint64('1', { default: -1n, ignorable: true }),
  },
);

export type OffsetCommitValue = TypeOf<typeof offsetCommitValue>;
