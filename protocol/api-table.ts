/** The declared APIs as a table, for whoever goes through all of them. */
import type { Api } from './api';
import * as declared from './apis';

/** Every API, by ascending key. */
export const allApis: readonly Api[] = (Object.values(declared) as unknown as Api[]).toSorted((a, b) => a.key - b.key);

const byKey = new Map(allApis.map((api) => [api.key, api]));

/** The API of a key; undefined for a key that no ZooKeeper-mode broker of Kafka 3.9 knows. */
export function apiOfKey(key: number): Api | undefined {
  return byKey.get(key);
}
