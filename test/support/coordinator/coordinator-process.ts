/** The coordinator as a process of its own, from the build in dist/, as its launcher starts it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { systemClock } from '../../../runtime/clock';
import { ManagedProcess, type ProcessEnd } from '../../../supervisor/managed-process';
import { freePorts } from '../../../supervisor/ports';
import { eventually } from '../eventually';

const above = join(__dirname, '..', '..', '..');
const dist = basename(above) === 'dist' ? above : join(above, 'dist');

export interface CoordinatorProcess {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  readonly ended: Promise<ProcessEnd>;
  /** Parsed JSON and the status; text where it is no JSON. */
  get(path: string): Promise<{ status: number; body: unknown }>;
  token(): Promise<string>;
  log(): Promise<string>;
  /** Resolves once it serves HTTP. */
  serving(): Promise<void>;
  /** Resolves once it has seen the cluster. */
  ready(): Promise<void>;
  stop(): Promise<ProcessEnd>;
  kill(): Promise<ProcessEnd>;
  /** Kills it if it still runs, and removes its folder. */
  close(): Promise<void>;
}

/** @param directory kept by close() when given */
export async function startCoordinator(
  settings: Readonly<Record<string, string | number | boolean>>,
  directory?: string,
): Promise<CoordinatorProcess> {
  const folder = directory ?? (await mkdtemp(join(tmpdir(), 'gregor-coordinator-')));
  const port = Number(settings['http.port'] ?? (await freePorts(1))[0]);
  const properties = {
    'http.port': port,
    'data.dir': join(folder, 'data'),
    'probe.interval.ms': 100,
    'offsets.interval.ms': 200,
    ...settings,
  };
  const file = join(folder, 'coordinator.properties');
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(file, lines.join(''));
  const logFile = join(folder, 'coordinator.log');
  const child = ManagedProcess.start(
    { name: 'The coordinator', command: process.execPath, args: [join(dist, 'coordinator', 'main.js'), file], logFile },
    systemClock,
  );
  const url = `http://127.0.0.1:${port}`;
  const get = async (path: string): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(`${url}${path}`);
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    return { status: answer.status, body: isJson ? (JSON.parse(text) as unknown) : text };
  };
  const until = async (what: string, good: (status: number) => boolean): Promise<void> => {
    let seen = 'nothing';
    await eventually(
      what,
      async () => {
        if (!child.running) return true;
        const answer = await get('/ready');
        seen = JSON.stringify(answer);
        return good(answer.status);
      },
      30_000,
    ).catch((error: Error) => Promise.reject(new Error(`${error.message}; it answered ${seen}`)));
    if (!child.running) throw new Error(child.describeEnd());
  };
  return {
    url,
    port,
    directory: folder,
    ended: child.ended,
    get,
    token: async () => (await readFile(join(folder, 'data', 'token'), 'utf8')).trim(),
    log: () => readFile(logFile, 'utf8'),
    serving: () => until('the coordinator serving', () => true),
    ready: () => until('the coordinator being ready', (status) => status === 200),
    stop: () => child.stop(),
    kill: () => child.kill(),
    async close() {
      await child.kill();
      if (directory === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
