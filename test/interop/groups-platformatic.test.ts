/** A group of @platformatic/kafka, which uses the newest versions of all requests. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startCluster, type Cluster } from '../../embedded';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
}, 120_000);

afterAll(() => cluster?.close(), 60_000);

test('two members share a topic in the newest versions of the protocol', async () => {
  const script = join(__dirname, '..', 'support', 'platformatic-pair.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, cluster.bootstrap, 'newest', '60'], {
    timeout: 60_000,
  });
  const { members, distinct, protocol } = JSON.parse(stdout) as {
    members: number[];
    distinct: number;
    protocol: string;
  };
  expect(distinct).toBe(120);
  expect(members.every((count) => count > 0)).toBe(true);
  expect(protocol).toBe('consumer');
}, 90_000);
