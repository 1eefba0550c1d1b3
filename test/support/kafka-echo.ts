/** Runs java/MessageEcho.java with Apache Kafka's jars: one process for a batch of commands, one answer per command. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { kafkaClasspath } from './kafka-jars';

const source = join(__dirname, 'java', 'MessageEcho.java');

/** Answers to `commands` in their order; see the Java file for their language. */
export async function askKafka(commands: readonly string[]): Promise<string[]> {
  const child = spawn('java', ['-Xmx256m', '-XX:+UseSerialGC', '-cp', await kafkaClasspath(), source]);
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  child.stdin.on('error', () => undefined); // a process that died is reported below, with what it said
  child.stdin.end(commands.map((command) => `${command}\n`).join(''));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`java ended with ${code}: ${Buffer.concat(complaints).toString()}`);
  const answers = Buffer.concat(output).toString().trimEnd().split('\n');
  if (answers.length !== commands.length) throw new Error(`${answers.length} answers to ${commands.length} commands`);
  return answers;
}
