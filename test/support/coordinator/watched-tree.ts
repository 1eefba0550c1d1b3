/** A watcher of znodes over a real ZooKeeper, all that it tells, and a full read to compare its tree with. */
import type { KnownTree } from '../../../coordinator/observe/znode-tree';
import { ZnodeWatcher } from '../../../coordinator/observe/znode-watcher';
import type { TreeChange, ZnodeTree } from '../../../coordinator/parts';
import { systemClock } from '../../../runtime/clock';
import { silentLogger } from '../../../runtime/logger';
import { TaskGroup } from '../../../runtime/task-group';
import { connectInBackground, isZkError, type ZooKeeperClient } from '../../../zookeeper';
import { eventually } from '../eventually';

export interface WatchedTree {
  readonly zookeeper: ZooKeeperClient;
  readonly tree: KnownTree;
  /** Since the first read. */
  readonly changes: TreeChange[];
  readonly gaps: { fromMs: number; toMs: number; why: string }[];
  /** The tree as it was when it had been read for the first time: `path czxid version`. */
  readonly atFirst: ReadonlySet<string>;
  close(): Promise<void>;
}

export interface WatchOptions {
  sessionTimeoutMs?: number;
  maxNodes?: number;
}

export const PING_MS = 50;
export const STALE_AFTER_MS = 500;

/** Starts to watch; ZooKeeper need not be there. */
export function watchTree(connectString: string, options: WatchOptions = {}): WatchedTree {
  const tasks = new TaskGroup('test', systemClock, silentLogger);
  const { client: zookeeper, connected } = connectInBackground({
    connectString,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
    clock: systemClock,
    logger: silentLogger,
    name: 'test coordinator',
    maxInFlight: 128,
  });
  const watcher = new ZnodeWatcher({
    zookeeper,
    connected,
    clock: systemClock,
    logger: silentLogger,
    tasks,
    pingIntervalMs: PING_MS,
    staleAfterMs: STALE_AFTER_MS,
    ...(options.maxNodes === undefined ? {} : { maxNodes: options.maxNodes }),
  });
  const { tree } = watcher;
  const watched = { changes: [] as TreeChange[], gaps: [] as WatchedTree['gaps'], atFirst: new Set<string>() };
  tree.onReady(() => (watched.atFirst = new Set(incarnations(tree))));
  tree.onChange((change) => watched.changes.push(change));
  tree.onGap((gap) => watched.gaps.push(gap));
  watcher.start();
  return {
    zookeeper,
    tree,
    changes: watched.changes,
    gaps: watched.gaps,
    get atFirst() {
      return watched.atFirst;
    },
    async close() {
      await tasks.stop();
      await zookeeper.close();
    },
  };
}

/** Every node as `path czxid version data [children]`, in order. */
export function linesOf(tree: ZnodeTree, path = '/'): string[] {
  const node = tree.get(path);
  if (!node) return [];
  const names = [...node.children].toSorted();
  const { czxid, version } = node.stat;
  return [
    `${path} ${czxid} ${version} ${node.data?.toString() ?? 'null'} [${names.join()}]`,
    ...names.flatMap((name) => linesOf(tree, path === '/' ? `/${name}` : `${path}/${name}`)),
  ];
}

function incarnations(tree: ZnodeTree): string[] {
  return linesOf(tree).map((line) => line.split(' ').slice(0, 3).join(' '));
}

/** The same from ZooKeeper itself, while nobody writes. */
export async function readLines({ session }: ZooKeeperClient, path = '/'): Promise<string[]> {
  try {
    const { data, stat } = await session.getData(path);
    const names = (await session.getChildren(path)).children.toSorted();
    const below = await Promise.all(
      names.map((name) => readLines({ session } as ZooKeeperClient, path === '/' ? `/${name}` : `${path}/${name}`)),
    );
    const line = `${path} ${stat.czxid} ${stat.version} ${data?.toString() ?? 'null'} [${names.join()}]`;
    return [line, ...below.flat()];
  } catch (error) {
    if (isZkError(error, 'NO_NODE')) return [];
    throw error;
  }
}

/** Waits until the tree is what a full read by another client gives. */
export async function untilEqual(watched: WatchedTree, other: ZooKeeperClient, timeoutMs?: number): Promise<void> {
  let difference = '';
  const look = async (): Promise<boolean> => {
    const [expected, known] = [new Set(await readLines(other)), new Set(linesOf(watched.tree))];
    const missing = [...expected].filter((line) => !known.has(line));
    const wrong = [...known].filter((line) => !expected.has(line));
    difference = [...missing.map((line) => `not known: ${line}`), ...wrong.map((line) => `not so: ${line}`)].join('\n');
    return difference === '';
  };
  await eventually('the tree being what ZooKeeper has', look, timeoutMs).catch((error: Error) => {
    throw new Error(`${error.message}\n${difference}`);
  });
}

/**
 * What is wrong with the changes that were told: played onto the first read they must give the tree as it is, no node may
 * be created twice, changed when it is not there or come back from the dead, and every version must have been seen or be counted as missed.
 */
export function contradictions({ atFirst, changes, tree }: WatchedTree): string[] {
  const known = new Map([...atFirst].map((line) => [line.split(' ')[0] as string, line]));
  const wrong: string[] = [];
  const gone = new Set<string>();
  const textOf = (path: string, node: TreeChange['after']): string | undefined =>
    node ? `${path} ${node.stat.czxid} ${node.stat.version}` : undefined;
  changes.forEach(({ kind, path, before, after, missedVersions }, at) => {
    const say = (text: string): void => void wrong.push(`change ${at}, ${kind} ${path}: ${text}`);
    if (known.get(path) !== textOf(path, before)) say(`before it was ${known.get(path)}, not ${textOf(path, before)}`);
    if (kind === 'created' && before !== null) say('there is something before');
    if (kind === 'deleted' && after !== null) say('there is something after');
    if (kind === 'deleted') gone.add(`${path} ${before?.stat.czxid}`);
    if (after && gone.has(`${path} ${after.stat.czxid}`)) say('the very same node was told to be deleted before');
    const seenAnew = after ? after.stat.version - (before ? before.stat.version : -1) - 1 : 0;
    if (seenAnew !== missedVersions) say(`${seenAnew} versions were not seen, ${missedVersions} are told`);
    if (after) known.set(path, textOf(path, after) as string);
    else known.delete(path);
  });
  const expected = incarnations(tree).toSorted();
  const played = [...known.values()].toSorted();
  if (expected.join('\n') !== played.join('\n')) {
    const only = (these: string[], those: string[]): string => these.filter((line) => !those.includes(line)).join(', ');
    wrong.push(
      `the changes lead elsewhere: only played ${only(played, expected)}; only known ${only(expected, played)}`,
    );
  }
  return wrong;
}
