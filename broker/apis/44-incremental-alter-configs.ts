/**
 * IncrementalAlterConfigs, versions 0-1: sets, deletes, appends to or subtracts from single keys of a topic's or a
 * broker's configuration (KIP-339). Each broker serves topics, the cluster-wide defaults and itself.
 */
import { incrementalAlterConfigs } from '../../protocol/apis';
import { refuseResources } from './33-alter-configs';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function incrementalAlterConfigsHandler({ admin }: Pick<BrokerParts, 'admin'>): Handler {
  return handler(incrementalAlterConfigs, (request) => admin.incrementalAlterConfigs(request), refuseResources);
}
