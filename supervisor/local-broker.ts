/**
 * One broker of a cluster on this machine, over all its starts: a process each time, and the ports that it is cut off from,
 * which a restarted broker finds cut again.
 * Legal transitions: stopped → starting → running ⇄ paused; stop and kill lead from everywhere to stopped.
 */
import type { Clock, TimerHandle } from '../runtime/clock';
import { CUT_PORTS_VARIABLE, type CutLinks, type CutLinksDone } from '../runtime/link-protocol';
import { brokerNodeFlags } from './broker-node-flags';
import { ManagedProcess } from './managed-process';
import type { TargetState } from '../coordinator/faults/targets';

export interface LocalBrokerOptions {
  brokerId: number;
  port: number;
  /** Compiled entry of a broker. */
  entry: string;
  /** Compiled agent through which its links are cut. */
  linkAgent: string;
  propertiesFile: string;
  logFile: string;
  clock: Clock;
  /** Told when the process ends and nobody here wanted that. */
  onUnexpectedEnd: (text: string) => void;
}

const LINK_TIMEOUT_MS = 5_000;

export class LocalBroker {
  private process: ManagedProcess | null = null;
  private paused = false;
  private serving = false;
  private readonly endedOnPurpose = new WeakSet<ManagedProcess>();
  private readonly cutPorts = new Set<number>();
  private readonly unanswered = new Map<number, () => void>();
  private nextCommandId = 1;

  constructor(private readonly options: LocalBrokerOptions) {}

  get id(): number {
    return this.options.brokerId;
  }

  get port(): number {
    return this.options.port;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  get running(): boolean {
    return this.process?.running ?? false;
  }

  get state(): TargetState {
    if (!this.running) return 'stopped';
    if (this.paused) return 'paused';
    return this.serving ? 'running' : 'starting';
  }

  /** Starts the process; that it serves is for the caller to find out and to tell by markServing(). */
  start(): void {
    if (this.running) return;
    const { brokerId, entry, linkAgent, propertiesFile, logFile, clock } = this.options;
    this.paused = false;
    this.serving = false;
    const child = ManagedProcess.start(
      {
        name: `Broker ${brokerId}`,
        command: process.execPath,
        args: [...brokerNodeFlags, '--require', linkAgent, entry, propertiesFile],
        env: { ...process.env, [CUT_PORTS_VARIABLE]: [...this.cutPorts].join(',') },
        logFile,
        channel: true,
      },
      clock,
    );
    child.onReport((value) => this.answered(value as CutLinksDone));
    void child.ended.then(() => this.ended(child));
    this.process = child;
  }

  /** Only of a process that runs still: one that was killed meanwhile does not serve. */
  markServing(): void {
    this.serving = this.running;
  }

  /** Ends it orderly; after `timeoutMs` as kill() does. */
  async stop(timeoutMs?: number): Promise<void> {
    this.expectEnd();
    await this.process?.stop(timeoutMs);
  }

  /** Ends it as `kill -9` does. */
  async kill(): Promise<void> {
    this.expectEnd();
    await this.process?.kill();
  }

  pause(): void {
    this.process?.pause();
    this.paused = true;
  }

  resume(): void {
    this.process?.resume();
    this.paused = false;
  }

  isCutOffFrom(port: number): boolean {
    return this.cutPorts.has(port);
  }

  /**
   * Cuts or heals what this broker's own connections to a port carry, both ways. Resolves when it is so; of a paused broker
   * at once, as it sends nothing until it is resumed and has read the command.
   * @throws Error when the broker does not answer
   */
  async setCut(port: number, isCut: boolean): Promise<void> {
    if (isCut) this.cutPorts.add(port);
    else this.cutPorts.delete(port);
    if (!this.running) return;
    const id = this.nextCommandId++;
    let timer: TimerHandle | undefined;
    const done = new Promise<'done'>((resolve) => this.unanswered.set(id, () => resolve('done')));
    const late = new Promise<'late'>(
      (resolve) => (timer = this.options.clock.after(LINK_TIMEOUT_MS, () => resolve('late'))),
    );
    this.process?.send({ kind: 'cut-links', id, ports: [...this.cutPorts] } satisfies CutLinks);
    const outcome = this.paused ? 'done' : await Promise.race([done, late]);
    timer?.cancel();
    this.unanswered.delete(id);
    if (outcome === 'late' && !this.paused && this.running) {
      throw new Error(`broker ${this.id} did not cut or heal its link within ${LINK_TIMEOUT_MS / 1000} s`);
    }
  }

  /** Heals what setCut() cut, as seen from this broker. */
  async healAll(): Promise<void> {
    for (const port of [...this.cutPorts]) await this.setCut(port, false);
  }

  /** What it has written since this start. */
  output(): string {
    return this.process?.output() ?? '';
  }

  describeEnd(): string {
    return this.process?.describeEnd() ?? `Broker ${this.id} was never started`;
  }

  private expectEnd(): void {
    if (this.process) this.endedOnPurpose.add(this.process);
  }

  private answered({ kind, id }: CutLinksDone): void {
    if (kind === 'cut-links-done') this.unanswered.get(id)?.();
  }

  private ended(which: ManagedProcess): void {
    for (const settle of this.unanswered.values()) settle();
    if (this.endedOnPurpose.has(which)) return;
    this.options.onUnexpectedEnd(which.describeEnd().split('.')[0] as string);
  }
}
