/** Fencing of the controller's requests by the epoch of the broker that they are meant for (KIP-380). */
import type { Logger } from '../../runtime/logger';
import type { ClusterChange } from '../cluster/cluster-change';

interface FencedRequest {
  readonly controllerId: number;
  readonly controllerEpoch: number;
  /** -1 from controllers that do not know it. */
  readonly brokerEpoch: number;
}

/** Whether a request was meant for an earlier registration of this broker: it restarted, or its session expired. */
export function isBrokerEpochStale(
  parts: { readonly cluster: Pick<ClusterChange, 'brokerEpoch'>; readonly logger: Logger },
  name: string,
  request: FencedRequest,
): boolean {
  const { brokerEpoch } = parts.cluster;
  if (request.brokerEpoch === -1 || request.brokerEpoch >= brokerEpoch) return false;
  parts.logger.info(
    `Received ${name} request with broker epoch ${request.brokerEpoch} smaller than the current broker epoch ` +
      `${brokerEpoch} from controller ${request.controllerId} with epoch ${request.controllerEpoch}.`,
  );
  return true;
}
