/**
 * AlterConfigs (key 33): replaces the whole configuration of topics or brokers: what is not named is reset (KIP-133).
 *
 * v0   name and value
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, bool, int16, int32, int8, string, type TypeOf } from '../schema';

export const alterConfigs = api(
  33,
  'AlterConfigs',
  { versions: '0-2', flexible: '2+' },
  {
    request: {
      resources: array('0+', {
        resourceType: int8('0+'),
        resourceName: string('0+'),
        configs: array('0+', {
          name: string('0+'),
          value: string('0+', { nullable: '0+' }),
        }),
      }),
      validateOnly: bool('0+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      responses: array('0+', {
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        resourceType: int8('0+'),
        resourceName: string('0+'),
      }),
    },
  },
);

export type AlterConfigsRequest = TypeOf<typeof alterConfigs.request>;
export type AlterConfigsResponse = TypeOf<typeof alterConfigs.response>;
