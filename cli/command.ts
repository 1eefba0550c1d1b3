/**
 * What all commands share: parsing, --help and --version, errors in one line, exit codes, Ctrl-C, a closed pipe.
 * A command is a value with a `run`, so that tests can run it in their own process.
 */
import type { Readable, Writable } from 'node:stream';
import { KafkaError } from '../protocol';
import { ConnectionError } from '../client';
import { systemClock, type Clock } from '../runtime/clock';
import {
  checkRequired,
  commonOptions,
  type OptionTable,
  type ParsedOptions,
  parseOptions,
  UsageError,
  usageText,
} from './options';

/** The version of Apache Kafka whose commands these are. */
export const KAFKA_VERSION = '3.9.1';

/** Everything that a command touches besides the network and files. */
export interface CommandIo {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  clock: Clock;
  /** Aborted by Ctrl-C or SIGTERM: end soon and in order. */
  interrupted: AbortSignal;
}

export interface Command<T extends OptionTable = OptionTable> {
  /** Name without .sh. */
  readonly name: string;
  /** One sentence above the options in --help. */
  readonly about: string;
  readonly options: T;
  /** Help goes to standard output for commands that Kafka built on argparse, to standard error for all others. */
  readonly helpTo?: 'stdout' | 'stderr';
  /** Called without any argument, the command explains itself, as most do. */
  readonly needsArguments?: boolean;
  /** Takes the arguments as they stand, instead of `run`: for commands with a grammar of their own. */
  runRaw?(args: readonly string[], io: CommandIo): Promise<number>;
  /** Does the work and gives the exit code. */
  run(given: ParsedOptions<T & typeof commonOptions>, io: CommandIo): Promise<number>;
}

/** A failure that needs no stack: what went wrong, in one line. */
export class CommandError extends Error {
  constructor(
    text: string,
    readonly exitCode = 1,
  ) {
    super(text);
    this.name = 'CommandError';
  }
}

/** Declares a command; --help and --version are added. */
export function defineCommand<T extends OptionTable>(command: Command<T>): Command<T & typeof commonOptions> {
  return { ...command, options: { ...command.options, ...commonOptions } };
}

/** Parses `args` and runs the command; gives the exit code and never throws. */
export async function runCommand(command: Command, args: readonly string[], io: CommandIo): Promise<number> {
  try {
    if (command.runRaw) return await command.runRaw(args, io);
    const wantsHelp = args.includes('--help') || (args.length === 0 && command.needsArguments !== false);
    if (wantsHelp) return printHelp(command, io);
    const given = parseOptions(command.options, args) as ParsedOptions<typeof commonOptions>;
    if (given.has('help')) return printHelp(command, io);
    if (given.has('version')) {
      io.stdout.write(`${KAFKA_VERSION}\n`);
      return 0;
    }
    checkRequired(given);
    return await command.run(given, io);
  } catch (error) {
    return report(command, error, io);
  }
}

/** Kafka's commands end with 1 after --help, and so do these. */
function printHelp(command: Command, io: CommandIo): number {
  const text = usageText(command.about, command.options);
  (command.helpTo === 'stdout' ? io.stdout : io.stderr).write(text);
  return 1;
}

function report(command: Command, error: unknown, io: CommandIo): number {
  if (error instanceof UsageError) {
    const hint = error.hint === null ? '' : `${error.hint}\n`;
    io.stderr.write(`${error.message}\n${hint}See ${command.name} --help for all options.\n`);
    return 1;
  }
  if (error instanceof CommandError) {
    io.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  io.stderr.write(`${failureText(error)}\n`);
  return 1;
}

/** An error as people should read it. */
export function failureText(error: unknown): string {
  if (error instanceof CommandError || error instanceof KafkaError || error instanceof ConnectionError)
    return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Runs the command with the process's own streams; called by each command's file when it is the program. */
export function startCommand(command: Command): void {
  const interrupt = new AbortController();
  let interrupts = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    interrupts += 1;
    interrupt.abort();
    // Whoever presses Ctrl-C twice does not want to wait.
    if (interrupts > 1) process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // `| head` closes the pipe: that is the end of the work, not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const { stdin, stdout, stderr } = process;
  const io: CommandIo = { stdin, stdout, stderr, clock: systemClock, interrupted: interrupt.signal };
  void runCommand(command, process.argv.slice(2), io).then(async (code) => {
    await Promise.all([flushed(stdout), flushed(stderr)]);
    process.exit(code);
  });
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
