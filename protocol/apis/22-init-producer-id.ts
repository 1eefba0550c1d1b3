/**
 * InitProducerId (key 22): gives a producer its id and epoch; with a transactional id it fences the former holder
 * (KIP-98).
 *
 * v0   transactional id or null, transaction time-out
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 * v3   current id and epoch, to go on after an error (KIP-360)
 * v4   PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH for a fenced transactional producer (KIP-588)
 * v5   the client knows TRANSACTION_ABORTABLE (KIP-890)
 */
import { api } from '../api';
import { int16, int32, int64, string, type TypeOf } from '../schema';

export const initProducerId = api(
  22,
  'InitProducerId',
  { versions: '0-5', flexible: '2+' },
  {
    request: {
      transactionalId: string('0+', { nullable: '0+' }),
      transactionTimeoutMs: int32('0+'),
      producerId: int64('3+', { default: -1 }),
      producerEpoch: int16('3+', { default: -1 }),
    },
    response: {
      throttleTimeMs: int32('0+', { ignorable: true }),
      errorCode: int16('0+'),
      producerId: int64('0+', { default: -1 }),
      producerEpoch: int16('0+'),
    },
  },
);

export type InitProducerIdRequest = TypeOf<typeof initProducerId.request>;
export type InitProducerIdResponse = TypeOf<typeof initProducerId.response>;
