/**
 * LeaderAndIsr (key 4): the controller tells a broker which partitions it leads or follows. Between brokers only.
 *
 * v0   partitions as a flat list
 * v1   whether a partition is new
 * v2   broker epoch, to fence a bounced broker; partitions by topic (KIP-380)
 * v3   replicas being added and removed (KIP-455)
 * v4   compact types and tagged fields (KIP-482)
 * v5   topic ids, and a type: incremental or full (KIP-516)
 * v6   leader recovery state (KIP-704)
 * v7   whether the controller is a KRaft one (KIP-866)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, int64, int8, string, uuid, type TypeOf } from '../schema';

const leaderAndIsrPartitionState = {
  topicName: string('0-1', { ignorable: true }),
  partitionIndex: int32('0+'),
  controllerEpoch: int32('0+'),
  leader: int32('0+'),
  leaderEpoch: int32('0+'),
  isr: arrayOf('0+', int32('0+')),
  partitionEpoch: int32('0+'),
  replicas: arrayOf('0+', int32('0+')),
  addingReplicas: arrayOf('3+', int32('0+'), { ignorable: true }),
  removingReplicas: arrayOf('3+', int32('0+'), { ignorable: true }),
  isNew: bool('1+', { ignorable: true }),
  leaderRecoveryState: int8('6+'),
};

const leaderAndIsrPartitionError = {
  topicName: string('0-4', { ignorable: true }),
  partitionIndex: int32('0+'),
  errorCode: int16('0+'),
};

export const leaderAndIsr = api(
  4,
  'LeaderAndIsr',
  { versions: '0-7', flexible: '4+' },
  {
    request: {
      controllerId: int32('0+'),
      isKRaftController: bool('7+'),
      controllerEpoch: int32('0+'),
      brokerEpoch: int64('2+', { default: -1, ignorable: true }),
      type: int8('5+'),
      ungroupedPartitionStates: array('0-1', leaderAndIsrPartitionState),
      topicStates: array('2+', {
        topicName: string('2+'),
        topicId: uuid('5+', { ignorable: true }),
        partitionStates: array('2+', leaderAndIsrPartitionState),
      }),
      liveLeaders: array('0+', {
        brokerId: int32('0+'),
        hostName: string('0+'),
        port: int32('0+'),
      }),
    },
    response: {
      errorCode: int16('0+'),
      partitionErrors: array('0-4', leaderAndIsrPartitionError),
      topics: array('5+', {
        topicId: uuid('5+'),
        partitionErrors: array('5+', leaderAndIsrPartitionError),
      }),
    },
  },
);

export type LeaderAndIsrRequest = TypeOf<typeof leaderAndIsr.request>;
export type LeaderAndIsrResponse = TypeOf<typeof leaderAndIsr.response>;
