/** How brokers should see a cluster that is known. */
import type { ExpectedView } from '../../../../coordinator/observe/broker-probe';
import type { Knowledge } from '../../../../coordinator/observe/knowledge';

export function expectedOf({ state }: Knowledge): ExpectedView {
  return {
    controllerId: state.controller?.brokerId ?? null,
    clusterId: state.clusterId,
    brokerIds: [...state.brokers.keys()],
  };
}
