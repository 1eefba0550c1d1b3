/**
 * AddOffsetsToTxn (key 25): adds a group's partition of __consumer_offsets to a transaction (KIP-98).
 *
 * v0   transactional id, producer, group
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH for a fenced transactional producer (KIP-588)
 * v3   compact types and tagged fields (KIP-482)
 * v4   the client knows TRANSACTION_ABORTABLE (KIP-890)
 */
import { api } from '../api';
import { int16, int32, int64, string, type TypeOf } from '../schema';

export const addOffsetsToTxn = api(
  25,
  'AddOffsetsToTxn',
  { versions: '0-4', flexible: '3+' },
  {
    request: {
      transactionalId: string('0+'),
      producerId: int64('0+'),
      producerEpoch: int16('0+'),
      groupId: string('0+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
    },
  },
);

export type AddOffsetsToTxnRequest = TypeOf<typeof addOffsetsToTxn.request>;
export type AddOffsetsToTxnResponse = TypeOf<typeof addOffsetsToTxn.response>;
