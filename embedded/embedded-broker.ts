/** One broker of an embedded cluster, over all its starts: owns its host, which is replaced with each start. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock';
import type { AgentCommand } from './agent-protocol';
import { ProcessHost, ThreadHost, type BrokerHost } from './broker-host';
import type { EmbeddedBroker } from './types';

export interface BrokerSpec {
  id: number;
  port: number;
  directory: string;
  /** Asked for at each start: ZooKeeper's port is not known before. */
  properties: () => Record<string, string>;
  processes: boolean;
  clock: Clock;
}

export class RunningBroker implements EmbeddedBroker {
  readonly host = '127.0.0.1';
  private agent: BrokerHost | null = null;
  private started = false;
  private leftSession = false;

  constructor(private readonly spec: BrokerSpec) {}

  get id(): number {
    return this.spec.id;
  }

  get port(): number {
    return this.spec.port;
  }

  get directory(): string {
    return this.spec.directory;
  }

  get running(): boolean {
    return this.started && (this.agent?.up ?? false);
  }

  get pid(): number | null {
    return this.agent?.up ? (this.agent.pid ?? null) : null;
  }

  /** Loads the broker's code while something else is waited for. */
  warmUp(): void {
    if (this.agent?.up) return;
    this.started = false;
    const { id, directory, processes, clock } = this.spec;
    mkdirSync(directory, { recursive: true });
    const options = { brokerId: id, outputFile: join(directory, 'output.log'), clock };
    this.agent = processes ? new ProcessHost(options) : new ThreadHost(options);
  }

  /** Resolves when the broker has started; whether the others know it is not looked at. */
  async start(): Promise<void> {
    if (this.running) return;
    this.warmUp();
    const { directory, properties } = this.spec;
    const agent = this.live();
    this.started = true;
    try {
      await agent.command({ kind: 'start', properties: properties(), logFile: join(directory, 'server.log') });
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (!this.agent?.up) return;
    this.agent.thaw();
    if (this.started) await this.agent.command({ kind: 'stop' });
    await this.end(this.agent);
  }

  async kill(): Promise<void> {
    if (!this.agent?.up) return;
    this.leftSession = this.started;
    await this.end(this.agent);
  }

  /** Whether ZooKeeper may still hold the session of a start that was killed; asking forgets it. */
  takeLeftSession(): boolean {
    const left = this.leftSession;
    this.leftSession = false;
    return left;
  }

  private async end(agent: BrokerHost): Promise<void> {
    this.started = false;
    await agent.kill();
  }

  pause(): void {
    this.live().freeze();
  }

  resume(): void {
    this.live().thaw();
  }

  command(command: AgentCommand): Promise<void> {
    return this.live().command(command);
  }

  private live(): BrokerHost {
    if (!this.agent?.up) throw new Error(`broker ${this.id} is not running`);
    return this.agent;
  }
}
