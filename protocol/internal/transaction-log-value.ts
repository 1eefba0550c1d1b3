/**
 * TransactionLogValue: state of a transactional id. A tombstone removes it.
 *
 * v0   producer, state, partitions, times; what Kafka 3.9 writes
 * v1   flexible; read only, for the way back from newer brokers (KIP-915)
 */
import { message, array, arrayOf, bigint64, int16, int32, int64, int8, string, type TypeOf } from '../schema';

export const transactionLogValue = message(
  'TransactionLogValue',
  { versions: '0-1', flexible: '1+' },
  {
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    transactionTimeoutMs: int32('0+'),
    transactionStatus: int8('0+'),
    transactionPartitions: array(
      '0+',
      {
        topic: string('0+'),
        partitionIds: arrayOf('0+', int32('0+')),
      },
      { nullable: '0+' },
    ),
    transactionLastUpdateTimestampMs: bigint64('0+'),
    transactionStartTimestampMs: bigint64('0+'),
  },
);

export type TransactionLogValue = TypeOf<typeof transactionLogValue>;
