/** Broker keys that mean the same in other units, or for one listener only; the first in a list counts most. */

const GROUPS: readonly (readonly string[])[] = [
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
];

/** Keys that a listener sets per mechanism: listener.name.<name>.<mechanism>.<key>. */
const PER_MECHANISM = [
  'sasl.jaas.config',
  'sasl.login.callback.handler.class',
  'sasl.login.class',
  'sasl.server.callback.handler.class',
  'connections.max.reauth.ms',
];

const LISTENER_KEY = /^listener\.name\.[^.]*\.(.*)$/;

/** The key that `listener.name.<name>.[<mechanism>.]<key>` overrides for one listener; null for other keys. */
export function listenerBaseKey(name: string): string | null {
  const base = LISTENER_KEY.exec(name)?.[1];
  if (base === undefined) return null;
  return PER_MECHANISM.find((key) => base.endsWith(key)) ?? base;
}

/**
 * The names under which the value of a broker key may stand.
 * @param withListeners whether a listener's own key is also answered by the key it overrides
 */
export function brokerSynonyms(name: string, withListeners: boolean): readonly string[] {
  if (name === 'log.flush.interval.ms') return ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'];
  const group = GROUPS.find((names) => names.includes(name));
  if (group) return group;
  const base = withListeners ? listenerBaseKey(name) : null;
  return base === null ? [name] : [name, base];
}
