/**
 * A real, standalone ZooKeeper as a child process. Owns its folder (configuration, data, log) and its port, both of which
 * stay the same over restarts, so that clients find the same tree in the same place.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { systemClock, type Clock } from '../runtime/clock';
import { ManagedProcess } from './managed-process';
import { freePorts, portAnswers } from './ports';
import type { Say } from './system-packages';
import { StopWaiting, waitUntil } from './wait-until';
import { ZOOKEEPER_MAIN_CLASS, type ZooKeeperInstallation } from './zookeeper-classpath';
import { requireZooKeeper } from './zookeeper-prerequisites';

export interface ZooKeeperOptions {
  /** Holds zookeeper.properties, data/ and zookeeper.log; made if it is missing. */
  directory: string;
  /** A free one when left out. */
  port?: number;
  /** Unit of its time-outs; sessions last at least two ticks. 2000, as in Kafka's file, when left out. */
  tickTimeMs?: number;
  /** Waits for the disk after each write, as ZooKeeper does by default. False makes writes quicker where data is thrown away. */
  sync?: boolean;
  /** More lines for its configuration file. */
  settings?: Readonly<Record<string, string | number>>;
  /** How long a start may take. */
  timeoutMs?: number;
  clock?: Clock;
  env?: NodeJS.ProcessEnv;
  /** Told which ZooKeeper is taken, and of downloads. */
  say?: Say;
  /** Told when the process ends and nobody called stop() or kill(). */
  onUnexpectedEnd?: (text: string) => void;
  /** Whether packages of the system that are missing may be installed; true when left out. */
  mayInstall?: boolean;
}

const START_TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 200;
const PORT_TRIES = 5;

/** Measured: the client compiler alone and the serial collector halve processor time until it answers. */
export const quickJvm = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'] as const;

export class ZooKeeperProcess {
  private process: ManagedProcess | null = null;
  private readonly endedOnPurpose = new WeakSet<ManagedProcess>();

  private constructor(
    readonly port: number,
    readonly installation: ZooKeeperInstallation,
    private readonly java: string,
    private readonly options: ZooKeeperOptions,
    private readonly clock: Clock,
  ) {}

  /** Starts ZooKeeper and resolves when it answers `srvr`. */
  static async start(options: ZooKeeperOptions): Promise<ZooKeeperProcess> {
    const say = options.say ?? (() => undefined);
    const env = options.env ?? process.env;
    const { java, installation } = await requireZooKeeper({ env, say, mayInstall: options.mayInstall });
    say(`ZooKeeper ${installation.version} from ${installation.source}`);
    await mkdir(join(options.directory, 'data'), { recursive: true });
    for (let tries = 1; ; tries++) {
      const port = options.port ?? ((await freePorts(1))[0] as number);
      const server = new ZooKeeperProcess(port, installation, java, options, options.clock ?? systemClock);
      try {
        await server.start();
        return server;
      } catch (error) {
        // Between finding a free port and binding it somebody else may have taken it.
        const unlucky = options.port === undefined && server.process?.output().includes('BindException');
        await server.kill();
        if (!unlucky || tries === PORT_TRIES) throw error;
      }
    }
  }

  /** `127.0.0.1:port`, the value for zookeeper.connect. */
  get connectString(): string {
    return `127.0.0.1:${this.port}`;
  }

  get running(): boolean {
    return this.process?.running ?? false;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Starts it again, on the same data and port, after stop() or kill(). */
  async start(): Promise<void> {
    if (this.running) return;
    if (await portAnswers(this.port)) {
      throw new Error(`ZooKeeper cannot start: something else answers on 127.0.0.1:${this.port}`);
    }
    const configFile = join(this.options.directory, 'zookeeper.properties');
    await writeFile(configFile, this.properties());
    this.process = ManagedProcess.start(
      {
        name: 'ZooKeeper',
        command: this.java,
        args: [...this.javaOptions(), '-cp', this.installation.classpath, ZOOKEEPER_MAIN_CLASS, configFile],
        logFile: join(this.options.directory, 'zookeeper.log'),
      },
      this.clock,
    );
    await this.waitUntilItAnswers(this.process);
    this.watch(this.process);
  }

  /** Ends it orderly. */
  async stop(): Promise<void> {
    if (this.process) this.endedOnPurpose.add(this.process);
    await this.process?.stop();
  }

  /** Ends it as `kill -9` does; what it acknowledged is on disk or in the page cache. */
  async kill(): Promise<void> {
    if (this.process) this.endedOnPurpose.add(this.process);
    await this.process?.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Freezes it: connections stay open, nothing is answered, no session expires meanwhile. */
  pause(): void {
    this.process?.pause();
  }

  resume(): void {
    this.process?.resume();
  }

  private watch(process: ManagedProcess): void {
    void process.ended.then(() => {
      if (!this.endedOnPurpose.has(process))
        this.options.onUnexpectedEnd?.(process.describeEnd().split('.')[0] as string);
    });
  }

  private async waitUntilItAnswers(process: ManagedProcess): Promise<void> {
    const timeoutMs = this.options.timeoutMs ?? START_TIMEOUT_MS;
    const probe = async (): Promise<true | null> => {
      if (!process.running) throw new StopWaiting(process.describeEnd());
      const answer = await fourLetterWord(this.port, 'srvr', this.clock);
      return /^Mode: /m.test(answer) ? true : null;
    };
    try {
      await waitUntil(probe, { what: `ZooKeeper answered on port ${this.port}`, timeoutMs, clock: this.clock });
    } catch (error) {
      throw error instanceof StopWaiting ? error : new Error(`${(error as Error).message}\n${process.describeEnd()}`);
    }
  }

  private javaOptions(): string[] {
    const options = [...quickJvm, ...loggingOptions('warn'), '-Dzookeeper.jmx.log4j.disable=true'];
    if (this.options.sync === false) options.push('-Dzookeeper.forceSync=no', '-Dzookeeper.preAllocSize=4096');
    return options;
  }

  private properties(): string {
    const settings = {
      dataDir: join(this.options.directory, 'data'),
      clientPort: this.port,
      clientPortAddress: '127.0.0.1',
      tickTime: this.options.tickTimeMs ?? 2000,
      maxClientCnxns: 0,
      'admin.enableServer': false,
      '4lw.commands.whitelist': 'srvr,ruok,mntr,cons',
      ...this.options.settings,
    };
    return Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
  }
}

/** slf4j-simple writes lines in the shape of Kafka's log; other logging libraries ignore these options. */
export function loggingOptions(level: 'warn' | 'info'): string[] {
  const simple = '-Dorg.slf4j.simpleLogger';
  return [
    `${simple}.defaultLogLevel=${level}`,
    `${simple}.logFile=System.out`,
    `${simple}.showThreadName=false`,
    `${simple}.showDateTime=true`,
    `${simple}.dateTimeFormat=[yyyy-MM-dd HH:mm:ss,SSS]`,
  ];
}

/**
 * Sends one of ZooKeeper's four-letter words and returns the answer, empty when there is none within a short time: a server
 * that is asked while it starts may keep the connection open and never answer.
 */
export function fourLetterWord(port: number, word: string, clock: Clock = systemClock): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(word));
    const settle = (answer: string): void => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    const timer = clock.after(PROBE_TIMEOUT_MS, () => settle(''));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('error', () => settle(''));
    socket.once('close', () => settle(Buffer.concat(chunks).toString()));
  });
}
