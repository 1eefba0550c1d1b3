/**
 * `/brokers/seqid`, persistent: a counter for generated broker ids. Only its data version counts:
 * each id is taken by setting the node to empty data, whatever its version.
 */
import type { Stat } from '../types';

export const BROKER_SEQUENCE_ID_PATH = '/brokers/seqid';

/** What is set to take the next id: empty, not null. */
export const BROKER_SEQUENCE_ID_DATA = Buffer.alloc(0);

/**
 * The broker id that a set has taken.
 * @param stat what the set answered
 * @param reservedBrokerMaxId reserved.broker.max.id: ids up to it are for people to choose; the first generated is one higher
 */
export function generatedBrokerId(stat: Stat, reservedBrokerMaxId: number): number {
  return stat.version + reservedBrokerMaxId;
}
