/** Gauges of the group coordinator, under the names that Kafka's JMX exporter gives them. */
import type { Metrics } from '../../runtime/metrics';
import type { Group } from './group';
import type { GroupStateName } from './group-state';

const PREFIX = 'kafka_coordinator_group_groupmetadatamanager_';

const STATES: readonly GroupStateName[] = ['PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead', 'Empty'];

export function registerGroupMetrics(metrics: Metrics, groups: () => Iterable<Group>): void {
  const count = (counts: (group: Group) => number): number => {
    let sum = 0;
    for (const group of groups()) sum += counts(group);
    return sum;
  };
  metrics.gauge(`${PREFIX}numgroups`, 'Groups that this broker coordinates', () => count(() => 1));
  metrics.gauge(`${PREFIX}numoffsets`, 'Offsets kept for those groups', () => count((group) => group.offsets.size));
  for (const state of STATES) {
    const name = `${PREFIX}numgroups${state.toLowerCase()}`;
    metrics.gauge(name, `Groups in the state ${state}`, () => count((group) => (group.state.name === state ? 1 : 0)));
  }
}
