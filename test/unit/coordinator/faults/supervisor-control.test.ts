import { SupervisorControl, type Channel } from '../../../../coordinator/faults/supervisor-control';
import type { FaultQuestion } from '../../../../coordinator/faults/supervisor-protocol';
import { describeTarget } from '../../../../coordinator/faults/targets';
import type { FaultAction, FaultTarget } from '../../../../coordinator/schemas';
import { ManualClock } from '../../../../runtime/manual-clock';
import { answerFaultQuestion } from '../../../../supervisor/fault-server';

/** Both ends of the channel in one process; what goes over it is serialized as Node does. */
class ChannelInMemory implements Channel {
  readonly asked: FaultQuestion[] = [];
  answer: (question: FaultQuestion) => Promise<unknown> = () => Promise.resolve(null);
  private listener: (value: unknown) => void = () => undefined;

  send = (question: FaultQuestion): boolean => {
    this.asked.push(question);
    void this.answer(question).then((reply) => {
      if (reply !== null) this.receive(reply);
    });
    return true;
  };

  on(_event: 'message', listener: (value: unknown) => void): void {
    this.listener = listener;
  }

  receive(value: unknown): void {
    this.listener(JSON.parse(JSON.stringify(value)));
  }
}

describe('faults through the process that runs the cluster', () => {
  const targets: FaultTarget[] = [describeTarget({ kind: 'process', process: 0 }, 'running')];
  let clock: ManualClock;
  let channel: ChannelInMemory;
  let control: SupervisorControl;
  let performed: string[];

  beforeEach(() => {
    clock = new ManualClock();
    channel = new ChannelInMemory();
    control = new SupervisorControl(channel, clock);
    performed = [];
    const faults = {
      targets: () => targets,
      perform: (target: string, action: FaultAction) => {
        performed.push(`${action} ${target}`);
        return target === 'broker-9' ? Promise.reject(new Error('there is no broker-9')) : Promise.resolve();
      },
    };
    channel.answer = (question) => answerFaultQuestion(question, faults);
  });

  it('asks what there is, and has it done', async () => {
    expect(await control.targets()).toEqual(targets);
    await control.perform('broker-0', 'kill');
    expect(performed).toEqual(['kill broker-0']);
  });

  it('fails with what the other side says', async () => {
    await expect(control.perform('broker-9', 'kill')).rejects.toThrow('there is no broker-9');
  });

  it('matches answers that come in another order, and takes no notice of anything else', async () => {
    channel.answer = () => Promise.resolve(null);
    const [first, second] = [control.perform('broker-0', 'stop'), control.targets()];
    const reply = (id: number, failure: string | null): object => ({ kind: 'fault-reply', id, failure, targets });
    for (const noise of [null, 'text', { kind: 'cut-links-done', id: 1 }, reply(99, null)]) channel.receive(noise);
    channel.receive(reply(2, null));
    expect(await second).toEqual(targets);
    channel.receive(reply(1, 'it did not stop'));
    await expect(first).rejects.toThrow('it did not stop');
  });

  it('does not wait for ever', async () => {
    channel.answer = () => Promise.resolve(null);
    const outcome = Promise.allSettled([control.targets(), control.perform('broker-0', 'stop')]);
    clock.advance(75_000);
    expect((await outcome).map((each) => String((each as PromiseRejectedResult).reason))).toEqual([
      'Error: the process that runs the cluster did not answer within 5 s',
      'Error: the process that runs the cluster did not answer within 75 s',
    ]);
  });

  it('says so when the channel is closed', async () => {
    channel.send = () => {
      throw new Error('channel closed');
    };
    await expect(control.targets()).rejects.toThrow('cannot be asked: channel closed');
  });

  it('is answered nothing for what is no question', async () => {
    const faults = { targets: () => targets, perform: () => Promise.resolve() };
    for (const value of [null, 7, {}, { kind: 'other', id: 1 }, { kind: 'fault-targets' }]) {
      expect(await answerFaultQuestion(value, faults)).toBeNull();
    }
  });
});
