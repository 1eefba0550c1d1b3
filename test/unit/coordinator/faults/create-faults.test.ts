import { createFaults } from '../../../../coordinator/faults';
import type { Ground } from '../../../../coordinator/parts';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { Metrics } from '../../../../runtime/metrics';
import { TaskGroup } from '../../../../runtime/task-group';
import { parseCoordinatorConfig } from '../../../../settings/coordinator';
import { ClusterInMemory } from './support';

describe('faults as the configuration wants them', () => {
  const create = (settings: Record<string, string>, send?: () => boolean): ReturnType<typeof createFaults> => {
    const clock = new ManualClock();
    const tasks = new TaskGroup('test', clock, silentLogger);
    const config = parseCoordinatorConfig(new Map(Object.entries(settings)));
    const ground: Ground = { config, clock, tasks, logger: silentLogger, metrics: new Metrics() };
    const { tree, observation } = new ClusterInMemory(clock);
    const channel = { on: () => undefined, ...(send ? { send } : {}) };
    return createFaults(ground, { tree, observation, events: {} as never }, channel);
  };

  it.each([
    [{}, 'Faults on purpose are off.'],
    [{ 'faults.control': 'supervisor' }, 'Faults on purpose are off.'],
    [{ 'faults.enabled': 'true', 'faults.control': 'supervisor' }, 'was not started by what runs the cluster'],
  ])('are off with %j', async (settings, why) => {
    const faults = create(settings as Record<string, string>);
    const view = await faults.view();
    expect(view).toMatchObject({ enabled: false, control: 'none', targets: [], faults: [] });
    expect(view.note).toContain(why);
    expect(view.note).toContain('npm start makes them possible');
    const refused = faults.perform('broker-0', 'kill');
    await expect(refused).rejects.toMatchObject({ status: 403, code: 'FAULTS_DISABLED' });
    expect(faults.active()).toBe(0);
  });

  it('go through whoever started this process when it has a channel', async () => {
    const asked: unknown[] = [];
    const send = (...values: unknown[]): boolean => asked.push(...values) > 0;
    const faults = create({ 'faults.enabled': 'true', 'faults.control': 'supervisor' }, send);
    void faults.view();
    expect(asked).toEqual([{ kind: 'fault-targets', id: 1 }]);
  });

  it('refuse containers that cannot be read, before anything runs', () => {
    const settings = { 'faults.enabled': 'true', 'faults.control': 'docker', 'docker.containers': 'kafka' };
    expect(() => create(settings)).toThrow(/docker\.containers/);
  });
});
