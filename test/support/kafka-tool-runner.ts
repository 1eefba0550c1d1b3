/** Apache Kafka's command line tools in one Java process that stays: for tests that run many of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { requireJava } from '../../supervisor/java';
import { type KafkaToolName, kafkaTools, type ToolResult } from './apache-kafka';
import { kafkaClasspath } from './kafka-jars';

const source = join(__dirname, 'java', 'ToolRunner.java');

const TOOL_TIMEOUT_MS = 60_000;

export class KafkaToolRunner {
  private ended: string | null = null;
  private readonly waiting: ((line: string | null) => void)[] = [];
  private complaints = '';

  private constructor(private readonly child: ChildProcess) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.complaints += text));
    child.stdin?.on('error', () => undefined); // a process that died is reported to those who wait
    if (child.stdout) createInterface(child.stdout).on('line', (line) => this.waiting.shift()?.(line));
    child.on('close', (code, signal) => {
      this.ended = `with ${signal ?? code}: ${this.complaints}`;
      this.waiting.splice(0).forEach((answer) => answer(null));
    });
  }

  static async start(): Promise<KafkaToolRunner> {
    const java = await requireJava(() => undefined);
    const jvm = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', await kafkaClasspath()];
    return new KafkaToolRunner(spawn(java, [...jvm, source], { stdio: 'pipe' }));
  }

  /** Runs one tool to its end; runs that overlap wait for one another. */
  async run(tool: KafkaToolName, args: readonly string[], input = ''): Promise<ToolResult> {
    const words = [kafkaTools[tool], encode(input), ...args.map(encode)];
    if (this.ended !== null) throw new Error(`The process that runs Kafka's tools has ended ${this.ended}`);
    const answer = new Promise<string | null>((resolve) => this.waiting.push(resolve));
    this.child.stdin?.write(`${words.join(' ')}\n`);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.child.kill('SIGKILL');
    }, TOOL_TIMEOUT_MS);
    const line = await answer;
    clearTimeout(timer);
    if (late) throw new Error(`${tool} ${args.join(' ')} took more than ${TOOL_TIMEOUT_MS} ms: ${this.complaints}`);
    if (line === null) throw new Error(`The process that runs Kafka's tools ended in ${tool} ${this.ended}`);
    const [code, stdout, stderr] = line.split(' ');
    return { code: Number(code), stdout: decode(stdout), stderr: decode(stderr) };
  }

  async stop(): Promise<void> {
    if (this.ended !== null) return;
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill();
    await closed;
  }
}

/** With a sign before it, so that an empty word is a word too. */
function encode(text: string): string {
  return `=${Buffer.from(text, 'utf8').toString('base64')}`;
}

function decode(word = '='): string {
  return Buffer.from(word.slice(1), 'base64').toString('utf8');
}
