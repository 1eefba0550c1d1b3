/**
 * `/config/changes/config_change_<n>`, persistent sequential: says that a configuration has changed.
 * Version 2: `{"version":2,"entity_path":"topics/orders"}`; version 1, `{"version":1,"entity_type":"topics"|"clients",
 * "entity_name":"orders"}`, is still read. Written after the configuration itself; every broker watches the directory.
 * Only a hint: readers look at the entity's node again. Notifications older than 15 minutes are deleted by who sees them.
 */
import { CONFIG_ENTITY_TYPES, type ConfigEntityType, configPath } from './entity-config';
import { decodeJson, encodeJson, ZnodeFormatError } from './json';

export const CONFIG_CHANGES_PATH = '/config/changes';
export const CONFIG_CHANGE_PREFIX = 'config_change_';

/** What to create, in mode persistent-sequential. */
export const CONFIG_CHANGE_CREATE_PATH = `${CONFIG_CHANGES_PATH}/${CONFIG_CHANGE_PREFIX}`;

export const CONFIG_CHANGE_EXPIRATION_MS = 15 * 60 * 1000;

export interface ConfigChange {
  type: ConfigEntityType;
  /** Below /config, sanitized: `users/alice/clients/c`. */
  entityPath: string;
}

/** @param entityPath below /config, sanitized */
export function encodeConfigChange(entityPath: string): Buffer {
  return encodeJson({ version: 2, entity_path: entityPath });
}

export function decodeConfigChange(data: Buffer | null): ConfigChange {
  const what = 'config change notification';
  const json = decodeJson(data, what);
  const version = json.int('version');
  if (version !== 1 && version !== 2) throw new ZnodeFormatError(what, `unsupported version ${version}`);
  const entityPath =
    version === 1 ? `${json.string('entity_type')}/${json.string('entity_name')}` : json.string('entity_path');
  const slash = entityPath.indexOf('/');
  const type = CONFIG_ENTITY_TYPES.find((known) => known === entityPath.slice(0, slash));
  if (!type || slash === entityPath.length - 1) throw new ZnodeFormatError(what, `'${entityPath}' names no entity`);
  if (version === 1 && type !== 'topics' && type !== 'clients') {
    throw new ZnodeFormatError(what, `version 1 knows no ${type}`);
  }
  return { type, entityPath };
}

/** Path of the node that a notification points to. */
export function changedConfigPath(change: ConfigChange): string {
  return configPath(change.entityPath);
}
