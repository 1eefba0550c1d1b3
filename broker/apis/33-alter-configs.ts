/**
 * AlterConfigs, versions 0-2: replaces the whole configuration of topics or brokers; what is not named goes back to its
 * default. IncrementalAlterConfigs has taken its place (KIP-339).
 */
import { alterConfigs } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function alterConfigsHandler({ admin }: Pick<BrokerParts, 'admin'>): Handler {
  return handler(
    alterConfigs,
    (request) => admin.alterConfigs(request),
    (request, error) => ({
      responses: request.resources.map(({ resourceType, resourceName }) => ({
        errorCode: error.code,
        errorMessage: error.meaning,
        resourceType,
        resourceName,
      })),
    }),
  );
}
