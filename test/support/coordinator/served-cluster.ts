/** Three broker processes on a ZooKeeper of their own, a coordinator over them in this process, and a client of its API. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import type { CoordinatorParts } from '../../../coordinator/parts';
import { CoordinatorServer } from '../../../coordinator/server';
import type { Cluster } from '../../../embedded';
import { silentLogger, type Logger } from '../../../runtime/logger';
import { parseCoordinatorConfig } from '../../../settings/coordinator';
import type { ZooKeeperClient } from '../../../zookeeper';
import { eventually } from '../eventually';
import { startProcessCluster, type ProcessCluster } from '../process-cluster';
import { ApiClient } from './api-client';

type Settings = Readonly<Record<string, string | number | boolean>>;

export interface ServedCluster {
  readonly cluster: Cluster;
  readonly zk: ZooKeeperClient;
  readonly kafka: Kafka;
  readonly url: string;
  readonly token: string;
  readonly api: ApiClient;
  readonly parts: CoordinatorParts;
  close(): Promise<void>;
}

const QUICK = { 'probe.interval.ms': 200, 'offsets.interval.ms': 300 };
const SETTLE_MS = 60_000;

/** @param log lines of the coordinator are added to it */
function loggerInto(log: string[]): Logger {
  const keep = (text: string): void => void log.push(text);
  const logger: Logger = { ...silentLogger, error: keep, warn: keep, info: keep, for: () => logger };
  return logger;
}

export interface ServedClusterOptions {
  brokers?: Settings;
  coordinator?: Settings;
  log?: string[];
}

/** Resolves when the coordinator finds the cluster healthy. */
export async function startServedCluster(options: ServedClusterOptions = {}): Promise<ServedCluster> {
  const started: { close(): Promise<unknown> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of started.reverse()) await part.close();
  };
  try {
    const processes: ProcessCluster = await startProcessCluster({
      'offsets.topic.num.partitions': 3,
      'offsets.topic.replication.factor': 3,
      'group.initial.rebalance.delay.ms': 0,
      'auto.create.topics.enable': false,
      'auto.leader.rebalance.enable': false,
      ...options.brokers,
    });
    started.push(processes);
    const directory = await mkdtemp(join(tmpdir(), 'gregor-coordinator-'));
    started.push({ close: () => rm(directory, { recursive: true, force: true }) });
    const { cluster, zk } = processes;
    const settings = {
      'zookeeper.connect': cluster.zookeeper,
      'http.port': 0,
      'data.dir': join(directory, 'data'),
      ...QUICK,
      ...options.coordinator,
    };
    const config = parseCoordinatorConfig(
      new Map(Object.entries(settings).map(([key, value]) => [key, String(value)])),
    );
    const server = new CoordinatorServer({ config, logger: options.log ? loggerInto(options.log) : silentLogger });
    started.push({ close: () => server.stop() });
    await server.start();
    const { url } = server;
    const token = (await readFile(join(directory, 'data', 'token'), 'utf8')).trim();
    const api = await ApiClient.open(url, token);
    await eventually(
      'a healthy cluster',
      async () => {
        const { body } = await api.call('GET /api/health');
        if (body.status === 'healthy') return true;
        throw new Error(JSON.stringify(body));
      },
      SETTLE_MS,
    );
    const kafka = new Kafka({ clientId: 'test', brokers: [...cluster.addresses], logLevel: logLevel.NOTHING });
    return { cluster, zk, kafka, url, token, api, parts: server.parts, close };
  } catch (error) {
    await close();
    throw error;
  }
}
