/** kcat, the command line client over librdkafka, as Debian packages it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { findOnPath } from '../../supervisor/java';
import type { ToolResult } from './apache-kafka';

const TIMEOUT_MS = 40_000;

/** Whether kcat is there. Says so where it is not; under CI=true that is an error. */
export function haveKcat(): boolean {
  if (findOnPath('kcat')) return true;
  if (process.env['CI'] === 'true') throw new Error('kcat is missing; install it with: apt-get install kcat');
  console.warn('Not tested with librdkafka: kcat is missing; install it with: apt-get install kcat');
  return false;
}

export interface RunningKcat {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  /** Ends it as Ctrl-C does, and waits for that. */
  stop(): Promise<void>;
  readonly ended: Promise<number | null>;
}

export function startKcat(args: readonly string[], input?: string | Buffer): RunningKcat {
  // No configuration of the user's own home.
  const child = spawn('kcat', args, { stdio: 'pipe', env: { ...process.env, HOME: tmpdir() } });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.on('error', () => undefined); // it may end before it has read all
  child.stdin.end(input ?? '');
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    output,
    ended,
    async stop() {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Runs it to its end; a non-zero exit code is a result, not an error. */
export async function kcat(args: readonly string[], input?: string | Buffer): Promise<ToolResult> {
  const { child, output, ended } = startKcat(args, input);
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  const code = await ended;
  clearTimeout(timer);
  if (code === null)
    throw new Error(`kcat ${args.join(' ')} did not end within ${TIMEOUT_MS} ms: ${output.stderr}${output.stdout}`);
  return { code, ...output };
}
