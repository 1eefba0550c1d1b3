/**
 * DescribeConfigs, versions 0-4: configurations of topics (any broker), of this broker, and of its loggers. v1 tells
 * where a value comes from and what it hides (KIP-226); v3 its type and documentation (KIP-569).
 */
import { describeConfigs } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function describeConfigsHandler({ admin }: Pick<BrokerParts, 'admin'>): Handler {
  return handler(
    describeConfigs,
    (request) => admin.describeConfigs(request),
    (request, error) => ({
      results: request.resources.map(({ resourceType, resourceName }) => ({
        errorCode: error.code,
        errorMessage: error.meaning,
        resourceType,
        resourceName,
        configs: [],
      })),
    }),
  );
}
