/**
 * ApiVersions (key 18): tells which APIs and versions the broker speaks. It comes first on most connections, so the
 * response keeps the oldest header, and a version too new is answered in v0 with UNSUPPORTED_VERSION and the range
 * that is spoken (KIP-511).
 *
 * v0   key, lowest and highest version of each API (KIP-35)
 * v1   response: throttle time
 * v2   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v3   compact types and tagged fields (KIP-482); name and version of the client's software (KIP-511); features,
 *      tagged (KIP-584)
 * v4   a feature's lowest version may be 0 (KAFKA-17011)
 */
import { api } from '../api';
import { array, bool, int16, int32, int64, string, type TypeOf } from '../schema';

export const apiVersions = api(
  18,
  'ApiVersions',
  { versions: '0-4', flexible: '3+' },
  {
    request: {
      clientSoftwareName: string('3+', { ignorable: true }),
      clientSoftwareVersion: string('3+', { ignorable: true }),
    },
    response: {
      errorCode: int16('0+'),
      apiKeys: array('0+', {
        apiKey: int16('0+'),
        minVersion: int16('0+'),
        maxVersion: int16('0+'),
      }),
      throttleTimeMs: int32('1+', { ignorable: true }),
      supportedFeatures: array(
        '3+',
        {
          name: string('3+'),
          minVersion: int16('3+'),
          maxVersion: int16('3+'),
        },
        { tag: 0, tagged: '3+', ignorable: true },
      ),
      finalizedFeaturesEpoch: int64('3+', { tag: 1, tagged: '3+', default: -1, ignorable: true }),
      finalizedFeatures: array(
        '3+',
        {
          name: string('3+'),
          maxVersionLevel: int16('3+'),
          minVersionLevel: int16('3+'),
        },
        { tag: 2, tagged: '3+', ignorable: true },
      ),
      zkMigrationReady: bool('3+', { tag: 3, tagged: '3+', ignorable: true }),
    },
  },
);

export type ApiVersionsRequest = TypeOf<typeof apiVersions.request>;
export type ApiVersionsResponse = TypeOf<typeof apiVersions.response>;
