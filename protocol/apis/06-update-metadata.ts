/**
 * UpdateMetadata (key 6): the controller tells a broker the live brokers and the state of partitions, from which
 * Metadata is answered. Between brokers only.
 *
 * v0   one host and port per broker
 * v1   several endpoints per broker
 * v2   rack (KIP-36)
 * v3   listener names (KIP-103)
 * v4   offline replicas (KIP-112)
 * v5   broker epoch; partitions by topic (KIP-380)
 * v6   compact types and tagged fields (KIP-482)
 * v7   topic ids (KIP-516)
 * v8   whether the controller is a KRaft one, and a tagged type: incremental or full (KIP-866)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, int64, int8, string, uuid, type TypeOf } from '../schema';

const updateMetadataPartitionState = {
  topicName: string('0-4', { ignorable: true }),
  partitionIndex: int32('0+'),
  controllerEpoch: int32('0+'),
  leader: int32('0+'),
  leaderEpoch: int32('0+'),
  isr: arrayOf('0+', int32('0+')),
  zkVersion: int32('0+'),
  replicas: arrayOf('0+', int32('0+')),
  offlineReplicas: arrayOf('4+', int32('0+'), { ignorable: true }),
};

export const updateMetadata = api(
  6,
  'UpdateMetadata',
  { versions: '0-8', flexible: '6+' },
  {
    request: {
      controllerId: int32('0+'),
      isKRaftController: bool('8+'),
      type: int8('8+', { tag: 0, tagged: '8+' }),
      controllerEpoch: int32('0+'),
      brokerEpoch: int64('5+', { default: -1, ignorable: true }),
      ungroupedPartitionStates: array('0-4', updateMetadataPartitionState),
      topicStates: array('5+', {
        topicName: string('5+'),
        topicId: uuid('7+', { ignorable: true }),
        partitionStates: array('5+', updateMetadataPartitionState),
      }),
      liveBrokers: array('0+', {
        id: int32('0+'),
        v0Host: string('0', { ignorable: true }),
        v0Port: int32('0', { ignorable: true }),
        endpoints: array(
          '1+',
          {
            port: int32('1+'),
            host: string('1+'),
            listener: string('3+', { ignorable: true }),
            securityProtocol: int16('1+'),
          },
          { ignorable: true },
        ),
        rack: string('2+', { nullable: '0+', ignorable: true }),
      }),
    },
    response: {
      errorCode: int16('0+'),
    },
  },
);

export type UpdateMetadataRequest = TypeOf<typeof updateMetadata.request>;
export type UpdateMetadataResponse = TypeOf<typeof updateMetadata.response>;
