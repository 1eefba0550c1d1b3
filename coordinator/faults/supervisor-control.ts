/**
 * Faults through the process that runs the cluster (`npm start`): questions and answers over the channel that Node opens to
 * a child. Owns the questions that are open.
 */
import type { Clock, TimerHandle } from '../../runtime/clock';
import type { FaultControl } from '../parts';
import type { FaultAction, FaultTarget } from '../schemas';
import type { FaultQuestion, FaultReply } from './supervisor-protocol';

/** This process's end of the channel; `process` has it when it was started with one. */
export interface Channel {
  send?: (question: FaultQuestion) => boolean;
  on(event: 'message', listener: (value: unknown) => void): unknown;
}

interface Waiting {
  settle(reply: FaultReply): void;
}

const QUESTION_TIMEOUT_MS = 5_000;
/** A broker that is stopped orderly gets half a minute, and ZooKeeper as much for its start. */
const ACTION_TIMEOUT_MS = 75_000;

export class SupervisorControl implements FaultControl {
  readonly kind = 'supervisor';
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;

  constructor(
    private readonly channel: Channel,
    private readonly clock: Clock,
  ) {
    channel.on('message', (value) => this.receive(value));
  }

  async targets(): Promise<FaultTarget[]> {
    const { targets } = await this.ask({ kind: 'fault-targets', id: this.nextId++ }, QUESTION_TIMEOUT_MS);
    return targets;
  }

  async perform(target: string, action: FaultAction): Promise<void> {
    await this.ask({ kind: 'fault-perform', id: this.nextId++, target, action }, ACTION_TIMEOUT_MS);
  }

  /** @throws Error with what the other side says, or when it says nothing in time */
  private ask(question: FaultQuestion, timeoutMs: number): Promise<FaultReply> {
    return new Promise((resolve, reject) => {
      let timer: TimerHandle | undefined;
      const settle = (outcome: FaultReply | Error): void => {
        timer?.cancel();
        this.waiting.delete(question.id);
        if (outcome instanceof Error) reject(outcome);
        else if (outcome.failure !== null) reject(new Error(outcome.failure));
        else resolve(outcome);
      };
      this.waiting.set(question.id, { settle });
      timer = this.clock.after(timeoutMs, () => {
        settle(new Error(`the process that runs the cluster did not answer within ${timeoutMs / 1000} s`));
      });
      try {
        if (!this.channel.send) throw new Error('this process has no channel');
        this.channel.send(question);
      } catch (error) {
        settle(new Error(`the process that runs the cluster cannot be asked: ${(error as Error).message}`));
      }
    });
  }

  private receive(value: unknown): void {
    const reply = value as FaultReply | null;
    if (typeof reply !== 'object' || reply === null || reply.kind !== 'fault-reply') return;
    this.waiting.get(reply.id)?.settle(reply);
  }
}
