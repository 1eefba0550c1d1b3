/** Runs one of our commands inside the test's own process, with streams instead of a terminal. */
import { PassThrough } from 'node:stream';
import { runCommand, type Command } from '../../cli/command';
import { systemClock, type Clock } from '../../runtime/clock';
import type { ToolResult } from './apache-kafka';

export interface RunOptions {
  input?: string;
  clock?: Clock;
  interrupted?: AbortSignal;
  /** Hears all of standard output so far, whenever there is more. */
  onOutput?: (stdout: string) => void;
}

/** What it wrote and its exit code. */
export async function runOurs(
  command: Command,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ToolResult> {
  const stdin = new PassThrough();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = { stdout: '', stderr: '' };
  stdout.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text;
    options.onOutput?.(written.stdout);
  });
  stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  stdin.end(options.input ?? '');
  const interrupted = options.interrupted ?? new AbortController().signal;
  const code = await runCommand(command, args, {
    stdin,
    stdout,
    stderr,
    clock: options.clock ?? systemClock,
    interrupted,
  });
  const ended = [stdout, stderr].map((stream) => new Promise((resolve) => stream.on('end', resolve)));
  stdout.end();
  stderr.end();
  await Promise.all(ended);
  return { code, ...written };
}
