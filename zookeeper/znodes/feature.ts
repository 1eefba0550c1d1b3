/**
 * `/feature`, persistent: the finalized features of the cluster (KIP-584). Version 2 (IBP 3.3 and later):
 * `{"features":{"x":{"max_version_level":2}},"version":2,"status":1}`; version 1 also has min_version_level.
 * Status 0 disabled, 1 enabled. Written by the controller at failover; every broker watches it.
 */
import { decodeJson, encodeJson, ZnodeFormatError } from './json';

export const FEATURE_PATH = '/feature';

export interface FeatureNode {
  enabled: boolean;
  /** Highest finalized version by feature. */
  features: Record<string, number>;
}

export function encodeFeature({ enabled, features }: FeatureNode): Buffer {
  const levels = Object.entries(features).map(([name, level]) => [name, { max_version_level: level }]);
  return encodeJson({
    features: Object.fromEntries(levels) as Record<string, unknown>,
    version: 2,
    status: enabled ? 1 : 0,
  });
}

export function decodeFeature(data: Buffer | null): FeatureNode {
  const json = decodeJson(data, FEATURE_PATH);
  const version = json.int('version');
  if (version < 1 || version > 2) throw new ZnodeFormatError(FEATURE_PATH, `unsupported version ${version}`);
  const status = json.int('status');
  if (status !== 0 && status !== 1) throw new ZnodeFormatError(FEATURE_PATH, `malformed status ${status}`);
  const features: Record<string, number> = {};
  const levels = json.object('features');
  for (const name of levels.keys()) {
    const level = levels.object(name);
    const maxLevel = level.int('max_version_level');
    const minLevel = version === 1 ? level.int('min_version_level') : 1;
    if (minLevel < 1 || maxLevel < minLevel) throw new ZnodeFormatError(FEATURE_PATH, `wrong levels of ${name}`);
    features[name] = maxLevel;
  }
  return { enabled: status === 1, features };
}
