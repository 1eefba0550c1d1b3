/** Our zookeeper-shell and ZooKeeper's own on the same server: the same lines, the same answers. */
import { PassThrough } from 'node:stream';
import { runCommand } from '../../cli/command';
import { zookeeperShell } from '../../cli/zookeeper-shell';
import { systemClock } from '../../runtime/clock';
import { freePorts } from '../../supervisor/ports';
import { runKafkaTool, type ToolResult } from '../support/apache-kafka';
import { eventually } from '../support/eventually';
import { runOurs } from '../support/run-command';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

let zookeeper: TestZooKeeper;

beforeAll(async () => {
  zookeeper = await startZooKeeper();
}, 30_000);

afterAll(async () => {
  await zookeeper?.stop();
});

const SCRIPT = `
ls /
create ROOT
create ROOT again
create ROOT/a "x y"
create -s ROOT/seq- 1
create -e ROOT/eph hello
create -e -s ROOT/ephs-
create ROOT/eph/child
create ROOT/missing/child
get ROOT
get -s ROOT/a
stat ROOT
stat ROOT/none
ls ROOT
ls -s ROOT
ls -R ROOT
ls nope
ls ROOT/
ls
set ROOT/a zzz
set -s ROOT/a zzz2
set -v 7 ROOT/a zz
set ROOT/none x
get -w ROOT/a
ls -w ROOT
create ROOT/b
create ROOT/b/c
set ROOT/a 1
delete ROOT
delete -v 9 ROOT/a
delete ROOT/none
getAllChildrenNumber ROOT
getEphemerals ROOT
history
printwatches
deleteall ROOT
deleteall ROOT
close
ls /
connect SERVER
ls /
quit
`;

/**
 * Ids and times differ from run to run; Java's shell speaks about its line editor, its logger and its library; and a
 * thread of its own says what becomes of the session, before or after whatever is printed meanwhile.
 */
function comparable(text: string, root: string): string {
  return text
    .replaceAll(root, 'ROOT')
    .replace(/0x[0-9a-f]+/g, '0x…')
    .replace(/(?<=[cm]time = ).*/g, '…')
    .replace(/(?<=^cversion = ).*/gm, '…')
    .replace(/^(JLine support|log4j:).*\n/gm, '')
    .replace(/\nWATCHER::\n\nWatchedEvent state:\w+ type:None path:null\n/g, '')
    .replace(/create \[-s\] \[-e\].*path/g, 'create path');
}

const script = (root: string): string => SCRIPT.replaceAll('ROOT', root).replace('SERVER', zookeeper.connectString);

function outputs(result: ToolResult, root: string): ToolResult {
  return { code: result.code, stdout: comparable(result.stdout, root), stderr: comparable(result.stderr, root) };
}

it('answers every line as ZooKeeper itself does', async () => {
  const theirs = await runKafkaTool('zookeeper-shell', ['-server', zookeeper.connectString], script('/theirs'));
  const ours = await runOurs(zookeeperShell, [zookeeper.connectString], { input: script('/ours') });
  expect(outputs(ours, '/ours')).toEqual(outputs(theirs, '/theirs'));
}, 60_000);

it.each([
  [['ls', '/']],
  [['get', '-s', '/zookeeper/config']],
  [['ls', '/none']],
  [['stat', '/zookeeper']],
  [['ls']],
  [['bogus']],
])(
  'runs one command, %j, and ends with the same exit code',
  async (words) => {
    const theirs = await runKafkaTool('zookeeper-shell', ['-server', zookeeper.connectString, ...words]);
    const ours = await runOurs(zookeeperShell, [zookeeper.connectString, ...words]);
    expect(ours.code).toBe(theirs.code);
    // The list of commands differs, and Java's shell may say that it is connected before or after a complaint.
    if (words.length < 2) return;
    expect(comparable(ours.stdout, '/-')).toBe(comparable(theirs.stdout, '/-'));
    expect(comparable(ours.stderr, '/-')).toBe(comparable(theirs.stderr, '/-'));
  },
  30_000,
);

it('ends within its patience when no server answers, and says what to do', async () => {
  const [port] = await freePorts(1);
  const { code, stderr } = await runOurs(zookeeperShell, [`127.0.0.1:${port}`, '-timeout', '600', 'ls', '/']);
  expect(code).toBe(1);
  expect(stderr).toContain(
    `No ZooKeeper answers at 127.0.0.1:${port} (tried for 0.6 s). Start one with bin/zookeeper-server-start.sh`,
  );
});

it('lives through a restart of ZooKeeper: says so, fails what is asked meanwhile, and goes on', async () => {
  const own = await startZooKeeper();
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let seen = '';
  for (const stream of [stdout, stderr]) stream.setEncoding('utf8').on('data', (text: string) => (seen += text));
  const interrupted = new AbortController().signal;
  const args = [own.connectString, '-timeout', '20000'];
  const done = runCommand(zookeeperShell, args, { stdin, stdout, stderr, clock: systemClock, interrupted });
  try {
    stdin.write('create /kept 1\n');
    await eventually('the node is created', () => seen.includes('Created /kept'));
    await own.kill();
    await eventually('the shell notices', () => seen.includes('state:Disconnected'));
    stdin.write('get /kept\n');
    await eventually('the command fails', () => seen.includes('KeeperErrorCode = ConnectionLoss for /kept'), 8_000);
    await own.restart();
    await eventually('the shell is back', () => seen.split('state:SyncConnected').length === 3, 15_000);
    seen = '';
    stdin.write('get /kept\nquit\n');
    expect(await done).toBe(0);
    expect(seen).toMatch(/^1\n/);
  } finally {
    stdin.end();
    await done;
    await own.stop();
  }
}, 40_000);
