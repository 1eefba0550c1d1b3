/**
 * ApiVersions, versions 0-4: what this broker speaks. Derived from the table of handlers, so that it cannot promise
 * what nobody answers. v3 asks for the client's software name, which must be well-formed; a request in a version
 * beyond ours is answered in dispatch (KIP-511).
 */
import { Errors, KafkaError } from '../../protocol';
import { apiVersions } from '../../protocol/apis';
import { handler, type Handler } from './handler';

const FIRST_VERSION_WITH_SOFTWARE = 3;
const SOFTWARE_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/** @param advertised all handlers of the broker except this one */
export function apiVersionsHandler(advertised: readonly Handler[]): Handler {
  const ranges = [apiVersions, ...advertised.map(({ api }) => api)]
    .map(({ key, request }) => ({ apiKey: key, minVersion: request.versions.min, maxVersion: request.versions.max }))
    .sort((a, b) => a.apiKey - b.apiKey);
  return handler(
    apiVersions,
    (request, context) => {
      const { clientSoftwareName: name, clientSoftwareVersion: version } = request;
      if (
        context.apiVersion >= FIRST_VERSION_WITH_SOFTWARE &&
        !(SOFTWARE_NAME.test(name) && SOFTWARE_NAME.test(version))
      ) {
        throw new KafkaError('INVALID_REQUEST');
      }
      return { errorCode: Errors.NONE.code, apiKeys: ranges, finalizedFeaturesEpoch: 0 };
    },
    (_request, error) => ({ errorCode: error.code, apiKeys: [] }),
  );
}
