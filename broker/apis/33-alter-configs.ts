/**
 * AlterConfigs, versions 0-2: replaces the whole configuration of topics or brokers; what is not named goes back to its
 * default. IncrementalAlterConfigs has taken its place (KIP-339).
 */
import type { InputOf, WireError } from '../../protocol';
import { alterConfigs, type AlterConfigsResponse } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function alterConfigsHandler({ admin }: Pick<BrokerParts, 'admin'>): Handler {
  return handler(alterConfigs, (request) => admin.alterConfigs(request), refuseResources);
}

/** The answer to either request when it fails as a whole: every resource has the same error. */
export function refuseResources(
  request: { readonly resources: readonly { readonly resourceType: number; readonly resourceName: string }[] },
  error: WireError,
): InputOf<AlterConfigsResponse> {
  const { code: errorCode, meaning: errorMessage } = error;
  return {
    responses: request.resources.map(({ resourceType, resourceName }) => ({
      errorCode,
      errorMessage,
      resourceType,
      resourceName,
    })),
  };
}
