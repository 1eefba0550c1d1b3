/**
 * compose/ as a user has it: one engine, one cluster, steps that build on each other as a day of use does. The order of the
 * tests matters.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  BrokerView,
  ControllerView,
  FaultsView,
  HealthAnswer,
  LessonRun,
  ZnodeHistory,
} from '../../coordinator/schemas';
import { ComposeUser } from '../support/compose-user';
import { ask, ComposeProject } from '../support/compose-project';
import { eventually, eventuallyPasses } from '../support/eventually';

jest.setTimeout(120_000);

const brokers = ['kafka', 'kafka2', 'kafka3'] as const;
const cluster = ['zookeeper', ...brokers, 'coordinator'] as const;

let project: ComposeProject;
let user: ComposeUser;
let starts: string[];
/** Told at the end: what this takes. */
const measured: Record<string, string> = {};

beforeAll(async () => {
  const startMs = performance.now();
  project = await ComposeProject.prepare();
  user = new ComposeUser(project);
  // Brokers and coordinator are one image.
  await project.build(['zookeeper', 'kafka', 'apache-kafka'], ['compose.apache-kafka.yaml']);
  measured['build'] = `${Math.round(performance.now() - startMs)} ms`;
  // So that a broker that was killed counts as dead sooner than with Kafka's 18 s, and one that does not fetch as out of sync.
  const impatient = project.override('impatient', brokers, {
    environment: { KAFKA_ZOOKEEPER_SESSION_TIMEOUT_MS: 6000, KAFKA_REPLICA_LAG_TIME_MAX_MS: 6000 },
  });
  project.use(['compose.faults.yaml', impatient]);
  await project.down('--volumes');
  const startsAndChecks = await project.watchStarts();
  measured['first up'] = `${await project.up(cluster)} ms`;
  starts = await startsAndChecks(2 * cluster.length);
}, 400_000);

afterAll(async () => {
  await project?.end();
  console.log(
    Object.entries(measured)
      .map(([what, figure]) => `${what}: ${figure}`)
      .join('\n'),
  );
}, 120_000);

describe('the containers', () => {
  it('start in the order of their readiness: nothing before ZooKeeper served', () => {
    const served = starts.indexOf('zookeeper healthy');
    expect(starts.slice(0, served + 1)).toEqual(['zookeeper start', 'zookeeper healthy']);
    const others = [...brokers, 'coordinator'].flatMap((name) => [`${name} healthy`, `${name} start`]);
    expect(starts.slice(served + 1).sort()).toEqual(others.sort());
  });

  it('take configuration keys from the environment', async () => {
    const describe = ['kafka-configs', '--describe', '--entity-type', 'brokers', '--entity-name', '1', '--all'];
    const shown = await project.exec('kafka', ...describe, '--bootstrap-server', 'localhost:9092');
    expect(shown).toContain('zookeeper.session.timeout.ms=6000 ');
    expect(shown).toContain('log.dirs=/var/lib/kafka/data ');
  });

  it('run as an ordinary user', async () => {
    for (const service of cluster) {
      // The first process: the coordinator that has the Docker socket was root before that.
      const [, userId] = /^Uid:\s+(\d+)/m.exec(await project.exec(service, 'cat', '/proc/1/status')) ?? [];
      expect({ service, userId }).toEqual({ service, userId: '1000' });
    }
  });

  it('come from an image without the tools of development, not much larger than its base', async () => {
    const modules = (await project.exec('kafka', 'ls', '/opt/kafka/node_modules')).split('\n');
    expect(modules).toContain('kafkajs');
    const ofDevelopment = ['typescript', 'jest', 'oxlint', '@swc', '@jest', 'prettier', 'playwright-core'];
    expect(modules.filter((name) => ofDevelopment.includes(name))).toEqual([]);
    expect((await project.exec('kafka', 'ls', '/opt/kafka/dist')).split('\n')).not.toContain('test');
    const addedBytes = await project.bytesAboveBase();
    measured['image above its base'] = `${Math.round(addedBytes / 1e6)} MB`;
    expect(addedBytes).toBeLessThan(80e6);
  });
});

