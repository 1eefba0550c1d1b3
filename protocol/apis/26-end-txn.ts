/**
 * EndTxn (key 26): commits or aborts a transaction; it is answered before the markers are written (KIP-98).
 *
 * v0   transactional id, producer, outcome
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH for a fenced transactional producer (KIP-588)
 * v3   compact types and tagged fields (KIP-482)
 * v4   the client knows TRANSACTION_ABORTABLE (KIP-890)
 */
import { api } from '../api';
import { bool, int16, int32, int64, string, type TypeOf } from '../schema';

export const endTxn = api(
  26,
  'EndTxn',
  { versions: '0-4', flexible: '3+' },
  {
    request: {
      transactionalId: string('0+'),
      producerId: int64('0+'),
      producerEpoch: int16('0+'),
      committed: bool('0+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
    },
  },
);

export type EndTxnRequest = TypeOf<typeof endTxn.request>;
export type EndTxnResponse = TypeOf<typeof endTxn.response>;
