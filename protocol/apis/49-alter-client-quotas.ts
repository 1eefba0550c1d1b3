/**
 * AlterClientQuotas (key 49): sets or removes client quotas (KIP-546).
 *
 * v0   entity and its changes
 * v1   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, bool, float64, int16, int32, string, type TypeOf } from '../schema';

export const alterClientQuotas = api(
  49,
  'AlterClientQuotas',
  { versions: '0-1', flexible: '1+' },
  {
    request: {
      entries: array('0+', {
        entity: array('0+', {
          entityType: string('0+'),
          entityName: string('0+', { nullable: '0+' }),
        }),
        ops: array('0+', {
          key: string('0+'),
          value: float64('0+'),
          remove: bool('0+'),
        }),
      }),
      validateOnly: bool('0+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      entries: array('0+', {
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        entity: array('0+', {
          entityType: string('0+'),
          entityName: string('0+', { nullable: '0+' }),
        }),
      }),
    },
  },
);

export type AlterClientQuotasRequest = TypeOf<typeof alterClientQuotas.request>;
export type AlterClientQuotasResponse = TypeOf<typeof alterClientQuotas.response>;
