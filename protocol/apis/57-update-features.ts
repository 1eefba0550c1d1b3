/**
 * UpdateFeatures (key 57): changes finalized feature levels. Only the controller does it (KIP-584).
 *
 * v0   flexible; whether a downgrade is allowed
 * v1   type of upgrade instead, and validate only (KIP-778)
 */
import { api } from '../api';
import { array, bool, int16, int32, int8, string, type TypeOf } from '../schema';

export const updateFeatures = api(
  57,
  'UpdateFeatures',
  { versions: '0-1', flexible: '0+' },
  {
    request: {
      timeoutMs: int32('0+', { default: 60000 }),
      featureUpdates: array('0+', {
        feature: string('0+'),
        maxVersionLevel: int16('0+'),
        allowDowngrade: bool('0'),
        upgradeType: int8('1+', { default: 1 }),
      }),
      validateOnly: bool('1+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      results: array('0+', {
        feature: string('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
      }),
    },
  },
);

export type UpdateFeaturesRequest = TypeOf<typeof updateFeatures.request>;
export type UpdateFeaturesResponse = TypeOf<typeof updateFeatures.response>;
