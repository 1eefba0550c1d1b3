/**
 * OffsetFetch (key 9): reads stored offsets of a group.
 *
 * v0   meant for offsets in ZooKeeper
 * v1   offsets of __consumer_offsets
 * v2   null: all partitions of the group; an error code for the whole group (KIP-88)
 * v3   response: throttle time
 * v4   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v5   leader epoch of each offset (KIP-320)
 * v6   compact types and tagged fields (KIP-482)
 * v7   requireStable: refuse while a transaction may still change an offset (KIP-447)
 * v8   several groups in one request (KIP-709)
 * v9   member id and epoch of the new consumer protocol (KIP-848)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, int64, string, type TypeOf } from '../schema';

export const offsetFetch = api(
  9,
  'OffsetFetch',
  { versions: '0-9', flexible: '6+' },
  {
    request: {
      groupId: string('0-7'),
      topics: array(
        '0-7',
        {
          name: string('0-7'),
          partitionIndexes: arrayOf('0-7', int32('0+')),
        },
        { nullable: '2-7' },
      ),
      groups: array('8+', {
        groupId: string('8+'),
        memberId: string('9+', { nullable: '9+', default: null, ignorable: true }),
        memberEpoch: int32('9+', { default: -1, ignorable: true }),
        topics: array(
          '8+',
          {
            name: string('8+'),
            partitionIndexes: arrayOf('8+', int32('0+')),
          },
          { nullable: '8+' },
        ),
      }),
      requireStable: bool('7+'),
    },
    response: {
      throttleTimeMs: int32('3+', { ignorable: true }),
      topics: array('0-7', {
        name: string('0-7'),
        partitions: array('0-7', {
          partitionIndex: int32('0-7'),
          committedOffset: int64('0-7'),
          committedLeaderEpoch: int32('5-7', { default: -1, ignorable: true }),
          metadata: string('0-7', { nullable: '0-7' }),
          errorCode: int16('0-7'),
        }),
      }),
      errorCode: int16('2-7', { ignorable: true }),
      groups: array('8+', {
        groupId: string('8+'),
        topics: array('8+', {
          name: string('8+'),
          partitions: array('8+', {
            partitionIndex: int32('8+'),
            committedOffset: int64('8+'),
            committedLeaderEpoch: int32('8+', { default: -1, ignorable: true }),
            metadata: string('8+', { nullable: '8+' }),
            errorCode: int16('8+'),
          }),
        }),
        errorCode: int16('8+'),
      }),
    },
  },
);

export type OffsetFetchRequest = TypeOf<typeof offsetFetch.request>;
export type OffsetFetchResponse = TypeOf<typeof offsetFetch.response>;
