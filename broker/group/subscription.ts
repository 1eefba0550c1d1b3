/**
 * The one look that the coordinator takes into the data of consumers: which topics they subscribe to. Read in version
 * 0 of the consumer protocol's subscription, which is a prefix of all later ones.
 */
import { codecFor, Reader } from '../../protocol';
import { consumerProtocolSubscription } from '../../protocol/internal';

/** Union of the subscribed topics; null when one of the subscriptions cannot be read. */
export function subscribedTopicsOf(subscriptions: readonly Buffer[]): ReadonlySet<string> | null {
  const topics = new Set<string>();
  try {
    for (const bytes of subscriptions) {
      const reader = new Reader(bytes);
      if (reader.int16() < 0) return null;
      for (const topic of codecFor(consumerProtocolSubscription, 0).decode(reader).topics) topics.add(topic);
    }
  } catch {
    return null;
  }
  return topics;
}
