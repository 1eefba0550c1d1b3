/** A broker of Gregor as a process of its own, started from the TypeScript sources' build as a user would start it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../runtime/clock';
import { ManagedProcess } from '../../supervisor/managed-process';
import { freePorts, portAnswers } from '../../supervisor/ports';
import { StopWaiting, waitUntil } from '../../supervisor/wait-until';
import type { ApacheKafka, ApacheKafkaOptions } from './apache-kafka';

const ROOT = join(__dirname, '..', '..');
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 60_000;

let built: Promise<unknown> | null = null;

/** Starts a broker and resolves when it accepts connections; the same options and surface as startApacheKafka. */
export async function startGregor(options: ApacheKafkaOptions): Promise<ApacheKafka> {
  // The compiler writes its output even when some other file does not type-check.
  built ??= promisify(execFile)(process.execPath, [
    join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    ROOT,
  ]).catch(() => undefined);
  await built;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'gregor-broker-')));
  const brokerId = options.brokerId ?? 0;
  const port = options.port ?? ((await freePorts(1))[0] as number);
  const logDir = String(options.settings?.['log.dirs'] ?? join(directory, 'data'));
  await mkdir(logDir, { recursive: true });
  const properties = {
    'broker.id': brokerId,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': logDir,
    'zookeeper.connect': options.zookeeper,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    ...options.settings,
  };
  const file = join(directory, 'server.properties');
  await writeFile(
    file,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  const spec = {
    name: `Gregor broker ${brokerId}`,
    command: process.execPath,
    args: [join(ROOT, 'dist', 'broker', 'main.js'), file],
    logFile: join(directory, 'server.log'),
  };
  const child = ManagedProcess.start(spec, systemClock);
  await waitUntil(
    async () => {
      if (!child.running) throw new StopWaiting(child.describeEnd());
      return (await portAnswers(port)) ? true : null;
    },
    { what: `Gregor answers on port ${port}`, timeoutMs: START_TIMEOUT_MS, clock: systemClock, everyMs: 25 },
  );
  return {
    brokerId,
    port,
    bootstrap: `127.0.0.1:${port}`,
    directory,
    logDir,
    pid: child.pid,
    async stop() {
      await child.stop(STOP_TIMEOUT_MS);
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
    async kill() {
      await child.kill();
    },
  };
}
