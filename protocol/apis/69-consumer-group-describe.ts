/**
 * ConsumerGroupDescribe (key 69): shows groups of the new consumer protocol (KIP-848). Advertised, but in ZooKeeper
 * mode always answered with UNSUPPORTED_VERSION.
 *
 * v0   flexible
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, string, struct, uuid, type TypeOf } from '../schema';

const topicPartitions = {
  topicId: uuid('0+'),
  topicName: string('0+'),
  partitions: arrayOf('0+', int32('0+')),
};

const assignment = {
  topicPartitions: array('0+', topicPartitions),
};

export const consumerGroupDescribe = api(
  69,
  'ConsumerGroupDescribe',
  { versions: '0', flexible: '0+' },
  {
    request: {
      groupIds: arrayOf('0+', string('0+')),
      includeAuthorizedOperations: bool('0+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      groups: array('0+', {
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
        groupId: string('0+'),
        groupState: string('0+'),
        groupEpoch: int32('0+'),
        assignmentEpoch: int32('0+'),
        assignorName: string('0+'),
        members: array('0+', {
          memberId: string('0+'),
          instanceId: string('0+', { nullable: '0+', default: null }),
          rackId: string('0+', { nullable: '0+', default: null }),
          memberEpoch: int32('0+'),
          clientId: string('0+'),
          clientHost: string('0+'),
          subscribedTopicNames: arrayOf('0+', string('0+')),
          subscribedTopicRegex: string('0+', { nullable: '0+', default: null }),
          assignment: struct('0+', assignment),
          targetAssignment: struct('0+', assignment),
        }),
        authorizedOperations: int32('0+', { default: -2147483648 }),
      }),
    },
  },
);

export type ConsumerGroupDescribeRequest = TypeOf<typeof consumerGroupDescribe.request>;
export type ConsumerGroupDescribeResponse = TypeOf<typeof consumerGroupDescribe.response>;
