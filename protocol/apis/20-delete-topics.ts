/**
 * DeleteTopics (key 20): deletes topics. Only the controller does it.
 *
 * v0   by name (KIP-4)
 * v1   response: throttle time
 * v2   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v3   the client knows TOPIC_DELETION_DISABLED (KIP-322)
 * v4   compact types and tagged fields (KIP-482)
 * v5   a text per topic; the client knows THROTTLING_QUOTA_EXCEEDED (KIP-599)
 * v6   by name or by id (KIP-516)
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, string, uuid, type TypeOf } from '../schema';

export const deleteTopics = api(
  20,
  'DeleteTopics',
  { versions: '0-6', flexible: '4+' },
  {
    request: {
      topics: array('6+', {
        name: string('6+', { nullable: '6+', default: null }),
        topicId: uuid('6+'),
      }),
      topicNames: arrayOf('0-5', string('0+'), { ignorable: true }),
      timeoutMs: int32('0+'),
    },
    response: {
      throttleTimeMs: int32('1+', { ignorable: true }),
      responses: array('0+', {
        name: string('0+', { nullable: '6+' }),
        topicId: uuid('6+', { ignorable: true }),
        errorCode: int16('0+'),
        errorMessage: string('5+', { nullable: '5+', default: null, ignorable: true }),
      }),
    },
  },
);

export type DeleteTopicsRequest = TypeOf<typeof deleteTopics.request>;
export type DeleteTopicsResponse = TypeOf<typeof deleteTopics.response>;
