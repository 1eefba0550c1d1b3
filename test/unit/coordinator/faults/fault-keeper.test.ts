import { createEventHub } from '../../../../coordinator/event-hub';
import { FaultKeeper } from '../../../../coordinator/faults/fault-keeper';
import type { Fault } from '../../../../coordinator/schemas';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { ClusterInMemory, ControlInMemory } from './support';

describe('the faults that were made', () => {
  let clock: ManualClock;
  let cluster: ClusterInMemory;
  let control: ControlInMemory;
  let keeper: FaultKeeper;
  let told: string[];
  let memory: Fault[];
  /** As the coordinator has it after a start. */
  let started: () => FaultKeeper;

  beforeEach(() => {
    clock = new ManualClock();
    cluster = new ClusterInMemory(clock);
    for (const brokerId of [0, 1, 2]) cluster.register(brokerId);
    cluster.elect(1, 4);
    cluster.partition('orders', 1, [1, 2, 0]);
    cluster.tree.markReady();
    control = new ControlInMemory();
    const events = createEventHub({ clock, logger: silentLogger });
    told = [];
    events.subscribe(({ type, subject, text }) => told.push(`${type} ${subject}: ${text}`));
    const { tree, observation } = cluster;
    memory = [];
    started = () =>
      new FaultKeeper({
        control,
        memory: { read: () => memory, write: (faults) => (memory = structuredClone([...faults])) },
        note: () => 'a note',
        events,
        tree,
        observation,
        clock,
      });
    keeper = started();
  });

  const onlyFault = async (): Promise<Fault> => {
    const { faults } = await keeper.view();
    expect(faults).toHaveLength(1);
    return faults[0] as Fault;
  };

  it('go from the kill over what followed to the end, each step told as it comes', async () => {
    const fault = await keeper.perform('broker-1', 'kill');
    expect(fault).toMatchObject({ id: 1, action: 'kill', target: 'broker-1', title: 'Kill broker 1', endedAtMs: null });
    expect(keeper.active()).toBe(1);
    clock.advance(6_000);
    cluster.unregister(1);
    await keeper.tick();
    clock.advance(100);
    cluster.elect(2, 5);
    cluster.partition('orders', 2, [2, 0]);
    await keeper.tick();
    clock.advance(4_000);
    await keeper.perform('broker-1', 'start');
    clock.advance(500);
    cluster.register(1);
    clock.advance(500);
    cluster.partition('orders', 2, [2, 0, 1]);
    await keeper.tick();
    expect(keeper.active()).toBe(0);
    const ended = await onlyFault();
    expect(ended.consequences.map(({ text }) => text)).toEqual([
      'ZooKeeper closed the session of broker 1 after 6.0 s',
      'Broker 2 became controller after 6.1 s (epoch 5)',
      'orders-0: leader 1 → 2 after 6.1 s',
      'orders-0: ISR 1,2,0 → 2,0 after 6.1 s',
      'Broker 1 was started again after 10.1 s',
      'Broker 1 registered again after 10.6 s',
      'Every ISR is whole again after 11.1 s',
      'Everything is as before after 11.1 s',
    ]);
    expect(ended.endedAtMs).toBe(clock.nowMs());
    expect(told).toEqual([
      'fault broker-1: Kill broker 1',
      'fault broker-1: ZooKeeper closed the session of broker 1 after 6.0 s',
      'fault broker-1: Broker 2 became controller after 6.1 s (epoch 5)',
      'fault broker-1: orders-0: leader 1 → 2 after 6.1 s',
      'fault broker-1: orders-0: ISR 1,2,0 → 2,0 after 6.1 s',
      'fault broker-1: Broker 1 was started again after 10.1 s',
      'fault broker-1: Broker 1 registered again after 10.6 s',
      'fault broker-1: Every ISR is whole again after 11.1 s',
      'fault broker-1: Everything is as before after 11.1 s',
    ]);
  });

  it('tell the first record that is acknowledged again, and what the probes see', async () => {
    await keeper.perform('broker-1', 'kill');
    clock.advance(500);
    cluster.silent.add(1);
    cluster.partition('orders', 2, [2, 0]);
    const atMs = clock.nowMs();
    cluster.records.push({
      topic: 'orders',
      partition: 0,
      offset: 7,
      leader: 2,
      appendedMs: atMs + 100,
      committedMs: atMs + 120,
      replicatedMs: {},
      fetchedMs: null,
    });
    cluster.update();
    const { consequences } = await onlyFault();
    expect(consequences.map(({ text }) => text)).toEqual([
      'orders-0: leader 1 → 2 after 0.5 s',
      'orders-0: ISR 1,2,0 → 2,0 after 0.5 s',
      'Broker 1 no longer answers (silent) after 0.5 s',
      'orders-0 acknowledges acks=all again after 0.6 s',
    ]);
  });

  it('see what happens while an action still lasts', async () => {
    control.during = () => cluster.unregister(1);
    await keeper.perform('broker-1', 'restart');
    const { consequences } = await onlyFault();
    expect(consequences.map(({ kind }) => kind)).toEqual(['session-closed']);
  });

  it('are known after a restart of the coordinator, and last until what was broken is seen as it was', async () => {
    await keeper.perform('broker-1', 'pause');
    clock.advance(6_000);
    cluster.unregister(1);
    await keeper.tick();
    keeper = started();
    expect(keeper.active()).toBe(1);
    await keeper.tick();
    const lasting = await onlyFault();
    expect(lasting).toMatchObject({ id: 1, title: 'Pause broker 1', endedAtMs: null });
    expect(lasting.consequences.map(({ kind }) => kind)).toEqual(['session-closed']);
    clock.advance(10_000);
    control.states.set('broker-1', 'running');
    await keeper.tick();
    expect(keeper.active()).toBe(0);
    const ended = await onlyFault();
    expect(ended.endedAtMs).toBe(clock.nowMs());
    expect(ended.consequences.at(-1)).toMatchObject({ kind: 'unwatched', afterMs: 16_000 });
    expect(told.at(-1)).toMatch(/^fault broker-1: Pause broker 1: Seen as it was again/);
    expect(memory).toEqual([ended]);
    expect(await started().perform('broker-0', 'kill')).toMatchObject({ id: 2 });
  });

  it('do not end on old knowledge', async () => {
    await keeper.perform('broker-1', 'pause');
    cluster.stale = true;
    await keeper.perform('broker-1', 'resume');
    await keeper.tick();
    expect(keeper.active()).toBe(1);
    cluster.stale = false;
    await keeper.tick();
    expect(keeper.active()).toBe(0);
  });

  it('are repaired by hand where no fault is known, as after a restart of the coordinator', async () => {
    control.states.set('link:broker-0:broker-1', 'cut');
    const fault = await keeper.perform('link:broker-0:broker-1', 'heal');
    expect(fault).toMatchObject({ action: 'heal', title: 'Heal the link between broker 0 and broker 1' });
    expect(keeper.active()).toBe(0);
  });

  it('are made one at a time on a target, and of others meanwhile', async () => {
    let open: () => void = () => undefined;
    control.gate = new Promise((resolve) => (open = resolve));
    const first = keeper.perform('broker-1', 'restart');
    await expect(keeper.perform('broker-1', 'kill')).rejects.toMatchObject({
      status: 409,
      code: 'ACTION_NOT_POSSIBLE',
    });
    const other = keeper.perform('broker-0', 'pause');
    open();
    await Promise.all([first, other]);
    expect(control.performed.toSorted()).toEqual(['pause broker-0', 'restart broker-1']);
  });

  it.each([
    ['broker-9', 'kill', 404, 'UNKNOWN_TARGET', 'There is nothing called broker-9'],
    ['<script>', 'kill', 404, 'UNKNOWN_TARGET', 'There is nothing called'],
    [
      'broker-1',
      'start',
      409,
      'ACTION_NOT_POSSIBLE',
      'Broker 1 is running; what can be done now: kill, stop, pause, restart.',
    ],
    [
      'link:broker-0:broker-1',
      'kill',
      409,
      'ACTION_NOT_POSSIBLE',
      'Broker 0 – broker 1 is whole; what can be done now: cut.',
    ],
  ] as const)('refuse %s %s', async (target, action, status, code, text) => {
    const refused = keeper.perform(target, action);
    await expect(refused).rejects.toMatchObject({ status, code });
    await expect(refused).rejects.toThrow(text);
    expect(control.performed).toEqual([]);
    expect((await keeper.view()).faults).toEqual([]);
  });

  it('keep one that could not be made, with the reason', async () => {
    control.perform = () => Promise.reject(new Error('permission denied'));
    await expect(keeper.perform('broker-1', 'kill')).rejects.toMatchObject({ status: 502, code: 'ACTION_FAILED' });
    expect(await onlyFault()).toMatchObject({ error: 'permission denied', endedAtMs: clock.nowMs() });
    expect(keeper.active()).toBe(0);
    expect(told.at(-1)).toBe('fault broker-1: Kill broker 1 failed: permission denied');
  });

  it('are still told when whatever makes them does not answer', async () => {
    await keeper.perform('broker-1', 'kill');
    control.failure = 'no answer';
    expect(await keeper.view()).toMatchObject({
      enabled: true,
      note: 'Faults cannot be made just now: no answer',
      targets: [],
      faults: [{ id: 1 }],
    });
    await expect(keeper.perform('broker-1', 'start')).rejects.toMatchObject({
      status: 503,
      code: 'FAULTS_UNAVAILABLE',
    });
  });

  it('are a hundred at most', async () => {
    for (let round = 0; round < 60; round++) {
      await keeper.perform('broker-1', 'pause');
      await keeper.perform('broker-1', 'resume');
      await keeper.perform('broker-0', 'pause');
      await keeper.perform('broker-0', 'resume');
    }
    const { faults } = await keeper.view();
    expect(faults.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, at) => 120 - at));
  });
});
