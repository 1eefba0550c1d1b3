/**
 * AllocateProducerIds (key 67): the controller gives a broker a block of producer ids. Between brokers only
 * (KIP-730).
 *
 * v0   flexible
 */
import { api } from '../api';
import { int16, int32, int64, type TypeOf } from '../schema';

export const allocateProducerIds = api(
  67,
  'AllocateProducerIds',
  { versions: '0', flexible: '0+' },
  {
    request: {
      brokerId: int32('0+'),
      brokerEpoch: int64('0+', { default: -1 }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      producerIdStart: int64('0+'),
      producerIdLen: int32('0+'),
    },
  },
);

export type AllocateProducerIdsRequest = TypeOf<typeof allocateProducerIds.request>;
export type AllocateProducerIdsResponse = TypeOf<typeof allocateProducerIds.response>;
