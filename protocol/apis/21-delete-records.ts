/**
 * DeleteRecords (key 21): moves the log start offset forward, so that older records go (KIP-107).
 *
 * v0   offset per partition, −1 for the high watermark
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, int16, int32, int64, string, type TypeOf } from '../schema';

export const deleteRecords = api(
  21,
  'DeleteRecords',
  { versions: '0-2', flexible: '2+' },
  {
    request: {
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          offset: int64('0+'),
        }),
      }),
      timeoutMs: int32('0+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          lowWatermark: int64('0+'),
          errorCode: int16('0+'),
        }),
      }),
    },
  },
);

export type DeleteRecordsRequest = TypeOf<typeof deleteRecords.request>;
export type DeleteRecordsResponse = TypeOf<typeof deleteRecords.response>;
