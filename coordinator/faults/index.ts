/** Faults on purpose, as the configuration wants them: off, through the supervisor, or through Docker. */
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock';
import type { CoordinatorConfig } from '../../settings/coordinator';
import type { CoordinatorParts, FaultControl, Faults, Ground } from '../parts';
import { DockerControl } from './docker-control';
import { faultFile } from './fault-file';
import { FaultKeeper } from './fault-keeper';
import { NoFaults } from './no-faults';
import { SupervisorControl, type Channel } from './supervisor-control';

const TICK_MS = 1_000;
const HOW =
  'npm start makes them possible; elsewhere faults.enabled and faults.control of the coordinator do (docs/coordinator.md).';

/**
 * @param channel this process's end of the channel to whoever started it
 * @throws ConfigException when docker.containers cannot be read
 */
export function createFaults(
  ground: Ground,
  parts: Pick<CoordinatorParts, 'events' | 'tree' | 'observation'>,
  channel: Channel = process,
): Faults {
  const { config, clock, tasks, logger } = ground;
  const wanted = config['faults.enabled'] ? config['faults.control'] : 'none';
  if (wanted === 'none') return new NoFaults(`Faults on purpose are off. ${HOW}`);
  if (wanted === 'supervisor' && !channel.send) {
    return new NoFaults(`This coordinator was not started by what runs the cluster. ${HOW}`);
  }
  const { control, note } = wanted === 'docker' ? throughDocker(config) : throughSupervisor(channel, clock);
  const memory = faultFile(
    join(config['data.dir'], 'faults.json'),
    logger.for('gregor.coordinator.Faults', '[Faults] '),
  );
  const keeper = new FaultKeeper({ ...parts, control, memory, note, clock });
  tasks.every('faults', TICK_MS, () => keeper.tick());
  return keeper;
}

interface Means {
  control: FaultControl;
  /** Told beside what can be done. */
  note: () => string;
}

function throughDocker(config: CoordinatorConfig): Means {
  const control = new DockerControl({ socketPath: config['docker.socket'], containers: config['docker.containers'] });
  return { control, note: () => control.note };
}

function throughSupervisor(channel: Channel, clock: Clock): Means {
  const note = 'Faults hit the real processes and connections of the cluster that npm start runs.';
  return { control: new SupervisorControl(channel, clock), note: () => note };
}
