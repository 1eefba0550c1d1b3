/**
 * Builds the coordinator's parts in the order in which they use each other. None of them waits for ZooKeeper or a broker.
 * What has to be stopped is named in the order in which it was started.
 */
import type { CoordinatorConfig } from '../settings/coordinator';
import { connectInBackground } from '../zookeeper';
import { createEventHub } from './event-hub';
import { logEvents } from './event-log';
import { createFaults } from './faults';
import { createKafkaAccess, type KafkaAccessOptions } from './kafka-access';
import { createLessons } from './lessons';
import { createObservation } from './observe/observation';
import { tellSessionEvents } from './observe/session-events';
import { createOwnerOf } from './observe/session-owners';
import { ZnodeWatcher, type ZnodeWatcherOptions } from './observe/znode-watcher';
import { createZooKeeperProbe } from './observe/zookeeper-probe';
import type { CoordinatorParts, Faults, Ground, Observation } from './parts';
import { createRecorder } from './recorder';
import { createTimeline } from './timeline';

export type OnStop = (name: string, stop: () => void | Promise<void>) => void;

const ZOOKEEPER_MAX_IN_FLIGHT = 128;
const TASKS_STOP_MS = 3_000;

/** States of a probe after which a broker is not asked first. */
const NOT_ANSWERING: readonly string[] = ['silent', 'refused', 'unreachable'];

/** @throws ConfigException for values that only a part can check; what was started by then is known to `onStop` */
export function buildParts(ground: Ground, token: string, onStop: OnStop): CoordinatorParts {
  const { config, clock, logger, tasks } = ground;
  const { client: zookeeper, connected } = connectInBackground({
    connectString: config['zookeeper.connect'],
    sessionTimeoutMs: config['zookeeper.session.timeout.ms'],
    clock,
    logger,
    name: 'Coordinator',
    maxInFlight: ZOOKEEPER_MAX_IN_FLIGHT,
  });
  onStop('the ZooKeeper session', () => zookeeper.close());
  onStop('background tasks', () => tasks.stop(TASKS_STOP_MS));
  const events = createEventHub({ clock, logger: logger.for('gregor.coordinator.EventHub', '[Coordinator] ') });
  logEvents(events, logger.for('gregor.coordinator.Events', '[Coordinator] '));
  const watcher = new ZnodeWatcher({ zookeeper, connected, ...watching(ground) });
  const { tree } = watcher;
  tellSessionEvents(zookeeper.session, events);
  const ownerOf = createOwnerOf(tree, zookeeper.session);
  const connectString = config['zookeeper.connect'];
  const zookeeperProbe = createZooKeeperProbe({ ...ground, ...probing(config), connectString });
  // These two know of each other: who is asked first depends on who answers, and the picture tells of faults.
  const later: { observation: Observation | null; faults: Faults | null } = { observation: null, faults: null };
  const isSilent = (brokerId: number): boolean => {
    const broker = later.observation?.cluster().brokers.find((view) => view.brokerId === brokerId);
    return broker !== undefined && NOT_ANSWERING.includes(broker.probe.state);
  };
  const kafka = createKafkaAccess({ tree, isSilent, ...reaching(ground) });
  onStop('clients of the brokers', () => kafka.close());
  const recorder = createRecorder(ground, { tree, events, ownerOf });
  const faultsActive = (): number => later.faults?.active() ?? 0;
  const seen = { zookeeper, tree, zookeeperProbe, kafka, events };
  const observation = (later.observation = createObservation(ground, { ...seen, faultsActive }));
  const faults = (later.faults = createFaults(ground, { events, tree, observation }));
  const timeline = createTimeline(ground, { recorder, faults, tree, events });
  const lessons = createLessons(ground, { kafka, tree, observation, recorder, faults, events });
  onStop('lessons', () => lessons.close());
  // Last, so that no part misses a change.
  watcher.start();
  return { ...ground, ...seen, ownerOf, observation, recorder, timeline, faults, lessons, token };
}

function probing(config: CoordinatorConfig): { intervalMs: number; timeoutMs: number } {
  return { intervalMs: config['probe.interval.ms'], timeoutMs: config['probe.timeout.ms'] };
}

function watching({ config, clock, logger, tasks }: Ground): Omit<ZnodeWatcherOptions, 'zookeeper' | 'connected'> {
  const { intervalMs, timeoutMs } = probing(config);
  return {
    clock,
    tasks,
    logger: logger.for('gregor.coordinator.ZnodeWatcher', '[Coordinator] '),
    pingIntervalMs: intervalMs,
    staleAfterMs: intervalMs + timeoutMs,
  };
}

function reaching({ config, clock, logger }: Ground): Omit<KafkaAccessOptions, 'tree' | 'isSilent'> {
  return { listenerName: config['listener.name'], timeoutMs: probing(config).timeoutMs, clock, logger };
}
