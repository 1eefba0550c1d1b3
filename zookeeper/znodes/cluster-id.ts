/**
 * `/cluster/id`, persistent: `{"version":"1","id":"<22 characters of base64url>"}` — the version is a string.
 * The first broker that ever starts creates it; all others read it.
 */
import { decodeJson, encodeJson } from './json';

export const CLUSTER_ID_PATH = '/cluster/id';

export function encodeClusterId(clusterId: string): Buffer {
  return encodeJson({ version: '1', id: clusterId });
}

export function decodeClusterId(data: Buffer | null): string {
  return decodeJson(data, CLUSTER_ID_PATH).string('id');
}