describe('the notes of a first week', () => {
  it('work at a terminal in the container: create, list and describe a topic', async () => {
    const shown = await project.type('kafka', 'bash', [
      'kafka-topics --create --topic orders --bootstrap-server localhost:9092 --partitions 3 --replication-factor 1',
      'kafka-topics --list --bootstrap-server localhost:9092',
      'kafka-topics --describe --topic orders --bootstrap-server localhost:9092',
    ]);
    expect(shown).toContain('Created topic orders.');
    expect(shown).toMatch(/^orders\r?$/m);
    expect(shown).toMatch(/Topic: orders\s.*PartitionCount: 3\s+ReplicationFactor: 1/);
    expect(shown.match(/\tPartition: \d+\tLeader: [123]\t/g)).toHaveLength(3);
  });

  it('work in every broker’s container, also where another broker is the controller', async () => {
    for (const broker of brokers) {
      const topic = `made-in-${broker}`;
      const server = ['--bootstrap-server', 'localhost:9092'];
      await project.exec(broker, 'kafka-topics', '--create', '--topic', topic, '--replication-factor', '3', ...server);
      expect((await project.exec(broker, 'kafka-topics', '--list', ...server)).split('\n')).toContain(topic);
    }
  });

  it('work under the paths of Kafka’s image as well', async () => {
    const list = ['/opt/kafka/bin/kafka-topics.sh', '--list', '--bootstrap-server', 'kafka2:9092'];
    expect(await project.exec('kafka', ...list)).toContain('orders');
  });
});

describe('the two addresses of a broker', () => {
  it('lead from this machine to the published ports', async () => {
    const { brokers: found } = await user.describeCluster('kafka');
    const addresses = found.map(({ nodeId, host, port }) => `${nodeId} ${host}:${port}`).sort();
    expect(addresses).toEqual(brokers.map((name, at) => `${at + 1} localhost:${project.ports[name]}`));
  });

  it('carry records from this machine and back', async () => {
    await user.produce(['first', 'second', 'third']);
    expect(await user.consume('host-group', 3)).toEqual(['first', 'second', 'third']);
  });

  it('lead from another container to the names of the containers', async () => {
    const consume3 = 'kafka-console-consumer --topic orders --from-beginning --max-messages 3 --timeout-ms 20000';
    const command = `${consume3} --bootstrap-server kafka3:9092`;
    const shown = await project.runOnce(project.image, 'bash', '-c', command);
    expect(shown.trim().split('\n').sort()).toEqual(['first', 'second', 'third']);
  });

  it('leave ZooKeeper reachable from this machine', async () => {
    const shown = await project.exec('kafka', 'zookeeper-shell', 'zookeeper:2181', 'ls', '/brokers/ids');
    expect(shown).toContain('[1, 2, 3]');
    expect(await project.zooKeeperSays('srvr')).toMatch(/^Mode: standalone$/m);
  });
});

