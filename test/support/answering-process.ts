/** Programs that answer a line of standard input with a line of standard output: clients that do not run inside Jest. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { requireJava } from '../../supervisor/java';
import { kafkaJarDirectory } from './kafka-jars';

export interface AnsweringProcess {
  /** One line there, one line back; fails with what the program has said when it takes too long or ends. */
  ask(line: string, timeoutMs?: number): Promise<string>;
  close(): Promise<void>;
}

const ANSWER_TIMEOUT_MS = 90_000;
const SMALL_JVM = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

type ClassNames = readonly [string, ...string[]];

/**
 * Compiles classes of java/ over Apache Kafka's jars and runs the first one.
 * @param classes the first one has the main method
 */
export async function startJava(classes: ClassNames, ...args: string[]): Promise<AnsweringProcess> {
  return startJavaOver(await kafkaJarDirectory(), classes, ...args);
}

/** As startJava, over the jars in another folder. */
export async function startJavaOver(jars: string, classes: ClassNames, ...args: string[]): Promise<AnsweringProcess> {
  const java = await requireJava(() => undefined);
  // The compiler does not expand a wildcard, other than the command that would start it.
  const classpath = (await readdir(jars)).map((jar) => join(jars, jar)).join(delimiter);
  const directory = await mkdtemp(join(tmpdir(), 'gregor-java-'));
  const sources = classes.map((name) => join(__dirname, 'java', `${name}.java`));
  const compiler = [...SMALL_JVM, '-m', 'jdk.compiler/com.sun.tools.javac.Main'];
  await promisify(execFile)(java, [...compiler, '-cp', classpath, '-d', directory, ...sources]);
  const [main] = classes;
  const program = startAnswering(main, java, [
    ...SMALL_JVM,
    '-cp',
    [directory, join(jars, '*')].join(delimiter),
    main,
    ...args,
  ]);
  return {
    ask: (line, timeoutMs) => program.ask(line, timeoutMs),
    async close() {
      await program.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function startAnswering(name: string, command: string, args: readonly string[]): AnsweringProcess {
  const child = spawn(command, args, { stdio: 'pipe' });
  let complaints = '';
  let ended = false;
  const end = once(child, 'close').then(() => (ended = true));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  child.stdin.on('error', () => undefined); // a process that died is reported by ask()
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(line, timeoutMs = ANSWER_TIMEOUT_MS) {
      if (ended) throw new Error(`${name} has ended: ${complaints}`);
      child.stdin.write(`${line}\n`);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(
          () => reject(new Error(`${name} did not answer ${line} within ${timeoutMs} ms: ${complaints}`)),
          timeoutMs,
        );
      });
      try {
        const { value, done } = await Promise.race([lines.next(), late]);
        if (done === true) throw new Error(`${name} ended at ${line}: ${complaints}`);
        return value;
      } finally {
        clearTimeout(timer);
      }
    },
    async close() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await end;
      clearTimeout(timer);
    },
  };
}
