/**
 * First step of a container: writes the configuration file of its process from the environment.
 * Usage: container-main (broker|coordinator) OUTPUT-FILE; compose/entrypoint.sh then becomes the process.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brokerProperties, coordinatorProperties, type ContainerFiles } from './container-configuration';

/** Where Kafka's images look for files of the user. */
const MOUNTED_DIRECTORY = '/mnt/shared/config';
/** Where Kafka's images keep the logs; the image makes it writable, so that a volume on it is too. */
const DATA_DIRECTORY = '/var/lib/kafka/data';

const names: Record<string, string> = { broker: 'server.properties', coordinator: 'coordinator.properties' };

function filesFor(name: string): ContainerFiles {
  const mounted = join(MOUNTED_DIRECTORY, name);
  const shipped = join(__dirname, '..', '..', 'config', name);
  return {
    mounted: existsSync(mounted) ? readFileSync(mounted, 'utf8') : null,
    shipped: readFileSync(shipped, 'utf8'),
  };
}

function main([what = '', output]: string[]): void {
  const name = names[what];
  if (name === undefined || output === undefined) throw new Error('USAGE: container-main (broker|coordinator) FILE');
  const files = filesFor(name);
  const text =
    what === 'broker'
      ? brokerProperties(process.env, files, DATA_DIRECTORY)
      : coordinatorProperties(process.env, files);
  mkdirSync(dirname(output), { recursive: true });
  // It may hold passwords.
  writeFileSync(output, text, { mode: 0o600 });
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
