/** The coordinator's knowledge of a running cluster, without its HTTP service: real session, real probes, real readings. */
import { createEventHub } from '../../coordinator/event-hub';
import { createKafkaAccess } from '../../coordinator/kafka-access';
import { createObservation } from '../../coordinator/observe/observation';
import { ZnodeWatcher } from '../../coordinator/observe/znode-watcher';
import { createZooKeeperProbe } from '../../coordinator/observe/zookeeper-probe';
import type { EventHub, Ground, KafkaAccess, Observation, ZnodeTree } from '../../coordinator/parts';
import type { LiveEvent } from '../../coordinator/schemas';
import { systemClock } from '../../runtime/clock';
import { silentLogger } from '../../runtime/logger';
import { Metrics } from '../../runtime/metrics';
import { TaskGroup } from '../../runtime/task-group';
import { parseCoordinatorConfig } from '../../settings/coordinator';
import { connectInBackground } from '../../zookeeper';
import { eventually } from './eventually';

export interface ObservedCluster {
  readonly observation: Observation;
  readonly tree: ZnodeTree;
  readonly kafka: KafkaAccess;
  readonly events: EventHub;
  readonly metrics: Metrics;
  /** Events so far, in the order in which they were told. */
  readonly told: readonly LiveEvent[];
  close(): Promise<void>;
}

/**
 * Quick turns, so that a test need not wait long for what they see; long limits, since other tests keep the machine busy
 * and a broker that only has to wait for it is neither silent nor slow.
 */
const QUICK = {
  'probe.interval.ms': 100,
  'probe.timeout.ms': 2_000,
  'probe.slow.ms': 10_000,
  'offsets.interval.ms': 200,
};

/** Resolves when the tree has been read and every registered broker was probed. */
export async function observe(
  zookeeper: string,
  settings: Record<string, string | number> = {},
): Promise<ObservedCluster> {
  const properties = { ...QUICK, 'zookeeper.connect': zookeeper, ...settings };
  const config = parseCoordinatorConfig(
    new Map(Object.entries(properties).map(([key, value]) => [key, String(value)])),
  );
  const ground: Ground = {
    config,
    clock: systemClock,
    logger: silentLogger,
    metrics: new Metrics(),
    tasks: new TaskGroup('observed cluster', systemClock, silentLogger),
  };
  const { client, connected } = connectInBackground({
    connectString: zookeeper,
    sessionTimeoutMs: config['zookeeper.session.timeout.ms'],
    clock: systemClock,
    logger: silentLogger,
    name: 'observer',
  });
  const timing = { intervalMs: config['probe.interval.ms'], timeoutMs: config['probe.timeout.ms'] };
  const watcher = new ZnodeWatcher({
    ...ground,
    zookeeper: client,
    connected,
    pingIntervalMs: timing.intervalMs,
    staleAfterMs: timing.intervalMs + timing.timeoutMs,
  });
  const { tree } = watcher;
  const events = createEventHub({ clock: systemClock, logger: silentLogger });
  const told: LiveEvent[] = [];
  events.subscribe((event) => told.push(event));
  const zookeeperProbe = createZooKeeperProbe({ ...ground, ...timing, connectString: zookeeper });
  const kafka = createKafkaAccess({ ...ground, tree, listenerName: config['listener.name'], timeoutMs: 5_000 });
  const observation = createObservation(ground, { zookeeper: client, tree, zookeeperProbe, kafka, events });
  watcher.start();
  const close = async (): Promise<void> => {
    await ground.tasks.stop();
    await kafka.close();
    await client.close();
  };
  try {
    await eventually(
      'the cluster is observed',
      () => tree.ready && observation.cluster().brokers.every(({ probe }) => probe.state !== 'unknown'),
    );
    await observation.refresh();
    return { observation, tree, kafka, events, metrics: ground.metrics, told, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits until `look` gives what is expected; fails with what it gave last. */
export async function expectEventually<T>(what: string, look: () => T, expected: T, timeoutMs = 30_000): Promise<void> {
  let last: T | undefined;
  const wanted = JSON.stringify(expected);
  await eventually(what, () => JSON.stringify((last = look())) === wanted, timeoutMs).catch((error: Error) => {
    throw new Error(`${error.message}; expected ${wanted}, saw ${JSON.stringify(last)}`);
  });
}
