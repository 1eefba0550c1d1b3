/** What a broker has of a partition on its disk. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The log files of a replica, one after the other; nothing when there are none.
 * @param brokerDirectory as an embedded broker has it, with data/ in it
 */
export function replicaBytes(brokerDirectory: string, topic: string, partition = 0): Buffer {
  const directory = join(brokerDirectory, 'data', `${topic}-${partition}`);
  if (!existsSync(directory)) return Buffer.alloc(0);
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .toSorted();
  return Buffer.concat(files.map((name) => readFileSync(join(directory, name))));
}
