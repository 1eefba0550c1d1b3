/** The operations of IncrementalAlterConfigs (KIP-339) on a set of properties. */
import { InvalidConfiguration } from './config-exception';
import type { ConfigKey } from './definition';

export const AlterOperation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

export interface ConfigAlteration {
  name: string;
  operation: number;
  /** Null only for DELETE. */
  value: string | null;
}

/**
 * Applies the alterations in their order and returns the new properties; `current` stays as it is.
 * @throws InvalidConfiguration when APPEND or SUBTRACT meets a key that is no list
 */
export function alterConfigs(
  current: ReadonlyMap<string, string>,
  alterations: readonly ConfigAlteration[],
  keys: ReadonlyMap<string, ConfigKey>,
): Map<string, string> {
  const result = new Map(current);
  for (const { name, operation, value } of alterations) {
    if (operation === AlterOperation.DELETE) result.delete(name);
    else if (operation === AlterOperation.SET) result.set(name, value ?? '');
    else result.set(name, alteredList(result.get(name), keys.get(name), name, operation, value ?? ''));
  }
  return result;
}

function alteredList(
  current: string | undefined,
  key: ConfigKey | undefined,
  name: string,
  operation: number,
  value: string,
): string {
  if (!key) throw new InvalidConfiguration(`Unknown config name: ${name}`);
  const appending = operation === AlterOperation.APPEND;
  if (key.type !== 'list') {
    const verb = appending ? 'append' : 'subtract';
    throw new InvalidConfiguration(`Config value ${verb} is not allowed for config key: ${name}`);
  }
  const before = (current ?? key.defaultText ?? '').split(',').filter((entry) => entry !== '');
  const given = value.split(',');
  const after = appending
    ? [...before, ...given.filter((entry) => !before.includes(entry))]
    : before.filter((entry) => !given.includes(entry));
  return after.join(',');
}
