/**
 * CreateTopics (key 19): creates topics. Only the controller does it.
 *
 * v0   partitions and replication factor, or an assignment; configs (KIP-4)
 * v1   validate only; a text per topic
 * v2   response: throttle time
 * v3   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v4   −1 for the broker's default of partitions and replication factor (KIP-464)
 * v5   compact types and tagged fields (KIP-482); response: the topic's configs (KIP-525)
 * v6   the client knows THROTTLING_QUOTA_EXCEEDED (KIP-599)
 * v7   response: topic id (KIP-516)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, int8, string, uuid, type TypeOf } from '../schema';

export const createTopics = api(
  19,
  'CreateTopics',
  { versions: '0-7', flexible: '5+' },
  {
    request: {
      topics: array('0+', {
        name: string('0+'),
        numPartitions: int32('0+'),
        replicationFactor: int16('0+'),
        assignments: array('0+', {
          partitionIndex: int32('0+'),
          brokerIds: arrayOf('0+', int32('0+')),
        }),
        configs: array('0+', {
          name: string('0+'),
          value: string('0+', { nullable: '0+' }),
        }),
      }),
      timeoutMs: int32('0+', { default: 60000 }),
      validateOnly: bool('1+'),
    },
    response: {
      throttleTimeMs: int32('2+', { ignorable: true }),
      topics: array('0+', {
        name: string('0+'),
        topicId: uuid('7+', { ignorable: true }),
        errorCode: int16('0+'),
        errorMessage: string('1+', { nullable: '0+', ignorable: true }),
        topicConfigErrorCode: int16('5+', { tag: 0, tagged: '5+', ignorable: true }),
        numPartitions: int32('5+', { default: -1, ignorable: true }),
        replicationFactor: int16('5+', { default: -1, ignorable: true }),
        configs: array(
          '5+',
          {
            name: string('5+'),
            value: string('5+', { nullable: '5+' }),
            readOnly: bool('5+'),
            configSource: int8('5+', { default: -1, ignorable: true }),
            isSensitive: bool('5+'),
          },
          { nullable: '5+', ignorable: true },
        ),
      }),
    },
  },
);

export type CreateTopicsRequest = TypeOf<typeof createTopics.request>;
export type CreateTopicsResponse = TypeOf<typeof createTopics.response>;
