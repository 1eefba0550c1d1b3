/** What the coordinator tells Prometheus, and that the Grafana dashboard asks for nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declareMetrics } from '../../../../coordinator/metrics/coordinator-metrics';
import { GroupStore } from '../../../../coordinator/observe/group-store';
import { OffsetStore } from '../../../../coordinator/observe/offset-store';
import { pictureOf } from '../../../../coordinator/observe/picture';
import type { Ground } from '../../../../coordinator/parts';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { Metrics } from '../../../../runtime/metrics';
import { TaskGroup } from '../../../../runtime/task-group';
import { parseCoordinatorConfig } from '../../../../settings/coordinator';
import { expectedOf } from '../observe/expected';
import { GivenCluster, listed, NOW_MS } from '../observe/known-cluster';

interface Given {
  groups?: number;
  partitions?: number;
}

async function rendered({ groups = 1, partitions = 2 }: Given = {}): Promise<string> {
  const clock = new ManualClock(NOW_MS);
  const metrics = new Metrics();
  const ground: Ground = {
    config: parseCoordinatorConfig(new Map()),
    clock,
    logger: silentLogger,
    metrics,
    tasks: new TaskGroup('test', clock, silentLogger),
  };
  const numbers = Array.from({ length: partitions }, (_, i) => i);
  const cluster = new GivenCluster().register(0, 1).controller(1);
  cluster.topic(
    'orders',
    numbers.map(() => ({ replicas: [0, 1] })),
  );
  cluster.leave(0);
  const offsets = new OffsetStore();
  offsets.take('latest', listed({ orders: Object.fromEntries(numbers.map((i) => [i, 10])) }), NOW_MS);
  const store = new GroupStore();
  const readings = Array.from({ length: groups }, (_, i) => ({
    groupId: `group "${i}"`,
    state: 'Empty' as const,
    protocolType: 'consumer',
    protocol: '',
    members: [],
    committed: new Map([['orders', new Map(numbers.map((partition) => [partition, 4]))]]),
  }));
  store.take(1, readings, NOW_MS, (topic, partition) => offsets.highWatermark(topic, partition));
  const knowledge = cluster.knowledge({ offsets, groups: store.all });
  const picture = pictureOf(knowledge, expectedOf(knowledge));
  declareMetrics(ground, () => picture);
  return metrics.render();
}

it('tells of the cluster under Kafka’s names, of each broker, and of each group’s lag', async () => {
  const lines = (await rendered()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'kafka_controller_kafkacontroller_activecontrollercount 1',
      'kafka_controller_kafkacontroller_activebrokercount 1',
      'kafka_controller_kafkacontroller_offlinepartitionscount 2',
      'kafka_server_replicamanager_leadercount{broker="0"} 2',
      'gregor_coordinator_broker_registered{broker="1"} 1',
      'kafka_topic_partition_current_offset{topic="orders",partition="1"} 10',
      'kafka_consumergroup_lag{group="group \\"0\\"",topic="orders",partition="1"} 6',
      'kafka_consumergroup_lag_sum{group="group \\"0\\""} 12',
      'gregor_coordinator_verdict{verdict="unhealthy"} 1',
      'gregor_coordinator_verdict{verdict="healthy"} 0',
    ]),
  );
});

it('tells of no more than some thousand partitions of groups singly, and how many it left out', async () => {
  const text = await rendered({ groups: 30, partitions: 100 });
  expect(text.match(/^kafka_consumergroup_lag\{/gm)).toHaveLength(2_000);
  expect(text).toContain('gregor_coordinator_lag_series_left_out 1000');
  expect(text.match(/^kafka_consumergroup_lag_sum\{/gm)).toHaveLength(30);
});

it('tells all that the Grafana dashboard asks it for', async () => {
  const file = join(__dirname, '..', '..', '..', '..', 'compose', 'grafana', 'gregor.json');
  const dashboard = JSON.parse(readFileSync(file, 'utf8')) as { panels: { targets: { expr: string }[] }[] };
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const ofCoordinator = expressions.filter((expr) => !expr.includes('job="brokers"'));
  const asked = ofCoordinator.flatMap((expr) => expr.match(/(kafka|gregor)_\w+/g) ?? []);
  const told = new Set(Array.from((await rendered()).matchAll(/^# TYPE (\S+)/gm), ([, name]) => name));
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((name) => !told.has(name))).toEqual([]);
});
