/**
 * DescribeConfigs (key 32): shows the configuration of topics, brokers and loggers (KIP-133).
 *
 * v0   value, whether it is the default, read-only, sensitive
 * v1   where a value comes from, and its synonyms (KIP-226)
 * v2   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v3   type and documentation of each key (KIP-569)
 * v4   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, int8, string, type TypeOf } from '../schema';

export const describeConfigs = api(
  32,
  'DescribeConfigs',
  { versions: '0-4', flexible: '4+' },
  {
    request: {
      resources: array('0+', {
        resourceType: int8('0+'),
        resourceName: string('0+'),
        configurationKeys: arrayOf('0+', string('0+'), { nullable: '0+' }),
      }),
      includeSynonyms: bool('1+'),
      includeDocumentation: bool('3+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      results: array('0+', {
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        resourceType: int8('0+'),
        resourceName: string('0+'),
        configs: array('0+', {
          name: string('0+'),
          value: string('0+', { nullable: '0+' }),
          readOnly: bool('0+'),
          isDefault: bool('0'),
          configSource: int8('1+', { default: -1, ignorable: true }),
          isSensitive: bool('0+'),
          synonyms: array(
            '1+',
            {
              name: string('1+'),
              value: string('1+', { nullable: '0+' }),
              source: int8('1+'),
            },
            { ignorable: true },
          ),
          configType: int8('3+', { ignorable: true }),
          documentation: string('3+', { nullable: '0+', ignorable: true }),
        }),
      }),
    },
  },
);

export type DescribeConfigsRequest = TypeOf<typeof describeConfigs.request>;
export type DescribeConfigsResponse = TypeOf<typeof describeConfigs.response>;
