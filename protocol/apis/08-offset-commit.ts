/**
 * OffsetCommit (key 8): stores offsets of a group.
 *
 * v0   meant for offsets in ZooKeeper
 * v1   generation and member, to fence; a time stamp per partition
 * v2   retention time for the whole request instead
 * v3   response: throttle time
 * v4   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v5   no retention time any more: the broker's configuration decides (KIP-211)
 * v6   leader epoch of each offset (KIP-320)
 * v7   group instance id of static members (KIP-345)
 * v8   compact types and tagged fields (KIP-482)
 * v9   may come from groups of the new consumer protocol (KIP-848)
 */
import { api } from '../api';
import { array, bigint64, int16, int32, int64, string, type TypeOf } from '../schema';

export const offsetCommit = api(
  8,
  'OffsetCommit',
  { versions: '0-9', flexible: '8+' },
  {
    request: {
      groupId: string('0+'),
      generationIdOrMemberEpoch: int32('1+', { default: -1, ignorable: true }),
      memberId: string('1+', { ignorable: true }),
      groupInstanceId: string('7+', { nullable: '7+', default: null }),
      retentionTimeMs: bigint64('2-4', { default: -1n, ignorable: true }),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          committedOffset: int64('0+'),
          committedLeaderEpoch: int32('6+', { default: -1, ignorable: true }),
          commitTimestamp: bigint64('1', { default: -1n }),
          committedMetadata: string('0+', { nullable: '0+' }),
        }),
      }),
    },
    response: {
      throttleTimeMs: int32('3+', { ignorable: true }),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
        }),
      }),
    },
  },
);

export type OffsetCommitRequest = TypeOf<typeof offsetCommit.request>;
export type OffsetCommitResponse = TypeOf<typeof offsetCommit.response>;
