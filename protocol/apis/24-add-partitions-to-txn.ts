/**
 * AddPartitionsToTxn (key 24): adds partitions to a transaction. Clients use versions up to 3, brokers from 4 on
 * (KIP-98).
 *
 * v0   one transaction
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH for a fenced transactional producer (KIP-588)
 * v3   compact types and tagged fields (KIP-482)
 * v4   many transactions, and to verify only, between brokers (KIP-890)
 * v5   the client knows TRANSACTION_ABORTABLE (KIP-890)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, int64, string, type TypeOf } from '../schema';

const addPartitionsToTxnTopic = {
  name: string('0+'),
  partitions: arrayOf('0+', int32('0+')),
};

const addPartitionsToTxnPartitionResult = {
  partitionIndex: int32('0+'),
  partitionErrorCode: int16('0+'),
};

const addPartitionsToTxnTopicResult = {
  name: string('0+'),
  resultsByPartition: array('0+', addPartitionsToTxnPartitionResult),
};

export const addPartitionsToTxn = api(
  24,
  'AddPartitionsToTxn',
  { versions: '0-5', flexible: '3+' },
  {
    request: {
      transactions: array('4+', {
        transactionalId: string('4+'),
        producerId: int64('4+'),
        producerEpoch: int16('4+'),
        verifyOnly: bool('4+'),
        topics: array('4+', addPartitionsToTxnTopic),
      }),
      v3AndBelowTransactionalId: string('0-3'),
      v3AndBelowProducerId: int64('0-3'),
      v3AndBelowProducerEpoch: int16('0-3'),
      v3AndBelowTopics: array('0-3', addPartitionsToTxnTopic),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('4+', { ignorable: true }),
      resultsByTransaction: array('4+', {
        transactionalId: string('4+'),
        topicResults: array('4+', addPartitionsToTxnTopicResult),
      }),
      resultsByTopicV3AndBelow: array('0-3', addPartitionsToTxnTopicResult),
    },
  },
);

export type AddPartitionsToTxnRequest = TypeOf<typeof addPartitionsToTxn.request>;
export type AddPartitionsToTxnResponse = TypeOf<typeof addPartitionsToTxn.response>;
