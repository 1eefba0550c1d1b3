/**
 * StopReplica (key 5): the controller tells a broker to stop fetching partitions and, if it says so, to delete them.
 * Between brokers only.
 *
 * v0   flat list, one deletion flag for all
 * v1   broker epoch; partitions by topic (KIP-380)
 * v2   compact types and tagged fields (KIP-482)
 * v3   per partition: leader epoch, to fence, and its own deletion flag (KIP-570)
 * v4   whether the controller is a KRaft one (KIP-866)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, int64, string, type TypeOf } from '../schema';

export const stopReplica = api(
  5,
  'StopReplica',
  { versions: '0-4', flexible: '2+' },
  {
    request: {
      controllerId: int32('0+'),
      isKRaftController: bool('4+'),
      controllerEpoch: int32('0+'),
      brokerEpoch: int64('1+', { default: -1, ignorable: true }),
      deletePartitions: bool('0-2'),
      ungroupedPartitions: array('0', {
        topicName: string('0'),
        partitionIndex: int32('0'),
      }),
      topics: array('1-2', {
        name: string('1-2'),
        partitionIndexes: arrayOf('1-2', int32('0+')),
      }),
      topicStates: array('3+', {
        topicName: string('3+'),
        partitionStates: array('3+', {
          partitionIndex: int32('3+'),
          leaderEpoch: int32('3+', { default: -1 }),
          deletePartition: bool('3+'),
        }),
      }),
    },
    response: {
      errorCode: int16('0+'),
      partitionErrors: array('0+', {
        topicName: string('0+'),
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
      }),
    },
  },
);

export type StopReplicaRequest = TypeOf<typeof stopReplica.request>;
export type StopReplicaResponse = TypeOf<typeof stopReplica.response>;
