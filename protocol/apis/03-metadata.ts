/**
 * Metadata (key 3): tells brokers, the controller, and topics with leaders, replicas and ISR, as seen from the
 * listener that was asked.
 *
 * v0   no topics named: all of them
 * v1   null: all topics, empty: none; rack, controller, internal topics
 * v2   response: cluster id (KIP-78)
 * v3   response: throttle time
 * v4   whether a missing topic may be created (KIP-117)
 * v5   response: offline replicas (KIP-112)
 * v6   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v7   response: leader epoch (KIP-320)
 * v8   what the client may do with topics and cluster (KIP-430)
 * v9   compact types and tagged fields (KIP-482)
 * v10  topic ids in the response (KIP-516)
 * v11  operations on the cluster move to DescribeCluster (KIP-700)
 * v12  topics may be asked for by id (KIP-516)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, string, uuid, type TypeOf } from '../schema';

export const metadata = api(
  3,
  'Metadata',
  { versions: '0-12', flexible: '9+' },
  {
    request: {
      topics: array(
        '0+',
        {
          topicId: uuid('10+', { ignorable: true }),
          name: string('0+', { nullable: '10+' }),
        },
        { nullable: '1+' },
      ),
      allowAutoTopicCreation: bool('4+', { default: true }),
      includeClusterAuthorizedOperations: bool('8-10'),
      includeTopicAuthorizedOperations: bool('8+'),
    },
    response: {
      throttleTimeMs: int32('3+', { ignorable: true }),
      brokers: array('0+', {
        nodeId: int32('0+'),
        host: string('0+'),
        port: int32('0+'),
        rack: string('1+', { nullable: '1+', default: null, ignorable: true }),
      }),
      clusterId: string('2+', { nullable: '2+', default: null, ignorable: true }),
      controllerId: int32('1+', { default: -1, ignorable: true }),
      topics: array('0+', {
        errorCode: int16('0+'),
        name: string('0+', { nullable: '12+' }),
        topicId: uuid('10+', { ignorable: true }),
        isInternal: bool('1+', { ignorable: true }),
        partitions: array('0+', {
          errorCode: int16('0+'),
          partitionIndex: int32('0+'),
          leaderId: int32('0+'),
          leaderEpoch: int32('7+', { default: -1, ignorable: true }),
          replicaNodes: arrayOf('0+', int32('0+')),
          isrNodes: arrayOf('0+', int32('0+')),
          offlineReplicas: arrayOf('5+', int32('0+'), { ignorable: true }),
        }),
        topicAuthorizedOperations: int32('8+', { default: -2147483648 }),
      }),
      clusterAuthorizedOperations: int32('8-10', { default: -2147483648 }),
    },
  },
);

export type MetadataRequest = TypeOf<typeof metadata.request>;
export type MetadataResponse = TypeOf<typeof metadata.response>;
