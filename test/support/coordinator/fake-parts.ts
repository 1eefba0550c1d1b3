/**
 * Parts of a coordinator without a cluster, for tests of the HTTP interface alone: what concerns events, metrics, time and
 * configuration is the real thing, what would need ZooKeeper or brokers is absent and fails when it is asked.
 */
import { parseCoordinatorConfig } from '../../../settings/coordinator';
import { createEventHub } from '../../../coordinator/event-hub';
import { createApp, listen, type HttpServer } from '../../../coordinator/http';
import type { CoordinatorParts, EventHub } from '../../../coordinator/parts';
import type { ClusterView } from '../../../coordinator/schemas';
import { systemClock, type Clock } from '../../../runtime/clock';
import { silentLogger, type Logger } from '../../../runtime/logger';
import { Metrics } from '../../../runtime/metrics';
import { TaskGroup } from '../../../runtime/task-group';

export const TEST_TOKEN = 'token-of-the-test';

export interface FakeCoordinator {
  readonly url: string;
  readonly server: HttpServer;
  readonly events: EventHub;
  readonly parts: CoordinatorParts;
  close(): Promise<void>;
}

export interface FakeOptions {
  settings?: Readonly<Record<string, string | number | boolean>>;
  clock?: Clock;
  logger?: Logger;
  /** Capacity of the event hub. */
  keptEvents?: number;
  parts?: Partial<CoordinatorParts>;
}

/** A view of a cluster of which nothing is known. */
export function unknownCluster(verdict: ClusterView['verdict']['verdict'] = 'unknown'): ClusterView {
  const nothing = { verdict, reasons: [] };
  return {
    clusterId: null,
    freshness: { asOfMs: null, ageMs: null, stale: true, why: 'nothing has been read' },
    nowMs: 0,
    verdict: nothing,
    controller: {
      brokerId: null,
      controllerEpoch: null,
      controllerEpochZkVersion: null,
      sinceMs: null,
      czxid: null,
      sessionId: null,
      verdict: nothing,
    },
    brokers: [],
    zookeeper: {
      connectString: 'nowhere:2181',
      session: { state: 'connecting', sessionId: null, timeoutMs: 18_000, sinceMs: null },
      servers: [],
      knownZnodes: 0,
      verdict: nothing,
    },
    counts: {
      brokers: 0,
      topics: 0,
      internalTopics: 0,
      partitions: 0,
      offline: 0,
      underReplicated: 0,
      underMinIsr: 0,
      atMinIsr: 0,
      leaderNotPreferred: 0,
      groups: null,
      totalLag: null,
    },
    faultsActive: 0,
  };
}

export async function startFakeCoordinator(options: FakeOptions = {}): Promise<FakeCoordinator> {
  const { clock = systemClock, logger = silentLogger } = options;
  const settings = { 'http.port': 0, ...options.settings };
  const config = parseCoordinatorConfig(new Map(Object.entries(settings).map(([key, value]) => [key, String(value)])));
  const events = createEventHub({ clock, logger, capacity: options.keptEvents });
  const parts = {
    config,
    clock,
    logger,
    metrics: new Metrics(),
    tasks: new TaskGroup('test', clock, logger),
    events,
    tree: { ready: false, size: 0, get: () => undefined, freshness: () => unknownCluster().freshness },
    observation: {
      cluster: () => unknownCluster(),
      topics: () => ({ freshness: unknownCluster().freshness, topics: [] }),
      topic: () => null,
      group: () => null,
      groups: () => ({ freshness: unknownCluster().freshness, groups: [] }),
    },
    token: TEST_TOKEN,
    ...options.parts,
  } as unknown as CoordinatorParts;
  const server = await listen(createApp(parts), config);
  return { url: server.url, server, events, parts, close: () => server.close() };
}
