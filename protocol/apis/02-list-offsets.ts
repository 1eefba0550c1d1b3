/**
 * ListOffsets (key 2): finds offsets by time stamp: a real one, or −1 latest, −2 earliest, −3 of the largest time
 * stamp, −4 earliest local, −5 last tiered.
 *
 * v0   lists up to maxNumOffsets segment starts, newest first
 * v1   one offset, with its time stamp (KIP-79)
 * v2   isolation level; throttle time (KIP-98)
 * v3   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v4   leader epochs, to fence the reader and for it to remember (KIP-320)
 * v5   the client knows OFFSET_NOT_AVAILABLE (KIP-207)
 * v6   compact types and tagged fields (KIP-482)
 * v7   time stamp −3 (KIP-734)
 * v8   time stamp −4 (KIP-405)
 * v9   time stamp −5 (KIP-1005)
 */
import { api } from '../api';
import { array, arrayOf, bigint64, int16, int32, int64, int8, string, type TypeOf } from '../schema';

export const listOffsets = api(
  2,
  'ListOffsets',
  { versions: '0-9', flexible: '6+' },
  {
    request: {
      replicaId: int32('0+'),
      isolationLevel: int8('2+'),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          currentLeaderEpoch: int32('4+', { default: -1, ignorable: true }),
          timestamp: bigint64('0+'),
          maxNumOffsets: int32('0', { default: 1 }),
        }),
      }),
    },
    response: {
      throttleTimeMs: int32('2+', { ignorable: true }),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
          oldStyleOffsets: arrayOf('0', int64('0+')),
          timestamp: bigint64('1+', { default: -1n }),
          offset: int64('1+', { default: -1 }),
          leaderEpoch: int32('4+', { default: -1 }),
        }),
      }),
    },
  },
);

export type ListOffsetsRequest = TypeOf<typeof listOffsets.request>;
export type ListOffsetsResponse = TypeOf<typeof listOffsets.response>;
