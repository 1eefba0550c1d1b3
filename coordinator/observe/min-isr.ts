/**
 * min.insync.replicas of a topic: what is set on the topic, else dynamically on its leader or on all brokers, else what
 * the leader says its own file sets. Source of the order: kafka.server.DynamicBrokerConfig.
 */
import type { ClusterState, KnownTopic } from './cluster-state';

const KEY = 'min.insync.replicas';
const DEFAULT_MIN_ISR = 1;

/**
 * @param leader broker that leads the partition, or would
 * @param toldBy what a broker told of itself; null when it was not heard yet
 */
export function minIsrOf(
  topic: KnownTopic,
  leader: number | undefined,
  { brokerOverrides }: ClusterState,
  toldBy: (brokerId: number) => number | null,
): number {
  const own = leader === undefined ? undefined : brokerOverrides.get(leader)?.[KEY];
  const text = topic.overrides[KEY] ?? own ?? brokerOverrides.get(null)?.[KEY];
  const set = text === undefined ? Number.NaN : Number(text);
  if (Number.isInteger(set) && set >= 1) return set;
  return (leader === undefined ? null : toldBy(leader)) ?? DEFAULT_MIN_ISR;
}
