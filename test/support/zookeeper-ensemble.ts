/** Three real ZooKeeper servers that make one ensemble, in a temporary folder that goes away with them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../supervisor/ports';
import { startZooKeeper, type TestZooKeeper } from './zookeeper';

export interface TestEnsemble {
  readonly servers: readonly TestZooKeeper[];
  readonly connectString: string;
  /** Of each server: what its dataDir is. */
  readonly dataDirs: readonly string[];
  stop(): Promise<void>;
}

const SERVERS = 3;

/** Resolves when each of them is leader or follower. */
export async function startEnsemble(): Promise<TestEnsemble> {
  const directory = await mkdtemp(join(tmpdir(), 'gregor-ensemble-'));
  const ports = await freePorts(3 * SERVERS);
  const [clientPorts, quorumPorts, electionPorts] = [0, 1, 2].map((at) =>
    ports.slice(at * SERVERS, (at + 1) * SERVERS),
  );
  const members = Object.fromEntries(
    [1, 2, 3].map((id) => [`server.${id}`, `127.0.0.1:${quorumPorts?.[id - 1]}:${electionPorts?.[id - 1]}`]),
  );
  const start = async (port: number, id: number): Promise<TestZooKeeper> => {
    const dir = join(directory, String(id));
    await mkdir(join(dir, 'data'), { recursive: true });
    await writeFile(join(dir, 'data', 'myid'), `${id}\n`);
    return startZooKeeper({ dir, port, settings: { initLimit: 50, syncLimit: 20, ...members } });
  };
  const started = await Promise.allSettled((clientPorts ?? []).map((port, at) => start(port, at + 1)));
  const servers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(directory, { recursive: true, force: true });
  };
  const failed = started.find((each) => each.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    servers,
    connectString: servers.map(({ connectString }) => connectString).join(','),
    dataDirs: [1, 2, 3].map((id) => join(directory, String(id), 'data')),
    stop,
  };
}
