/**
 * AlterPartition (key 56): a leader asks the controller for a new ISR. Between brokers only (KIP-497).
 *
 * v0   flexible; topics by name
 * v1   leader recovery state (KIP-704)
 * v2   topic ids instead of names (KIP-841)
 * v3   each replica of the ISR with its broker epoch (KIP-903)
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, int64, int8, string, uuid, type TypeOf } from '../schema';

export const alterPartition = api(
  56,
  'AlterPartition',
  { versions: '0-3', flexible: '0+' },
  {
    request: {
      brokerId: int32('0+'),
      brokerEpoch: int64('0+', { default: -1 }),
      topics: array('0+', {
        topicName: string('0-1', { ignorable: true }),
        topicId: uuid('2+', { ignorable: true }),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          leaderEpoch: int32('0+'),
          newIsr: arrayOf('0-2', int32('0+')),
          newIsrWithEpochs: array('3+', {
            brokerId: int32('3+'),
            brokerEpoch: int64('3+', { default: -1 }),
          }),
          leaderRecoveryState: int8('1+'),
          partitionEpoch: int32('0+'),
        }),
      }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      topics: array('0+', {
        topicName: string('0-1', { ignorable: true }),
        topicId: uuid('2+', { ignorable: true }),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
          leaderId: int32('0+'),
          leaderEpoch: int32('0+'),
          isr: arrayOf('0+', int32('0+')),
          leaderRecoveryState: int8('1+', { ignorable: true }),
          partitionEpoch: int32('0+'),
        }),
      }),
    },
  },
);

export type AlterPartitionRequest = TypeOf<typeof alterPartition.request>;
export type AlterPartitionResponse = TypeOf<typeof alterPartition.response>;
