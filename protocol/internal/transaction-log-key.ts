/**
 * TransactionLogKey: key in __transaction_state.
 *
 * v0   transactional id
 */
import { message, string, type TypeOf } from '../schema';

export const transactionLogKey = message(
  'TransactionLogKey',
  { versions: '0', flexible: 'none' },
  {
    transactionalId: string('0'),
  },
);

export type TransactionLogKey = TypeOf<typeof transactionLogKey>;
