/**
 * ElectLeaders (key 43): elects leaders of partitions. Only the controller does it (KIP-183).
 *
 * v0   preferred leaders
 * v1   election type: preferred or unclean; an error code for the whole request (KIP-460)
 * v2   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, int8, string, type TypeOf } from '../schema';

export const electLeaders = api(
  43,
  'ElectLeaders',
  { versions: '0-2', flexible: '2+' },
  {
    request: {
      electionType: int8('1+'),
      topicPartitions: array(
        '0+',
        {
          topic: string('0+'),
          partitions: arrayOf('0+', int32('0+')),
        },
        { nullable: '0+' },
      ),
      timeoutMs: int32('0+', { default: 60000 }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('1+'),
      replicaElectionResults: array('0+', {
        topic: string('0+'),
        partitionResult: array('0+', {
          partitionId: int32('0+'),
          errorCode: int16('0+'),
          errorMessage: string('0+', { nullable: '0+' }),
        }),
      }),
    },
  },
);

export type ElectLeadersRequest = TypeOf<typeof electLeaders.request>;
export type ElectLeadersResponse = TypeOf<typeof electLeaders.response>;
