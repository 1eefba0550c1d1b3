/**
 * OffsetForLeaderEpoch (key 23): tells where a leader epoch ends, by which a follower or consumer learns from where
 * on it must truncate (KIP-101).
 *
 * v0   the epoch asked for
 * v1   response: the epoch found, which may be an older one (KIP-279)
 * v2   the leader epoch that the asker believes in; throttle time (KIP-320)
 * v3   replica id (KIP-392)
 * v4   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, int16, int32, int64, string, type TypeOf } from '../schema';

export const offsetForLeaderEpoch = api(
  23,
  'OffsetForLeaderEpoch',
  { versions: '0-4', flexible: '4+' },
  {
    request: {
      replicaId: int32('3+', { default: -2, ignorable: true }),
      topics: array('0+', {
        topic: string('0+'),
        partitions: array('0+', {
          partition: int32('0+'),
          currentLeaderEpoch: int32('2+', { default: -1, ignorable: true }),
          leaderEpoch: int32('0+'),
        }),
      }),
    },
    response: {
      throttleTimeMs: int32('2+', { ignorable: true }),
      topics: array('0+', {
        topic: string('0+'),
        partitions: array('0+', {
          errorCode: int16('0+'),
          partition: int32('0+'),
          leaderEpoch: int32('1+', { default: -1, ignorable: true }),
          endOffset: int64('0+', { default: -1 }),
        }),
      }),
    },
  },
);

export type OffsetForLeaderEpochRequest = TypeOf<typeof offsetForLeaderEpoch.request>;
export type OffsetForLeaderEpochResponse = TypeOf<typeof offsetForLeaderEpoch.response>;
