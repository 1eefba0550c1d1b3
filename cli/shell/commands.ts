/** The commands of the ZooKeeper shell that work on the tree. Each checks its arguments before anything is sent. */
import type { Stat, Watch, ZooKeeperOperations, ZooKeeperSession } from '../../zookeeper';
import { statText } from './print';
import { checkPath, numberOption, parseArguments, type ShellArguments, ShellError } from './words';

/** What a command works with. */
export interface ShellContext {
  session: ZooKeeperOperations & Pick<ZooKeeperSession, 'sessionId'>;
  out(line: string): void;
  /** For what ZooKeeper's shell writes to standard error, which includes what `create` made. */
  err(line: string): void;
  watch: Watch;
}

export interface TreeCommand {
  readonly usage: string;
  /** Letters of options without and with a value. */
  readonly flags: string;
  readonly valued: string;
  readonly fewestWords: number;
  /** True for commands whose path may be left out, which then is the root. */
  readonly pathOptional?: boolean;
  execute(context: ShellContext, given: ShellArguments, path: string): Promise<void>;
}

const OPEN_ACL = 'world:anyone:cdrwa';

export const treeCommands: Readonly<Record<string, TreeCommand>> = {
  create: { usage: '[-s] [-e] path [data] [acl]', flags: 'sect', valued: '', fewestWords: 1, execute: create },
  delete: { usage: '[-v version] path', flags: '', valued: 'v', fewestWords: 1, execute: deleteNode },
  deleteall: { usage: 'path [-b batch size]', flags: '', valued: 'b', fewestWords: 1, execute: deleteAll },
  get: { usage: '[-s] [-w] path', flags: 'sw', valued: '', fewestWords: 1, execute: get },
  getAllChildrenNumber: { usage: 'path', flags: '', valued: '', fewestWords: 1, execute: countAllChildren },
  getEphemerals: { usage: 'path', flags: '', valued: '', fewestWords: 0, pathOptional: true, execute: listEphemerals },
  ls: { usage: '[-s] [-w] [-R] path', flags: 'swR', valued: '', fewestWords: 1, execute: list },
  set: { usage: '[-s] [-v version] path data', flags: 's', valued: 'v', fewestWords: 2, execute: set },
  stat: { usage: '[-w] path', flags: 'w', valued: '', fewestWords: 1, execute: stat },
};

/** Checks the arguments; the result does the work. @throws ShellError */
export function prepare(
  name: string,
  command: TreeCommand,
  args: readonly string[],
): { path: string; run(context: ShellContext): Promise<void> } {
  const given = parseArguments(args, command.flags, command.valued);
  if (given.words.length < command.fewestWords) throw new ShellError(`${name} ${command.usage}`);
  if (name === 'create') refuseUnsupported(given);
  const path = given.words[0] ?? '/';
  const asChild = name === 'create' && given.flags.has('s') && path.endsWith('/');
  checkPath(asChild ? `${path}0` : path);
  for (const letter of command.valued) numberOption(given, letter);
  return { path, run: (context) => command.execute(context, given, path) };
}

function refuseUnsupported(given: ShellArguments): void {
  if (given.flags.has('c')) throw new ShellError('Container nodes (-c) cannot be created here; brokers use none.');
  if (given.flags.has('t'))
    throw new ShellError('Nodes with a time to live (-t) cannot be created here; brokers use none.');
  const acl = given.words[2];
  if (acl !== undefined && acl !== OPEN_ACL) {
    const hint = given.words.length > 3 ? ' Data of several words stands in quotes.' : '';
    throw new ShellError(`An ACL other than ${OPEN_ACL} cannot be set here, got '${acl}'.${hint}`);
  }
}

async function create({ session, err }: ShellContext, given: ShellArguments, path: string): Promise<void> {
  const text = given.words[1];
  const data = text === undefined ? null : Buffer.from(text);
  const kind = given.flags.has('e') ? 'ephemeral' : 'persistent';
  const created = await session.create(path, data, given.flags.has('s') ? `${kind}-sequential` : kind);
  err(`Created ${created.path}`);
}

async function deleteNode({ session }: ShellContext, given: ShellArguments, path: string): Promise<void> {
  await session.delete(path, numberOption(given, 'v'));
}

async function deleteAll({ session, err }: ShellContext, _given: ShellArguments, path: string): Promise<void> {
  if ((await session.exists(path)) === null) throw new ShellError(`Node does not exist: ${path}`);
  await session.deleteRecursive(path);
  if ((await session.exists(path)) !== null) {
    err('Failed to delete some node(s) in the subtree!');
    throw new ShellError(`Node not empty: ${path}`);
  }
}

async function get({ session, out, watch }: ShellContext, given: ShellArguments, path: string): Promise<void> {
  const found = await session.getData(path, given.flags.has('w') ? watch : undefined);
  out(found.data === null ? 'null' : found.data.toString());
  if (given.flags.has('s')) printStat(out, found.stat);
}

async function set({ session, out }: ShellContext, given: ShellArguments, path: string): Promise<void> {
  const changed = await session.setData(path, Buffer.from(given.words[1] ?? ''), numberOption(given, 'v'));
  if (given.flags.has('s')) printStat(out, changed);
}

async function stat({ session, out, watch }: ShellContext, given: ShellArguments, path: string): Promise<void> {
  const found = await session.exists(path, given.flags.has('w') ? watch : undefined);
  if (found === null) throw new ShellError(`Node does not exist: ${path}`);
  printStat(out, found);
}

async function list(context: ShellContext, given: ShellArguments, path: string): Promise<void> {
  const { session, out } = context;
  const watch = given.flags.has('w') ? context.watch : undefined;
  if (given.flags.has('R')) {
    await visit(session, path, out, watch);
    return;
  }
  const { children, stat: found } = await session.getChildren(path, watch);
  out(`[${children.toSorted().join(', ')}]`);
  if (given.flags.has('s')) printStat(out, found);
}

async function countAllChildren({ session, out }: ShellContext, _given: ShellArguments, path: string): Promise<void> {
  let nodes = 0;
  await visit(session, path, () => (nodes += 1));
  out(String(nodes - 1));
}

/** The ephemeral nodes of this very session. */
async function listEphemerals({ session, out }: ShellContext, _given: ShellArguments, path: string): Promise<void> {
  const owned: string[] = [];
  const paths: string[] = [];
  await visit(session, path, (each) => paths.push(each));
  for (const each of paths) {
    const found = await session.exists(each);
    if (found?.ephemeralOwner.equals(session.sessionId)) owned.push(each);
  }
  out(`[${owned.join(', ')}]`);
}

/** Calls `found` with the node, then with its children, then descends into each of them: the order of `ls -R`. */
async function visit(
  session: ZooKeeperOperations,
  path: string,
  found: (path: string) => void,
  watch?: Watch,
  isTop = true,
): Promise<void> {
  const children = (await session.getChildren(path, watch)).children.toSorted();
  if (isTop) found(path);
  const paths = children.map((child) => `${path === '/' ? '' : path}/${child}`);
  for (const child of paths) found(child);
  for (const child of paths) await visitLeniently(session, child, found, watch);
}

/** A node may go away between being listed and being visited. */
async function visitLeniently(
  session: ZooKeeperOperations,
  path: string,
  found: (path: string) => void,
  watch?: Watch,
): Promise<void> {
  if ((await session.exists(path)) !== null) await visit(session, path, found, watch, false);
}

function printStat(out: (line: string) => void, found: Stat): void {
  out(statText(found).trimEnd());
}
