/**
 * DescribeClientQuotas (key 48): lists client quotas by components of their entity: user, client id, ip (KIP-546).
 *
 * v0   exact, default or any match
 * v1   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, bool, float64, int16, int32, int8, string, type TypeOf } from '../schema';

export const describeClientQuotas = api(
  48,
  'DescribeClientQuotas',
  { versions: '0-1', flexible: '1+' },
  {
    request: {
      components: array('0+', {
        entityType: string('0+'),
        matchType: int8('0+'),
        match: string('0+', { nullable: '0+' }),
      }),
      strict: bool('0+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      entries: array(
        '0+',
        {
          entity: array('0+', {
            entityType: string('0+'),
            entityName: string('0+', { nullable: '0+' }),
          }),
          values: array('0+', {
            key: string('0+'),
            value: float64('0+'),
          }),
        },
        { nullable: '0+' },
      ),
    },
  },
);

export type DescribeClientQuotasRequest = TypeOf<typeof describeClientQuotas.request>;
export type DescribeClientQuotasResponse = TypeOf<typeof describeClientQuotas.response>;
