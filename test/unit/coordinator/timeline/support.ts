/** Changes of znodes and starts of brokers, as short as a test can say them. */
import type { ZnodeChange } from '../../../../coordinator/schemas';
import type { StartupEvent } from '../../../../coordinator/timeline/startup-runs';

export function change(
  timeMs: number,
  kind: ZnodeChange['kind'],
  path: string,
  more: Partial<ZnodeChange> = {},
): ZnodeChange {
  return {
    sequence: timeMs,
    kind,
    path,
    zxid: `0x${timeMs.toString(16)}`,
    timeMs,
    timeFrom: 'zookeeper',
    session: null,
    owner: null,
    source: 'transaction-log',
    version: 0,
    ephemeral: false,
    before: null,
    after: null,
    differences: [],
    missedVersions: 0,
    multiIndex: null,
    text: `${kind} ${path}.`,
    ...more,
  };
}

export const payload = (text: string): NonNullable<ZnodeChange['after']> => ({
  encoding: 'utf8',
  text,
  bytes: text.length,
  truncated: false,
});

/** `[name, time, …]` in pairs. */
export function startup(...pairs: [string, number][]): StartupEvent[] {
  return pairs.map(([name, atMs]) => ({ name, atMs, details: {} }));
}
