/** Our reader of ZooKeeper's transaction log against ZooKeeper's own, and the tree that follows from it against the real one. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyTransaction } from '../../../coordinator/recorder/transaction-changes';
import { RecordedTree } from '../../../coordinator/recorder/recorded-tree';
import { recordedNode } from '../../../coordinator/recorder/watch-changes';
import type { ZooKeeperClient } from '../../../zookeeper';
import {
  checkFileHeader,
  FILE_HEADER_BYTES,
  readEntry,
  zxidOfLogFile,
  type Transaction,
  type TransactionBody,
} from '../../../zookeeper/transaction-log';
import { eventually } from '../../support/eventually';
import { readTransactions, writeRandomly } from '../../support/transaction-log-echo';
import { connectForTest, startZooKeeper } from '../../support/zookeeper';

function readAll(directory: string): Transaction[] {
  const files = readdirSync(directory)
    .filter((name) => zxidOfLogFile(name) !== null)
    .sort((one, other) => Number((zxidOfLogFile(one) as bigint) - (zxidOfLogFile(other) as bigint)));
  return files.flatMap((name) => {
    const bytes = readFileSync(join(directory, name));
    checkFileHeader(bytes);
    const transactions: Transaction[] = [];
    for (let offset = FILE_HEADER_BYTES; ;) {
      const entry = readEntry(bytes, offset);
      if (entry.kind !== 'transaction') return transactions;
      transactions.push(entry.transaction);
      offset = entry.nextOffset;
    }
  });
}

const hex = (data: Buffer | null): string => (data === null ? 'null' : `x${data.toString('hex')}`);

function bodyText(body: TransactionBody): string {
  switch (body.op) {
    case 'create': {
      const { path, data, ephemeral, parentCVersion, ttlMs, container } = body;
      return `create ${path} ${hex(data)} ${ephemeral} ${parentCVersion} ${ttlMs ?? '-'} ${container}`;
    }
    case 'delete':
      return `delete ${body.path}`;
    case 'setData':
      return `setData ${body.path} ${hex(body.data)} ${body.version}`;
    case 'setAcl':
    case 'check':
      return `${body.op} ${body.path} ${body.version}`;
    case 'error':
      return `error ${body.code}`;
    case 'createSession':
      return `createSession ${body.timeoutMs}`;
    case 'closeSession':
      return `closeSession ${body.paths?.join(',') ?? '-'}`;
    case 'multi':
      return `multi ${body.steps.map(bodyText).join('; ')}`;
    case 'unknown':
      return `unknown ${body.type}`;
  }
}

const lineOf = ({ zxid, session, cxid, timeMs, body }: Transaction): string =>
  `${zxid.toString(16)} ${session.toString('hex')} ${cxid} ${timeMs} ${bodyText(body)}`;

async function realTree(client: ZooKeeperClient, path = '/', into = new Map<string, unknown>()): Promise<typeof into> {
  if (path.startsWith('/zookeeper')) return into;
  const { data, stat } = await client.session.getData(path);
  const { children } = await client.session.getChildren(path);
  into.set(path, { ...recordedNode({ path, data, stat }), children: children.toSorted() });
  for (const name of children) await realTree(client, path === '/' ? `/${name}` : `${path}/${name}`, into);
  return into;
}

describe('ZooKeeper’s transaction log', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gregor-transaction-log-'));
  let zookeeper: Awaited<ReturnType<typeof startZooKeeper>>;

  beforeAll(async () => {
    // A snapshot every 300 transactions, so that the log goes over several files.
    const settings = { extendedTypesEnabled: 'true', snapCount: 300 };
    zookeeper = await startZooKeeper({ dir, settings });
  }, 120_000);

  afterAll(async () => {
    await zookeeper.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('is read as ZooKeeper itself reads it, and gives the very tree that stands there', async () => {
    const seed = Math.floor(Math.random() * 1e9);
    const logs = join(dir, 'data', 'version-2');
    await writeRandomly(zookeeper.connectString, seed, 1_500);
    // The session that was left open expires.
    const closed = (): number => readAll(logs).filter(({ body }) => body.op === 'closeSession').length;
    await eventually('the last session expired', () => closed() === 3, 20_000);
    const transactions = readAll(logs);
    const theirs = await readTransactions(logs);
    expect({ seed, lines: transactions.map(lineOf) }).toEqual({ seed, lines: theirs });
    expect(readdirSync(logs).filter((name) => name.startsWith('log.')).length).toBeGreaterThan(2);
    const ops = new Set(
      transactions.flatMap(({ body }) => [body.op, ...(body.op === 'multi' ? body.steps : []).map(({ op }) => op)]),
    );
    expect([...ops].sort()).toEqual(
      ['check', 'closeSession', 'create', 'createSession', 'delete', 'error', 'multi', 'setAcl', 'setData'].sort(),
    );

    const tree = new RecordedTree();
    tree.put({
      path: '/',
      data: Buffer.alloc(0),
      version: 0,
      owner: null,
      stat: { czxid: 0n, mzxid: 0n, pzxid: 0n, ctimeMs: 0, mtimeMs: 0, creations: 0, deletions: -1, aversion: 0 },
    });
    for (const transaction of transactions) applyTransaction(transaction, tree, '');
    const client = await connectForTest(zookeeper.connectString);
    const real = await realTree(client);
    await client.close();
    const recorded = new Map(
      [...tree.snapshot()].map((node) => [
        node.path,
        { ...node, children: [...tree.children(node.path), ...(node.path === '/' ? ['zookeeper'] : [])].sort() },
      ]),
    );
    expect({ seed, tree: recorded }).toEqual({ seed, tree: real });
  }, 120_000);
});