describe('the coordinator', () => {
  it('tells this machine that the cluster is well, and talks to the brokers on the network of the containers', async () => {
    const { brokers: found } = await user.see<{ brokers: BrokerView[] }>('/api/brokers');
    const seen = found.map(({ brokerId, probe: { state, address } }) => `${brokerId} ${state} ${address}`).sort();
    expect(seen).toEqual(brokers.map((name, at) => `${at + 1} answers ${name}:9092`));
    expect(await user.see<object>('/health')).toMatchObject({ status: 'healthy' });
  });

  it('knows every change in ZooKeeper from its transaction log, with the session that made it', async () => {
    const history = await user.see<ZnodeHistory>('/api/znodes/history?path=/brokers/ids&below=true&limit=50');
    const registrations = history.changes.filter(({ kind, ephemeral }) => kind === 'created' && ephemeral);
    expect(registrations.map(({ path }) => path).sort()).toEqual([1, 2, 3].map((id) => `/brokers/ids/${id}`));
    for (const change of registrations)
      expect(change).toMatchObject({ source: 'transaction-log', timeFrom: 'zookeeper' });
  });

  it('shows, with the brokers, every metric that the Grafana dashboard draws', async () => {
    const dashboard = readFileSync(join(__dirname, '..', '..', 'compose', 'grafana', 'gregor.json'), 'utf8');
    const drawn = new Set(dashboard.match(/\b(?:kafka|gregor)_\w+/g));
    expect(drawn.size).toBeGreaterThan(10);
    const addresses = JSON.stringify(brokers.map((name) => `http://${name}:9192/metrics`));
    const read = `Promise.all(${addresses}.map((each) => fetch(each).then((answer) => answer.text())))`;
    const ofBrokers = await project.exec(
      'coordinator',
      'node',
      '-e',
      `${read}.then((all) => console.log(all.join('')))`,
    );
    const ofCoordinator = await ask(project.ports.coordinator, '/metrics');
    const shown = `${ofBrokers}\n${ofCoordinator.body}`;
    expect([...drawn].filter((name) => !new RegExp(`^# TYPE ${name} `, 'm').test(shown))).toEqual([]);
  });

  it('changes nothing for somebody without the token', async () => {
    const post = { target: 'broker-2', action: 'kill' };
    const { status } = await ask(project.ports.coordinator, '/api/faults', { post });
    expect(status).toBe(401);
    expect((await project.state('kafka2')).status).toBe('running');
  });

  it('kills a broker, tells what followed, and sees it recover', async () => {
    const topic = 'made-in-kafka';
    await eventually('all replicas in sync', () => user.allInSync(topic), 20_000);
    expect(await user.makeFault('broker-2', 'kill')).toMatchObject({ status: 201 });
    await eventually('kafka2 gone', async () => (await project.state('kafka2')).status === 'exited');
    await eventually(
      'broker 2 out of the ISR',
      async () => /\tIsr: [13],[13]\t/.test((await user.partitionsOf(topic))[0] ?? ''),
      30_000,
    );
    expect(await user.stateOfTarget('broker-2')).toBe('stopped');
    await eventuallyPasses(async () => expect(await user.registeredBrokers()).toEqual([1, 3]));
    // Of the topics with one replica some are offline now, those with three lack one.
    const expected = ['BROKER_NOT_REGISTERED', 'PARTITION_OFFLINE', 'UNDER_REPLICATED'];
    await eventuallyPasses(async () => {
      const codes = (await user.see<HealthAnswer>('/api/health')).reasons.map(({ code }) => code);
      expect(codes).toEqual(expect.arrayContaining(expected));
    });
    expect((await ask(project.ports.coordinator, '/health')).status).toBe(503);
    await eventuallyPasses(async () => {
      const [kill] = (await user.see<FaultsView>('/api/faults')).faults;
      expect(kill).toMatchObject({ action: 'kill', target: 'broker-2', error: null });
      expect(kill?.consequences).not.toEqual([]);
    });

    expect(await user.makeFault('broker-2', 'start')).toMatchObject({ status: 201 });
    await project.healthy('kafka2');
    await eventually('all replicas in sync again', () => user.allInSync(topic), 30_000);
    await eventually(
      'well again',
      async () => (await user.see<HealthAnswer>('/api/health')).status === 'healthy',
      20_000,
    );
  });

  it('leads through the lesson of the dying controller to its end', async () => {
    const { id, steps } = await user.act<LessonRun>('/api/lessons/controller/runs');
    for (const step of steps) {
      const run = await user.act<LessonRun>(`/api/lessons/runs/${id}/steps`);
      const after = run.steps.find(({ title }) => title === step.title);
      expect(after).toMatchObject({ title: step.title, state: 'passed' });
    }
    await eventually(
      'well again',
      async () => (await user.see<HealthAnswer>('/api/health')).status === 'healthy',
      20_000,
    );
  });

  it('cuts a broker off ZooKeeper: its session ends, clients still reach it, and it registers again', async () => {
    const link = 'link:broker-3:zookeeper';
    expect(await user.stateOfTarget(link)).toBe('whole');
    expect(await user.makeFault(link, 'cut')).toMatchObject({ status: 201 });
    try {
      await eventually('broker 3 deregistered', async () => !(await user.registeredBrokers()).includes(3), 40_000);
      expect(await user.clusterId('kafka3:9092')).toBe(await user.clusterId());
    } finally {
      expect(await user.makeFault(link, 'heal')).toMatchObject({ status: 201 });
    }
    await eventually('broker 3 registered', async () => (await user.registeredBrokers()).includes(3), 40_000);
    await eventually('all replicas in sync', () => user.allInSync('made-in-kafka3'), 30_000);
  });

  it('cuts two brokers off each other: the follower leaves the ISR while both serve, and comes back', async () => {
    const { brokerId: controller } = await user.see<ControllerView>('/api/controller');
    // The controller keeps its links: a leader that does not reach it cannot have the ISR changed.
    const [leader, follower] = [1, 2, 3].filter((id) => id !== controller) as [number, number];
    const create = ['--create', '--topic', 'cut', '--replica-assignment', `${leader}:${follower}:${controller}`];
    await project.exec('kafka', 'kafka-topics', ...create, '--bootstrap-server', 'localhost:9092');
    const link = `link:broker-${leader}:broker-${follower}`;
    expect(await user.makeFault(link, 'cut')).toMatchObject({ status: 201 });
    try {
      expect(await user.stateOfTarget(link)).toBe('cut');
      // As long as there is nothing new, the follower has all that there is.
      await user.produce(['the follower misses this'], 'cut');
      await eventuallyPasses(async () => {
        const [row] = await user.partitionsOf('cut');
        expect(row).toContain(`\tLeader: ${leader}\t`);
        expect(row).toContain(`\tIsr: ${leader},${controller}\t`);
      });
      expect(await user.registeredBrokers()).toEqual([1, 2, 3]);
      const ids = await Promise.all(brokers.map((name) => user.clusterId(`${name}:9092`)));
      expect(new Set(ids).size).toBe(1);
    } finally {
      expect(await user.makeFault(link, 'heal')).toMatchObject({ status: 201 });
    }
    await eventually('all replicas in sync', () => user.allInSync('cut'), 60_000);
    const followed = await eventually('what followed is told', async () => {
      const { faults } = await user.see<FaultsView>('/api/faults');
      const kinds = faults.find(({ target }) => target === link)?.consequences.map(({ kind }) => kind);
      return kinds?.includes('whole') && kinds;
    });
    expect(followed).toEqual(expect.arrayContaining(['isr-shrunk', 'repair', 'isr-whole']));
  });
});

