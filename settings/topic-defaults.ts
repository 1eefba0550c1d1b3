/** What a topic gets from its broker where it sets nothing itself: broker keys turned into topic keys. */
import type { BrokerValues, LongKey } from './broker-values';
import { LONG_MAX } from './definition';
import { logFlushIntervalMs, logRetentionMs, logRollJitterMs, logRollMs } from './log-times';
import { topicKeyList, topicSynonyms } from './topic';
import { valueText } from './values';

/** Topic keys whose default is worked out rather than taken over. */
function computed(values: BrokerValues): ReadonlyMap<string, string> {
  return new Map([
    ['retention.ms', String(logRetentionMs(values))],
    ['segment.ms', String(logRollMs(values))],
    ['segment.jitter.ms', String(logRollJitterMs(values))],
    ['flush.ms', String(logFlushIntervalMs(values))],
    // The format follows the inter-broker protocol, which is above 3.0: what the file says is ignored (KIP-724).
    ['message.format.version', '3.0-IV1'],
    ['message.timestamp.before.max.ms', timestampLimit(values, 'log.message.timestamp.before.max.ms')],
    ['message.timestamp.after.max.ms', timestampLimit(values, 'log.message.timestamp.after.max.ms')],
  ]);
}

/** The older single limit counts as long as the newer one was left alone (KIP-937). */
function timestampLimit(values: BrokerValues, name: LongKey): string {
  const value = values.bigint(name);
  return String(value === LONG_MAX ? values.bigint('log.message.timestamp.difference.max.ms') : value);
}

/** The value of every topic key for a topic that sets none, by key. */
export function topicDefaults(values: BrokerValues): ReadonlyMap<string, string> {
  const known = computed(values);
  const defaults = new Map<string, string>();
  for (const key of topicKeyList) {
    const synonym = topicSynonyms[key.name]?.[0];
    const text = known.get(key.name) ?? (synonym === undefined ? null : valueText(values.value(synonym), key.type));
    defaults.set(key.name, text ?? key.defaultText ?? '');
  }
  return defaults;
}
