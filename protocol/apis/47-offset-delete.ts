/**
 * OffsetDelete (key 47): deletes stored offsets of a group for topics that it no longer reads. Never flexible
 * (KIP-496).
 *
 * v0   by partition
 */
import { api } from '../api';
import { array, int16, int32, string, type TypeOf } from '../schema';

export const offsetDelete = api(
  47,
  'OffsetDelete',
  { versions: '0', flexible: 'none' },
  {
    request: {
      groupId: string('0+'),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
        }),
      }),
    },
    response: {
      errorCode: int16('0+'),
      throttleTimeMs: int32('0+', { ignorable: true }),
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

export type OffsetDeleteRequest = TypeOf<typeof offsetDelete.request>;
export type OffsetDeleteResponse = TypeOf<typeof offsetDelete.response>;
