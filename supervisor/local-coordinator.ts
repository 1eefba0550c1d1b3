/**
 * The coordinator service beside a cluster on this machine: a process that may make faults by asking this one.
 * Owns the process, its configuration file and its folder. The cluster does not depend on it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock';
import type { ClusterFaults } from './cluster-faults';
import { answerFaultQuestion } from './fault-server';
import { ManagedProcess } from './managed-process';
import { StopWaiting, waitUntil } from './wait-until';

export interface LocalCoordinatorOptions {
  /** Holds coordinator.properties, coordinator/ and coordinator.log. */
  directory: string;
  port: number;
  zookeeperPort: number;
  /** Where ZooKeeper writes its transaction logs. */
  transactionLogDirectory: string;
  /** Ports of the brokers' HTTP listeners, by broker id. */
  httpPorts: readonly number[];
  /** The compiled code: dist/ */
  compiled: string;
  faults: ClusterFaults;
  clock: Clock;
  /** More properties of the coordinator. */
  settings?: Readonly<Record<string, string | number>>;
}

const READY_TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 2_000;
const STOP_TIMEOUT_MS = 5_000;

export class LocalCoordinator {
  private stopping = false;

  private constructor(
    private readonly options: LocalCoordinatorOptions,
    private readonly process: ManagedProcess,
  ) {
    process.onReport((value) => {
      void answerFaultQuestion(value, options.faults).then((reply) => reply && process.send(reply));
    });
  }

  /** Starts the process; the cluster need not be there yet. */
  static start(options: LocalCoordinatorOptions): LocalCoordinator {
    const { directory, compiled, clock } = options;
    const file = join(directory, 'coordinator.properties');
    writeFileSync(file, propertiesOf(options));
    const child = ManagedProcess.start(
      {
        name: 'The coordinator',
        command: process.execPath,
        args: [join(compiled, 'coordinator', 'main.js'), file],
        logFile: join(directory, 'coordinator.log'),
        channel: true,
      },
      clock,
    );
    return new LocalCoordinator(options, child);
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Address of its dashboard, with the token that actions need in the part that browsers keep to themselves. */
  get address(): string {
    const token = readFileSync(join(dataDirectory(this.options), 'token'), 'utf8').trim();
    return `http://localhost:${this.options.port}/#token=${token}`;
  }

  /** Resolves when it answers that it is ready; rejects when it ended, or after half a minute. */
  async waitUntilReady(): Promise<void> {
    const { port, clock } = this.options;
    const probe = async (): Promise<true | null> => {
      if (!this.process.running) throw new StopWaiting(this.process.describeEnd());
      const answer = await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
      await answer.body?.cancel();
      return answer.status === 200 ? true : null;
    };
    await waitUntil(probe, { what: 'the coordinator was ready', timeoutMs: READY_TIMEOUT_MS, clock, everyMs: 50 });
  }

  /** Calls `listener` when the process ends and nobody stopped it here. */
  onUnexpectedEnd(listener: (text: string) => void): void {
    void this.process.ended.then(() => {
      if (!this.stopping) listener(this.process.describeEnd().split('.')[0] as string);
    });
  }

  /** Ends it orderly, or after a few seconds by force: it holds nothing that the cluster needs. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.process.stop(STOP_TIMEOUT_MS);
  }

  async kill(): Promise<void> {
    this.stopping = true;
    await this.process.kill();
  }
}

function dataDirectory({ directory }: LocalCoordinatorOptions): string {
  return join(directory, 'coordinator');
}

function propertiesOf(options: LocalCoordinatorOptions): string {
  const { port, zookeeperPort, transactionLogDirectory, httpPorts, settings } = options;
  const properties = {
    'http.port': port,
    'zookeeper.connect': `localhost:${zookeeperPort}`,
    'zookeeper.transaction.log.dir': transactionLogDirectory,
    'broker.http.listeners': httpPorts.map((httpPort, id) => `${id}=127.0.0.1:${httpPort}`).join(','),
    'data.dir': dataDirectory(options),
    'faults.enabled': true,
    'faults.control': 'supervisor',
    ...settings,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
