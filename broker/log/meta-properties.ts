/**
 * `meta.properties` of a log directory: which broker of which cluster it belongs to. Version 0 is the ZooKeeper mode's
 * (`broker.id`, `cluster.id`); version 1 belongs to KRaft, which a ZooKeeper-mode broker refuses.
 */
import { join } from 'node:path';
import type { Disk } from '../../runtime/disk';
import { formatProperty, parseProperties } from '../../settings/properties';

export const META_PROPERTIES_FILE = 'meta.properties';

/** What a log directory remembers of who wrote it; null where it says nothing. */
export interface StoredIdentity {
  readonly logDir: string;
  readonly clusterId: string | null;
  readonly brokerId: number | null;
}

/** Null when the directory has no such file. @throws Error for a file that cannot be used, saying why */
export function readMetaProperties(disk: Disk, logDir: string): StoredIdentity | null {
  const path = join(logDir, META_PROPERTIES_FILE);
  const content = disk.readFile(path);
  if (!content) return null;
  const properties = parseProperties(content.toString('latin1'));
  const version = properties.get('version') ?? '0';
  if (version === '1' || properties.has('node.id')) {
    throw new Error(`${path} was written in KRaft mode (version ${version}); this broker uses ZooKeeper`);
  }
  if (version !== '0') throw new Error(`${path} has version ${version}, which is not known`);
  const brokerId = properties.get('broker.id') ?? null;
  if (brokerId !== null && !/^\d+$/.test(brokerId))
    throw new Error(`broker.id in ${path} is '${brokerId}', not a number`);
  return {
    logDir,
    clusterId: properties.get('cluster.id') ?? null,
    brokerId: brokerId === null ? null : Number(brokerId),
  };
}

export async function writeMetaProperties(
  disk: Disk,
  logDir: string,
  identity: { clusterId: string; brokerId: number },
  nowMs: number,
): Promise<void> {
  const lines = [
    '#',
    `#${javaDate(nowMs)}`,
    formatProperty('broker.id', String(identity.brokerId)),
    formatProperty('cluster.id', identity.clusterId),
    formatProperty('version', '0'),
  ];
  await disk.replaceFileDurably(join(logDir, META_PROPERTIES_FILE), `${lines.join('\n')}\n`);
}

/** As Java's Properties.store writes it: `Sat Jan 31 12:00:00 UTC 2026`. */
function javaDate(nowMs: number): string {
  const [weekday, day, month, year, time] = new Date(nowMs).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
