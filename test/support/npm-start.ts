/** `npm start` as a process: on ports of its own, with what it printed so far. */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { systemClock } from '../../runtime/clock';
import { portIsFree } from '../../supervisor/ports';
import { waitUntil } from '../../supervisor/wait-until';

const root = join(__dirname, '..', '..');
/** ZooKeeper, brokers, their HTTP listeners, coordinator. */
export const usualPorts = [2181, 9092, 9093, 9094, 9192, 9193, 9194, 8080];

export interface Started {
  process: ChildProcess;
  output: () => string;
  exitCode: Promise<number | null>;
}

/** All ports stay below those that the system gives to outgoing connections (32768 on Linux), which come and go. */
const LOWEST_OFFSET = 10_007;
const HIGHEST_OFFSET = 23_500;
const STEP = 97;

/** An offset at which all ports of a cluster are free just now; where to begin differs by process, as tests run in several. */
export async function freeOffset(): Promise<number> {
  const count = Math.floor((HIGHEST_OFFSET - LOWEST_OFFSET) / STEP);
  for (let tried = 0; tried < count; tried++) {
    const offset = LOWEST_OFFSET + ((process.pid + tried) % count) * STEP;
    const free = await Promise.all(usualPorts.map((port) => portIsFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no free ports were found');
}

export function npmStart(args: readonly string[], env = process.env): Started {
  return watchProcess(spawn(process.execPath, [join(root, 'scripts', 'start.mjs'), ...args], { cwd: root, env }));
}

/** Listens to what a process prints and how it ends. */
export function watchProcess(child: ChildProcessWithoutNullStreams): Started {
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (text += String(chunk)));
  const exitCode = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { process: child, output: () => text, exitCode };
}

/** Resolves when the text has been printed; rejects with all output when the process ends before. */
export async function hasPrinted({ output, exitCode }: Started, text: string | RegExp): Promise<string> {
  const printed = waitUntil(
    () => (typeof text === 'string' ? (output().includes(text) ? text : null) : (text.exec(output())?.[0] ?? null)),
    { what: `npm start printed "${String(text)}"`, timeoutMs: 120_000, clock: systemClock, everyMs: 50 },
  );
  const ended = exitCode.then((code) => {
    throw new Error(`npm start ended with exit code ${code}:\n${output()}`);
  });
  return Promise.race([printed, ended]);
}