describe('what is stored', () => {
  it('outlives the restart of any container', async () => {
    const id = await user.clusterId();
    for (const service of cluster) {
      await project.container(service).restart();
      await project.healthy(service);
    }
    await eventually('all replicas in sync again', () => user.allInSync('made-in-kafka'), 30_000);
    expect(await user.clusterId()).toBe(id);
    expect(await user.consume('after-restarts', 3)).toEqual(['first', 'second', 'third']);
  });

  it('outlives down and up: same cluster id, same records', async () => {
    const id = await user.clusterId();
    await project.down();
    measured['up again'] = `${await project.up(cluster)} ms`;
    expect(await user.clusterId()).toBe(id);
    expect(await user.consume('after-down', 3)).toEqual(['first', 'second', 'third']);
    await user.produce(['fourth']);
    expect(await user.consume('after-down-2', 4)).toEqual(['first', 'fourth', 'second', 'third']);
  });

  it('is refused by another cluster, with a sentence that tells how to go on', async () => {
    await project.down();
    await project.removeVolume('zookeeper-data');
    await project.removeVolume('zookeeper-log');
    await project.up(['zookeeper']);
    await eventually('the broker gave up', async () => (await project.state('kafka')).status === 'exited', 30_000);
    expect((await project.state('kafka')).exitCode).toBe(1);
    const said = await project.logs('kafka');
    expect(said).toMatch(/doesn't match stored clusterId \S+ in \/var\/lib\/kafka\/data\/meta\.properties/);
    expect(said).toContain('docker compose down --volumes');
    // It is right: what follows begins anew after that.
    await project.down('--volumes');
  });
});

describe('one broker beside Apache Kafka', () => {
  beforeAll(async () => {
    project.use(['compose.single.yaml', 'compose.apache-kafka.yaml']);
    measured['up of one broker and Apache Kafka'] =
      `${await project.up(['zookeeper', 'kafka', 'apache-kafka', 'coordinator'])} ms`;
  }, 120_000);

  it('runs no other broker', async () => {
    await expect(project.state('kafka2')).rejects.toThrow(/[Nn]o such container/);
    expect(await project.exec('kafka', 'zookeeper-shell', 'zookeeper:2181', 'ls', '/brokers/ids')).toContain('[1]');
  });

  it('takes records and groups with one copy', async () => {
    const create = ['kafka-topics', '--create', '--topic', 'orders', '--partitions', '3', '--replication-factor', '1'];
    await project.exec('kafka', ...create, '--bootstrap-server', 'localhost:9092');
    await user.produce(['alone']);
    expect(await user.consume('single', 1)).toEqual(['alone']);
  });

  it('finds Apache Kafka in the same ZooKeeper, with the same tools, as a cluster of its own', async () => {
    const server = ['--bootstrap-server', 'apache-kafka:9092'];
    await project.exec('kafka', 'kafka-topics', '--create', '--topic', 'theirs', ...server);
    expect((await project.exec('kafka', 'kafka-topics', '--list', ...server)).trim()).toBe('theirs');
    const shell = ['zookeeper-shell', 'zookeeper:2181/apache-kafka', 'ls', '/brokers/ids'];
    expect(await project.exec('kafka', ...shell)).toContain('[4]');
    const theirs = await user.clusterId('apache-kafka:9092');
    expect(theirs).toMatch(/^Cluster ID: \S{22}$/);
    expect(theirs).not.toBe(await user.clusterId());
  });
});
