/** Runs java/SettingsFacts.java with Apache Kafka's jars; each line of its answer is split into its cells. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaClasspath } from './kafka-jars';

const run = promisify(execFile);
const source = join(__dirname, 'java', 'SettingsFacts.java');

/** Cells of one line; null where Java had null. */
export type Fact = (string | null)[];

export async function settingsFacts(...args: readonly string[]): Promise<Fact[]> {
  const options = ['-Xmx256m', '-XX:+UseSerialGC', '-cp', await kafkaClasspath(), source, ...args];
  const { stdout } = await run('java', options, { maxBuffer: 16 * 1024 * 1024 });
  return stdout
    .split('\n')
    .filter((line) => line.includes('\t'))
    .map((line) => line.split('\t').map((cell) => (cell === '\\N' ? null : cell)));
}
