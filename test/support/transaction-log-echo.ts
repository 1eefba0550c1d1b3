/** Runs java/TransactionLogEcho.java with ZooKeeper's jars: what ZooKeeper itself makes of its transaction log. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireZooKeeper } from '../../supervisor/zookeeper-prerequisites';
import { loggingOptions } from '../../supervisor/zookeeper-process';

const execute = promisify(execFile);
const source = join(__dirname, 'java', 'TransactionLogEcho.java');

async function echo(...args: string[]): Promise<string> {
  const { java, installation } = await requireZooKeeper({ say: () => undefined });
  const options = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dzookeeper.extendedTypesEnabled=true'];
  const command = [...options, ...loggingOptions('warn'), '-cp', installation.classpath, source, ...args];
  const { stdout } = await execute(java, command, { maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}

/** Does random operations of every kind that clients have; one of three sessions is left open, and expires. */
export async function writeRandomly(connectString: string, seed: number, count: number): Promise<void> {
  await echo('write', connectString, String(seed), String(count));
}

/**
 * All transactions in a folder of logs, one line each: zxid, session, cxid, time, what it did.
 * @param directory version-2 itself
 */
export async function readTransactions(directory: string): Promise<string[]> {
  return (await echo('read', directory)).split('\n').filter((line) => /^[0-9a-f]+ [0-9a-f]{16} /.test(line));
}
