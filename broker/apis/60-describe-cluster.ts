/**
 * DescribeCluster, versions 0-1: cluster id, controller and brokers, by the listener that the client came in on
 * (KIP-700). v1 may ask for controllers instead of brokers (KIP-919), which a broker refuses.
 */
import { Errors } from '../../protocol';
import { describeCluster } from '../../protocol/apis';
import { ALL_CLUSTER_OPERATIONS, NOT_ASKED_FOR } from './authorized-operations';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

const BROKERS = 1;
const CONTROLLERS = 2;

export function describeClusterHandler({ metadata, clusterId }: Pick<BrokerParts, 'metadata' | 'clusterId'>): Handler {
  return handler(describeCluster, ({ endpointType, includeClusterAuthorizedOperations }, { listenerName }) => {
    if (endpointType !== BROKERS) {
      const known = endpointType === CONTROLLERS;
      const error = known ? Errors.MISMATCHED_ENDPOINT_TYPE : Errors.UNSUPPORTED_ENDPOINT_TYPE;
      const errorMessage = known
        ? 'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER'
        : `Unsupported endpoint type ${endpointType}`;
      return { errorCode: error.code, errorMessage, clusterId: '' };
    }
    const brokers = [...metadata.liveBrokers.values()].flatMap(({ id: brokerId, rack }) => {
      const endpoint = metadata.endpoint(brokerId, listenerName);
      return endpoint ? [{ brokerId, host: endpoint.host, port: endpoint.port, rack }] : [];
    });
    return {
      errorCode: 0,
      clusterId,
      controllerId: metadata.controllerId ?? -1,
      brokers,
      clusterAuthorizedOperations: includeClusterAuthorizedOperations ? ALL_CLUSTER_OPERATIONS : NOT_ASKED_FOR,
    };
  });
}
