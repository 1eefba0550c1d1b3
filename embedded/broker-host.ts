/**
 * Where a broker of an embedded cluster runs: a thread of the calling process, or a process of its own. Both run the
 * same agent and differ only in how they are started, frozen and ended at once.
 * Legal transitions: up ⇄ frozen → down; a host that is down stays down, a restarted broker gets a new host.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../runtime/clock';
import { brokerNodeFlags } from '../supervisor/broker-node-flags';
import { ManagedProcess } from '../supervisor/managed-process';
import { type AgentAnswer, type AgentCommand, Gate, type NumberedCommand } from './agent-protocol';
import { compiled } from './paths';

/** How long a thread may be busy with something else; after that it freezes as soon as it comes to it. */
const FREEZE_TIMEOUT_MS = 5_000;

export interface HostOptions {
  brokerId: number;
  /** What the agent prints outside the broker's log, e.g. a crash. */
  outputFile: string;
  clock: Clock;
}

/** Commands are numbered, and their answers matched; what is unanswered fails when the agent ends. */
export abstract class BrokerHost {
  /** Resolves when thread or process are gone, whoever ended them. */
  abstract readonly ended: Promise<void>;
  abstract readonly pid: number | undefined;
  private nextId = 1;
  private readonly unanswered = new Map<number, { resolve: () => void; reject: (reason: Error) => void }>();
  private downBecause: Error | null = null;

  protected constructor(readonly options: HostOptions) {}

  /** Returns when it stands still. */
  abstract freeze(): void;
  abstract thaw(): void;
  /** Ends it as `kill -9` does: nothing is flushed, closed or handed over. */
  abstract kill(): Promise<void>;
  protected abstract post(command: NumberedCommand): void;
  protected abstract describeEnd(): string;

  get up(): boolean {
    return this.downBecause === null;
  }

  /** Has the agent carry out a command; rejects with what the agent says, or when it ends before it answers. */
  command(command: AgentCommand): Promise<void> {
    if (this.downBecause) return Promise.reject(this.downBecause);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.unanswered.set(id, { resolve, reject });
      this.post({ ...command, id });
    });
  }

  protected answered(answer: AgentAnswer): void {
    const waiting = this.unanswered.get(answer.id);
    this.unanswered.delete(answer.id);
    if (answer.failure === null) waiting?.resolve();
    else waiting?.reject(new Error(`broker ${this.options.brokerId}: ${answer.failure}`));
  }

  protected wentDown(): void {
    this.downBecause ??= new Error(this.describeEnd());
    for (const { reject } of this.unanswered.values()) reject(this.downBecause);
    this.unanswered.clear();
  }
}

/** A broker in a thread of this process: starts quickest, and can still be killed and frozen on its own. */
export class ThreadHost extends BrokerHost {
  readonly ended: Promise<void>;
  readonly pid = process.pid;
  private readonly worker: Worker;
  private crash: Error | null = null;
  private gate: Int32Array | null = null;

  constructor(options: HostOptions) {
    super(options);
    this.worker = new Worker(compiled('embedded/broker-agent.js'), { name: `broker-${options.brokerId}` });
    this.worker.on('message', (answer: AgentAnswer) => this.answered(answer));
    this.worker.on('error', (error) => (this.crash = error));
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.wentDown();
        resolve();
      });
    });
  }

  freeze(): void {
    if (this.gate) return;
    const gate = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.gate = new Int32Array(gate);
    this.post({ kind: 'freeze', gate, id: 0 });
    // Until it stands still it could answer what is asked after this.
    Atomics.wait(this.gate, 0, Gate.ASKED, FREEZE_TIMEOUT_MS);
  }

  thaw(): void {
    if (!this.gate) return;
    Atomics.store(this.gate, 0, Gate.OPEN);
    Atomics.notify(this.gate, 0);
    this.gate = null;
  }

  async kill(): Promise<void> {
    await this.worker.terminate();
    await this.ended;
  }

  protected post(command: NumberedCommand): void {
    this.worker.postMessage(command);
  }

  protected describeEnd(): string {
    const why = this.crash ? `: ${this.crash.stack ?? this.crash.message}` : '';
    return `broker ${this.options.brokerId} is not running${why}`;
  }
}

/** A broker in a process of its own, which ends when this process does. */
export class ProcessHost extends BrokerHost {
  readonly ended: Promise<void>;
  private readonly process: ManagedProcess;

  constructor(options: HostOptions) {
    super(options);
    this.process = ManagedProcess.start(
      {
        name: `broker ${options.brokerId}`,
        command: process.execPath,
        args: [...brokerNodeFlags, compiled('embedded/broker-agent.js')],
        logFile: options.outputFile,
        channel: true,
      },
      options.clock,
    );
    this.process.onReport((answer) => this.answered(answer as AgentAnswer));
    this.ended = this.process.ended.then(() => this.wentDown());
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  freeze(): void {
    this.process.pause();
  }

  thaw(): void {
    this.process.resume();
  }

  async kill(): Promise<void> {
    await this.process.kill();
    await this.ended;
  }

  protected post(command: NumberedCommand): void {
    this.process.send(command as never);
  }

  protected describeEnd(): string {
    return this.process.describeEnd();
  }
}
