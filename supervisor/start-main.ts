/**
 * What `npm start` does once everything is built: a cluster on the usual ports, the tour, then a cluster to play with until
 * Ctrl-C. `--once` ends after the tour; `--port-offset N` adds N to every port, for a machine where the usual ones are taken.
 * Exit code 0 after an orderly end, 1 when something went wrong.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../runtime/clock';
import { LocalCluster } from './local-cluster';
import { portIsFree } from './ports';
import { listProcesses } from './process-list';
import { Screen } from './screen';
import { showFailOver } from './tour/fail-over';
import { readOrderEvents } from './tour/order-events';
import { playTour, TOUR_GROUP, TOUR_TOPIC } from './tour/tour';
import { requireZooKeeper } from './zookeeper-prerequisites';

const ZOOKEEPER_PORT = 2181;
const BROKER_PORTS = [9092, 9093, 9094];
const HTTP_PORTS = [9192, 9193, 9194];
const USAGE = 'npm start -- [--once] [--port-offset N]';

/** A reason to end that is told in one line. */
class Refused extends Error {}

interface Ports {
  zookeeper: number;
  brokers: readonly number[];
  http: readonly number[];
}

interface Run {
  root: string;
  directory: string;
  pidFile: string;
  once: boolean;
  ports: Ports;
  screen: Screen;
}

/** @param root of the repository, which holds dist/ and examples/ */
export async function start(root: string, args: readonly string[]): Promise<void> {
  const screen = new Screen(process.stdout, systemClock);
  try {
    const { once, offset } = parse(args);
    const shift = (port: number): number => port + offset;
    const ports = { zookeeper: shift(ZOOKEEPER_PORT), brokers: BROKER_PORTS.map(shift), http: HTTP_PORTS.map(shift) };
    const name = offset === 0 ? 'cluster' : `cluster-${offset}`;
    const directory = join(root, '.gregor', name);
    const pidFile = join(root, '.gregor', `${name}.pid`);
    await refuseSecondRun(pidFile);
    await refuseBusyPorts(ports);
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
  const highest = 65_535 - Math.max(...HTTP_PORTS);
  if (!Number.isInteger(offset) || offset < 0 || offset > highest) {
    throw new Refused(`--port-offset is a number from 0 to ${highest}; there is: ${USAGE}`);
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

async function refuseBusyPorts(ports: Ports): Promise<void> {
  const uses = [
    [ports.zookeeper, 'ZooKeeper'] as const,
    ...ports.brokers.map((port, id) => [port, `broker ${id}`] as const),
    ...ports.http.map((port, id) => [port, `the metrics of broker ${id}`] as const),
  ];
  const busy: string[] = [];
  for (const [port, use] of uses) if (!(await portIsFree(port))) busy.push(`${port} (for ${use})`);
  if (busy.length === 0) return;
  const taken = busy.length === 1 ? 'Port' : 'Ports';
  const verb = busy.length === 1 ? 'is' : 'are';
  const advice = 'stop that (see: ss -ltnp), or use others: npm start -- --port-offset 1000';
  throw new Refused(`${taken} ${busy.join(', ')} ${verb} taken by another program; ${advice}`);
}

async function run({ root, directory, pidFile, once, ports, screen }: Run): Promise<void> {
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
  const interruption = onInterrupt(cluster);
  try {
    const shown = await Promise.race([showCluster(cluster, root, ports, screen), interruption]);
    if (shown === 'interrupted') process.exitCode = once ? 1 : 0;
    else if (!once) {
      screen.line(whatToTryNext(ports, relative(process.cwd(), directory) || '.'));
      cluster.onUnexpectedEnd((text) => screen.step(`${text}; the others go on`));
      await interruption;
    }
  } finally {
    screen.line();
    screen.step('Stopping the brokers, then ZooKeeper …');
    await cluster.stop();
    rmSync(pidFile, { force: true });
    screen.step('Everything is stopped.');
  }
}

async function showCluster(cluster: LocalCluster, root: string, ports: Ports, screen: Screen): Promise<'shown'> {
  await cluster.start();
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
  return 'shown';
}

/** Resolves at the first signal; the second one ends everything at once. */
function onInterrupt(cluster: LocalCluster): Promise<'interrupted'> {
  return new Promise((resolve) => {
    let signals = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        signals += 1;
        if (signals === 1) resolve('interrupted');
        // npm passes on the signal that a terminal has sent us already, so that one Ctrl-C may count twice.
        else if (signals > 2) void cluster.kill().then(() => process.exit(1));
      });
    }
  });
}

function whatToTryNext({ zookeeper, brokers, http }: Ports, directory: string): string {
  const server = `--bootstrap-server localhost:${brokers[0]}`;
  return `
The cluster stays up. Try in another terminal, from this folder:

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
