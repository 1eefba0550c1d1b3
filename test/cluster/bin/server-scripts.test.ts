import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../../runtime/clock';
import { waitUntilServing } from '../../../supervisor/cluster-probe';
import { freePorts } from '../../../supervisor/ports';
import { listProcesses } from '../../../supervisor/process-list';
import { waitUntil } from '../../../supervisor/wait-until';
import { fourLetterWord } from '../../../supervisor/zookeeper-process';

jest.setTimeout(120_000);

const run = promisify(execFile);
const root = join(__dirname, '..', '..', '..');
const timeoutMs = 30_000;

interface ExitError extends Error {
  code: number;
  stdout: string;
  stderr: string;
}

describe('the server scripts, from the root of the repository', () => {
  let folder: string;
  let zookeeperPort: number;
  let brokerPort: number;
  let zookeeperFile: string;
  let serverFile: string;
  const pids: number[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gregor-scripts-'));
    [zookeeperPort, brokerPort] = (await freePorts(2)) as [number, number];
    zookeeperFile = join(folder, 'zookeeper.properties');
    serverFile = join(folder, 'server.properties');
    const shipped = (name: string): string => readFileSync(join(root, 'config', name), 'utf8');
    const zookeeper = shipped('zookeeper.properties').replace(/^dataDir=.*/m, `dataDir=${folder}/zookeeper`);
    writeFileSync(zookeeperFile, zookeeper.replace(/^clientPort=.*/m, `clientPort=${zookeeperPort}`));
    const server = shipped('server.properties').replace(/^log\.dirs=.*/m, `log.dirs=${folder}/kafka-logs`);
    writeFileSync(
      serverFile,
      server.replace(/^zookeeper\.connect=.*/m, `zookeeper.connect=localhost:${zookeeperPort}`),
    );
  });

  afterEach(() => {
    for (const pid of pids.splice(0)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended, as it should
      }
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const script = (name: string, ...args: string[]) => {
    const child = spawn(join(root, 'bin', name), args, { cwd: root });
    if (child.pid) pids.push(child.pid);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
    child.stderr.on('data', (chunk: Buffer) => (output += String(chunk)));
    const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    return { child, ended, output: () => output };
  };

  const zookeeperAnswers = (): Promise<true> =>
    waitUntil(async () => ((await fourLetterWord(zookeeperPort, 'ruok')) === 'imok' ? true : null), {
      what: 'ZooKeeper answered',
      timeoutMs,
      clock: systemClock,
    });
  const brokerServes = (): Promise<void> =>
    waitUntilServing({ ports: [brokerPort], brokers: 1, timeoutMs, clock: systemClock });
  const listener = (): string[] => ['--override', `listeners=PLAINTEXT://127.0.0.1:${brokerPort}`];

  it('start ZooKeeper and a broker, which end orderly on SIGTERM with the exit code of Kafka', async () => {
    const zookeeper = script('zookeeper-server-start.sh', zookeeperFile);
    await zookeeperAnswers();
    expect(zookeeper.output()).toMatch(/^ZooKeeper 3\.\d+\.\d+ from /);
    const broker = script('kafka-server-start.sh', serverFile, ...listener());
    await brokerServes();
    broker.child.kill('SIGTERM');
    expect(await broker.ended).toEqual({ code: 143, signal: null });
    expect(broker.output()).toContain('Terminating process due to signal SIGTERM');
    expect(broker.output()).toContain('[KafkaServer id=0] shut down completed');
    expect(existsSync(join(folder, 'kafka-logs', '.kafka_cleanshutdown'))).toBe(true);
    // The launcher has become ZooKeeper's own process, so that the signal ends it as it ends any Java program.
    zookeeper.child.kill('SIGTERM');
    expect(await zookeeper.ended).toEqual({ code: 143, signal: null });
    expect(await fourLetterWord(zookeeperPort, 'ruok')).toBe('');
  });

  it('start the coordinator, which ends orderly on SIGTERM with the exit code of a service', async () => {
    const settings = [
      `http.port=${brokerPort}`,
      `zookeeper.connect=127.0.0.1:${zookeeperPort}`,
      `data.dir=${folder}/data`,
    ];
    const overrides = settings.flatMap((setting) => ['--override', setting]);
    const coordinator = script('coordinator-start.sh', 'config/coordinator.properties', ...overrides);
    await waitUntil(async () => ((await fetch(`http://127.0.0.1:${brokerPort}/ready`)).status === 503 ? true : null), {
      what: 'the coordinator said that it has not seen ZooKeeper',
      timeoutMs,
      clock: systemClock,
    });
    coordinator.child.kill('SIGTERM');
    expect(await coordinator.ended).toEqual({ code: 143, signal: null });
    expect(coordinator.output()).toContain('Terminating process due to signal SIGTERM');
    expect(coordinator.output()).toContain('[Coordinator] stopped');
  });

  it('go to the background with -daemon, wherever it stands, and write a log each', async () => {
    const env = { ...process.env, LOG_DIR: join(folder, 'logs') };
    await run(join(root, 'bin', 'zookeeper-server-start'), ['-daemon', zookeeperFile], { cwd: root, env });
    await zookeeperAnswers();
    await run(join(root, 'bin', 'kafka-server-start'), [serverFile, ...listener(), '-daemon'], { cwd: root, env });
    await brokerServes();
    const mine = (await listProcesses()).filter(({ commandLine }) => commandLine.includes(folder));
    pids.push(...mine.map(({ pid }) => pid));
    expect(mine).toHaveLength(2);
    expect(readFileSync(join(folder, 'logs', 'kafkaServer.out'), 'utf8')).toContain('[KafkaServer id=0] started');
    expect(readFileSync(join(folder, 'logs', 'zookeeper.out'), 'utf8')).toContain('binding to port');
  });

  it.each([
    ['zookeeper-server-start.sh', [], /^USAGE: zookeeper-server-start\.sh \[-daemon\] zookeeper\.properties/],
    ['zookeeper-server-start.sh', ['nowhere.properties'], /There is no file .*nowhere\.properties/],
    ['kafka-server-start.sh', [], /^USAGE: kafka-server-start\.sh \[-daemon\] server\.properties/],
    ['kafka-server-start.sh', ['nowhere.properties'], /Exiting Kafka due to fatal exception: .*nowhere\.properties/],
    [
      'kafka-server-start.sh',
      ['config/server.properties', '--override', 'broker.id=x'],
      /Invalid value x for configuration broker\.id/,
    ],
    ['coordinator-start.sh', [], /^USAGE: coordinator-start\.sh \[-daemon\] coordinator\.properties/],
    [
      'coordinator-start.sh',
      ['nowhere.properties'],
      /The coordinator cannot start: there is no file nowhere\.properties/,
    ],
    [
      'coordinator-start.sh',
      ['config/coordinator.properties', '--override', 'http.port=x'],
      /Invalid value x for configuration http\.port/,
    ],
    ['kafka-server-start.sh', ['config/server.properties', 'more'], /Found non argument parameters: more/],
  ])('%s %j ends with exit code 1 and a sentence', async (name, args, sentence) => {
    const failure = (await run(join(root, 'bin', name), args, { cwd: root }).catch(
      (error: unknown) => error,
    )) as ExitError;
    expect(failure.code).toBe(1);
    expect(failure.stdout + failure.stderr).toMatch(sentence);
  });
});
