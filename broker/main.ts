/**
 * Entry of kafka-server-start: starts one broker from a properties file and stops it orderly on SIGTERM, SIGINT or SIGHUP.
 * Exit codes are those of Kafka's process: 1 when it cannot start, 128 + the signal's number after an orderly stop.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { createLogger, type Logger } from '../runtime/logger';
import { ConfigException, parseCommandLine, parseProperties, usageOf } from '../settings';
import { createServer } from './create-server';
import type { KafkaServer } from './server';

/** The version of Apache Kafka whose behaviour this broker has. */
const KAFKA_VERSION = '3.9.1';
const SIGNAL_EXIT_BASE = 128;

/** Ends the process once what was printed has left it: pipes are written asynchronously. */
function exit(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

function stopOnSignals(server: KafkaServer, logger: Logger): void {
  const signalLogger = logger.for('org.apache.kafka.common.utils.LoggingSignalHandler');
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      signalLogger.info(`Terminating process due to signal ${signal}`);
      if (stopping) return;
      stopping = true;
      const code = SIGNAL_EXIT_BASE + constants.signals[signal];
      server.shutdown().then(
        () => exit(code),
        (error: unknown) => {
          logger.for('kafka.Kafka').error('Halting Kafka.', error);
          exit(1);
        },
      );
    });
  }
}

async function run(file: string, overrides: ReadonlyMap<string, string>): Promise<void> {
  const logger = createLogger();
  const kafkaLogger = logger.for('kafka.Kafka');
  let server: KafkaServer;
  try {
    const properties = parseProperties(readFileSync(file, 'utf8'));
    for (const [key, value] of overrides) properties.set(key, value);
    server = createServer(properties, logger, () => exit(1));
  } catch (error) {
    // A wrong value or file is the user's to correct: the sentence helps, a stack trace does not.
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const expected = error instanceof ConfigException || missing;
    const text = missing ? `there is no file ${file}` : (error as Error).message;
    if (expected) kafkaLogger.error(`Exiting Kafka due to fatal exception: ${text}`);
    else kafkaLogger.error('Exiting Kafka due to fatal exception', error);
    exit(1);
    return;
  }
  stopOnSignals(server, logger);
  try {
    await server.startup();
  } catch {
    // The server has said why.
    kafkaLogger.error('Exiting Kafka due to fatal exception during startup.');
    exit(1);
  }
}

const command = parseCommandLine(process.argv.slice(2));
if (command.kind === 'run') {
  void run(command.file, command.overrides);
} else if (command.kind === 'version') {
  console.log(KAFKA_VERSION);
} else {
  if (command.complaint !== null) console.error(command.complaint);
  console.error(usageOf('kafka-server-start.sh', 'server.properties'));
  process.exitCode = 1;
}
