/** The flight recorder with the session and the watches that it needs, as the coordinator runs it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventHub } from '../../../coordinator/event-hub';
import { createOwnerOf } from '../../../coordinator/observe/session-owners';
import { ZnodeWatcher } from '../../../coordinator/observe/znode-watcher';
import type { EventHub, FlightRecorder, Ground, ZnodeTree } from '../../../coordinator/parts';
import { createRecorder } from '../../../coordinator/recorder';
import type { LiveEvent, ZnodeChange } from '../../../coordinator/schemas';
import { systemClock } from '../../../runtime/clock';
import { silentLogger } from '../../../runtime/logger';
import { Metrics } from '../../../runtime/metrics';
import { TaskGroup } from '../../../runtime/task-group';
import { parseCoordinatorConfig } from '../../../settings/coordinator';
import { connectInBackground, type ZooKeeperClient } from '../../../zookeeper';

export interface RunningRecorder {
  readonly ground: Ground;
  readonly recorder: FlightRecorder;
  readonly tree: ZnodeTree;
  readonly zookeeper: ZooKeeperClient;
  readonly events: EventHub;
  /** Changes and events that were told live. */
  readonly seen: readonly ZnodeChange[];
  readonly told: readonly LiveEvent[];
  readonly dataDir: string;
  /** All that is kept. */
  all(): Promise<ZnodeChange[]>;
  /** Stops it; its folder goes too unless `keep`. */
  close(options?: { keep?: boolean }): Promise<void>;
}

export function runRecorder(connectString: string, settings: Record<string, string> = {}): RunningRecorder {
  const dataDir = settings['data.dir'] ?? mkdtempSync(join(tmpdir(), 'gregor-recorder-'));
  mkdirSync(dataDir, { recursive: true });
  const properties = { 'zookeeper.connect': connectString, ...settings, 'data.dir': dataDir };
  const config = parseCoordinatorConfig(new Map(Object.entries(properties)));
  const [clock, logger] = [systemClock, silentLogger];
  const tasks = new TaskGroup('recorder under test', clock, logger);
  const ground: Ground = { config, clock, logger, metrics: new Metrics(), tasks };
  const { client: zookeeper, connected } = connectInBackground({
    connectString,
    sessionTimeoutMs: 5_000,
    clock,
    logger,
    name: 'recorder under test',
  });
  const pace = { pingIntervalMs: 200, staleAfterMs: 5_000 };
  const watcher = new ZnodeWatcher({ zookeeper, connected, clock, logger, tasks, ...pace });
  const { tree } = watcher;
  const events = createEventHub({ clock, logger });
  const told: LiveEvent[] = [];
  events.subscribe((event) => told.push(event));
  const recorder = createRecorder(ground, { tree, events, ownerOf: createOwnerOf(tree, zookeeper.session) });
  const seen: ZnodeChange[] = [];
  recorder.onChange((change) => seen.push(change));
  watcher.start();
  return {
    ground,
    recorder,
    tree,
    zookeeper,
    events,
    seen,
    told,
    dataDir,
    async all() {
      const changes: ZnodeChange[] = [];
      for (;;) {
        const page = await recorder.history({ after: changes.at(-1)?.sequence ?? 0, limit: 1_000 });
        changes.push(...page.changes);
        if (page.changes.length < 1_000) return changes;
      }
    },
    async close({ keep = false } = {}) {
      await tasks.stop();
      await zookeeper.close();
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
