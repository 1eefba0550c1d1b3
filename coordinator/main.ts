/**
 * Entry of coordinator-start: starts the coordinator from a properties file and stops it orderly on SIGTERM, SIGINT or
 * SIGHUP. Exit codes as of kafka-server-start: 1 when it cannot start, 128 + the signal's number after an orderly stop.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createLogger, type Logger } from '../runtime/logger';
import { ConfigException, parseCommandLine, parseProperties, usageOf } from '../settings';
import { parseCoordinatorConfig } from '../settings/coordinator';
import { CoordinatorServer, StartError } from './server';

const SIGNAL_EXIT_BASE = 128;

/** Ends the process once what was printed has left it: pipes are written asynchronously. */
function exit(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

function stopOnSignals(stop: () => Promise<void>, logger: Logger): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      logger.info(`Terminating process due to signal ${signal}`);
      if (stopping) return;
      stopping = true;
      const code = SIGNAL_EXIT_BASE + constants.signals[signal];
      stop().then(
        () => exit(code),
        (error: unknown) => {
          logger.error('The coordinator could not be stopped orderly', error);
          exit(1);
        },
      );
    });
  }
}

/**
 * A promise that a library left alone must not end a service that only looks: kafkajs does so when a connection breaks at
 * the wrong moment. What the service waits for itself is handled where it waits.
 */
function outliveForgottenPromises(logger: Logger): void {
  process.on('unhandledRejection', (reason) => logger.error('A promise failed that nobody waits for', reason));
}

/** A wrong value or file is the user's to correct: the sentence helps, a stack trace does not. */
function tellWhyNot(error: unknown, file: string, logger: Logger): void {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' && (error as NodeJS.ErrnoException).path === file;
  const expected = error instanceof ConfigException || error instanceof StartError;
  if (missing) logger.error(`The coordinator cannot start: there is no file ${file}`);
  else if (expected) logger.error(`The coordinator cannot start: ${error.message}`);
  else logger.error('The coordinator cannot start', error);
}

async function run(file: string, overrides: ReadonlyMap<string, string>): Promise<void> {
  const rootLogger = createLogger();
  const logger = rootLogger.for('gregor.coordinator.Main');
  outliveForgottenPromises(logger);
  try {
    const properties = parseProperties(readFileSync(file, 'utf8'));
    for (const [key, value] of overrides) properties.set(key, value);
    const server = new CoordinatorServer({ config: parseCoordinatorConfig(properties), logger: rootLogger });
    stopOnSignals(() => server.stop(), logger);
    await server.start();
  } catch (error) {
    tellWhyNot(error, file, logger);
    exit(1);
  }
}

/** Of the package, which stands above dist/. */
function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

const command = parseCommandLine(process.argv.slice(2));
if (command.kind === 'run') {
  void run(command.file, command.overrides);
} else if (command.kind === 'version') {
  console.log(ownVersion());
} else {
  if (command.complaint !== null) console.error(command.complaint);
  console.error(usageOf('coordinator-start.sh', 'coordinator.properties'));
  process.exitCode = 1;
}
