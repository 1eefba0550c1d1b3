/**
 * ConsumerGroupHeartbeat (key 68): heartbeat of the new consumer protocol (KIP-848). Advertised, but in ZooKeeper
 * mode always answered with UNSUPPORTED_VERSION.
 *
 * v0   flexible
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, string, struct, uuid, type TypeOf } from '../schema';

const topicPartitions = {
  topicId: uuid('0+'),
  partitions: arrayOf('0+', int32('0+')),
};

export const consumerGroupHeartbeat = api(
  68,
  'ConsumerGroupHeartbeat',
  { versions: '0', flexible: '0+' },
  {
    request: {
      groupId: string('0+'),
      memberId: string('0+'),
      memberEpoch: int32('0+'),
      instanceId: string('0+', { nullable: '0+', default: null }),
      rackId: string('0+', { nullable: '0+', default: null }),
      rebalanceTimeoutMs: int32('0+', { default: -1 }),
      subscribedTopicNames: arrayOf('0+', string('0+'), { nullable: '0+', default: null }),
      serverAssignor: string('0+', { nullable: '0+', default: null }),
      topicPartitions: array(
        '0+',
        {
          topicId: uuid('0+'),
          partitions: arrayOf('0+', int32('0+')),
        },
        { nullable: '0+', default: null },
      ),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
      memberId: string('0+', { nullable: '0+', default: null }),
      memberEpoch: int32('0+'),
      heartbeatIntervalMs: int32('0+'),
      assignment: struct(
        '0+',
        {
          topicPartitions: array('0+', topicPartitions),
        },
        { nullable: '0+', default: null },
      ),
    },
  },
);

export type ConsumerGroupHeartbeatRequest = TypeOf<typeof consumerGroupHeartbeat.request>;
export type ConsumerGroupHeartbeatResponse = TypeOf<typeof consumerGroupHeartbeat.response>;
