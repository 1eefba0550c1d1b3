/**
 * What `npm start` does once everything is built: a cluster on the usual ports with its coordinator, the tour, then a cluster
 * to play with until Ctrl-C. `--once` ends after the tour; `--port-offset N` adds N to every port, for a machine where the
 * usual ones are taken. Exit code 0 after an orderly end, 1 when something went wrong.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../runtime/clock';
import { ClusterFaults } from './cluster-faults';
import { LocalCluster } from './local-cluster';
import { LocalCoordinator } from './local-coordinator';
import { listProcesses } from './process-list';
import { Screen } from './screen';
import { highestOffset, portsAt, whyPortsAreBusy, type Ports } from './start-ports';
import { showFailOver } from './tour/fail-over';
import { readOrderEvents } from './tour/order-events';
import { playTour, TOUR_GROUP, TOUR_TOPIC } from './tour/tour';
import { requireZooKeeper } from './zookeeper-prerequisites';

const USAGE = 'npm start -- [--once] [--port-offset N]';

/** A reason to end that is told in one line. */
class Refused extends Error {}

interface Run {
  root: string;
  directory: string;
  pidFile: string;
  once: boolean;
  ports: Ports;
  screen: Screen;
}

/** What runs, as far as it has been started. */
interface Running {
  cluster: LocalCluster;
  coordinator: LocalCoordinator | null;
  /** Address of the dashboard, once it is ready. */
  dashboard: string | null;
}

/** @param root of the repository, which holds dist/ and examples/ */
export async function start(root: string, args: readonly string[]): Promise<void> {
  const screen = new Screen(process.stdout, systemClock);
  try {
    const { once, offset } = parse(args);
    const ports = portsAt(offset);
    const name = offset === 0 ? 'cluster' : `cluster-${offset}`;
    const directory = join(root, '.gregor', name);
    const pidFile = join(root, '.gregor', `${name}.pid`);
    await refuseSecondRun(pidFile);
    const busy = await whyPortsAreBusy(ports);
    if (busy !== null) throw new Refused(busy);
    // Before anything runs that would have to be stopped again, should something be missing.
    await requireZooKeeper({ say: (line) => screen.step(line) });
    await run({ root, directory, pidFile, once, ports, screen });
  } catch (error) {
    process.exitCode = 1;
    screen.line((error as Error).message);
  }
}

function parse(args: readonly string[]): { once: boolean; offset: number } {
  let options: { once?: boolean | undefined; 'port-offset'?: string | undefined };
  try {
    const known = { once: { type: 'boolean' }, 'port-offset': { type: 'string' } } as const;
    options = parseArgs({ args: [...args], options: known }).values;
  } catch (error) {
    throw new Refused(`${(error as Error).message.split('.')[0]}; there is: ${USAGE}`);
  }
  const offset = Number(options['port-offset'] ?? 0);
  if (!Number.isInteger(offset) || offset < 0 || offset > highestOffset) {
    throw new Refused(`--port-offset is a number from 0 to ${highestOffset}; there is: ${USAGE}`);
  }
  return { once: options.once ?? false, offset };
}

async function refuseSecondRun(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  // After kill -9 or a restart of the machine the number may belong to another program, or to this very process.
  const other = (await listProcesses()).find((listed) => listed.pid === pid && pid !== process.pid);
  if (!other || !/\bstart\.mjs\b/.test(other.commandLine)) return;
  throw new Refused(`npm start is already running here as process ${pid}; end it with Ctrl-C in its terminal first.`);
}

async function run(options: Run): Promise<void> {
  const { root, directory, pidFile, once, ports, screen } = options;
  mkdirSync(dirname(pidFile), { recursive: true });
  writeFileSync(pidFile, String(process.pid));
  const cluster = new LocalCluster({
    directory,
    zookeeperPort: ports.zookeeper,
    brokerPorts: ports.brokers,
    httpPorts: ports.http,
    compiled: join(root, 'dist'),
    screen,
    clock: systemClock,
  });
  const running: Running = { cluster, coordinator: null, dashboard: null };
  const interruption = onInterrupt(running);
  try {
    const shown = await Promise.race([showCluster(running, options), interruption]);
    if (shown === 'interrupted') process.exitCode = once ? 1 : 0;
    else if (!once) {
      screen.line(whatToTryNext(ports, relative(process.cwd(), directory) || '.', running.dashboard));
      cluster.onUnexpectedEnd((text) => screen.step(`${text}; the others go on`));
      await interruption;
    }
  } finally {
    screen.line();
    screen.step('Stopping the coordinator, the brokers, then ZooKeeper …');
    // First who watches: it would take what follows for a failure.
    await running.coordinator?.stop();
    await cluster.stop();
    rmSync(pidFile, { force: true });
    screen.step('Everything is stopped.');
  }
}

