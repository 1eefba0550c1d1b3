/**
 * IncrementalAlterConfigs (key 44): changes single entries of a configuration: set, delete, append, subtract
 * (KIP-339).
 *
 * v0   operation per key
 * v1   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, bool, int16, int32, int8, string, type TypeOf } from '../schema';

export const incrementalAlterConfigs = api(
  44,
  'IncrementalAlterConfigs',
  { versions: '0-1', flexible: '1+' },
  {
    request: {
      resources: array('0+', {
        resourceType: int8('0+'),
        resourceName: string('0+'),
        configs: array('0+', {
          name: string('0+'),
          configOperation: int8('0+'),
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

export type IncrementalAlterConfigsRequest = TypeOf<typeof incrementalAlterConfigs.request>;
export type IncrementalAlterConfigsResponse = TypeOf<typeof incrementalAlterConfigs.response>;