async function showCluster(running: Running, { root, directory, ports, screen }: Run): Promise<'shown'> {
  const { cluster } = running;
  await cluster.startZooKeeper();
  await cluster.startBrokers();
  running.coordinator = startCoordinator(running, { root, directory, ports, screen });
  const ready = showDashboard(running, screen);
  const brokers = ports.brokers.map((port) => `localhost:${port}`);
  const events = readOrderEvents(join(root, 'examples', 'orders.jsonl'));
  const common = { brokers, events, screen, clock: systemClock };
  await playTour({ ...common, replicas: ports.brokers.length });
  await showFailOver({
    ...common,
    zookeeper: `localhost:${ports.zookeeper}`,
    kill: (brokerId) => cluster.killBroker(brokerId),
    restart: (brokerId) => cluster.restartBroker(brokerId),
  });
  await ready;
  return 'shown';
}

function startCoordinator(
  { cluster }: Running,
  { root, directory, ports, screen }: Pick<Run, 'root' | 'directory' | 'ports' | 'screen'>,
): LocalCoordinator {
  const coordinator = LocalCoordinator.start({
    directory,
    port: ports.coordinator,
    zookeeperPort: ports.zookeeper,
    transactionLogDirectory: cluster.transactionLogDirectory,
    httpPorts: ports.http,
    compiled: join(root, 'dist'),
    faults: new ClusterFaults(cluster, (text) => screen.step(text)),
    clock: systemClock,
  });
  const log = join(relative(process.cwd(), directory) || '.', 'coordinator.log');
  coordinator.onUnexpectedEnd((text) => screen.step(`${text} (see ${log}); the cluster goes on without its dashboard`));
  return coordinator;
}

/** Tells the address as soon as the dashboard is there. That it is not is no reason to end the cluster. */
async function showDashboard(running: Running, screen: Screen): Promise<void> {
  try {
    await running.coordinator?.waitUntilReady();
    running.dashboard = running.coordinator?.address ?? null;
    screen.step(`Dashboard: ${running.dashboard}`);
  } catch (error) {
    screen.step(`There is no dashboard: ${(error as Error).message}`);
  }
}

/** Resolves at the first signal; the second one ends everything at once. */
function onInterrupt(running: Running): Promise<'interrupted'> {
  return new Promise((resolve) => {
    let signals = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        signals += 1;
        if (signals === 1) resolve('interrupted');
        // npm passes on the signal that a terminal has sent us already, so that one Ctrl-C may count twice.
        else if (signals > 2) {
          void Promise.all([running.cluster.kill(), running.coordinator?.kill()]).then(() => process.exit(1));
        }
      });
    }
  });
}

function whatToTryNext({ zookeeper, brokers, http }: Ports, directory: string, dashboard: string | null): string {
  const server = `--bootstrap-server localhost:${brokers[0]}`;
  const look = dashboard === null ? '' : `Its dashboard, with lessons and faults on purpose: ${dashboard}\n`;
  return `
The cluster stays up. ${look}Try in another terminal, from this folder:

  bin/kafka-topics.sh --describe --topic ${TOUR_TOPIC} ${server}
  bin/kafka-consumer-groups.sh --describe --group ${TOUR_GROUP} ${server}
  bin/kafka-console-consumer.sh --topic ${TOUR_TOPIC} --from-beginning --max-messages 5 --property print.key=true ${server}
  bin/kafka-console-producer.sh --topic letters ${server}
  bin/kafka-console-consumer.sh --topic letters --from-beginning ${server}
  bin/zookeeper-shell.sh localhost:${zookeeper} ls /brokers/ids
  curl localhost:${http[0]}/startup

Any Kafka client can use ${brokers.map((port) => `localhost:${port}`).join(', ')}.
Logs and data are in ${directory} and begin anew with the next start.
Ctrl-C stops everything.`;
}
