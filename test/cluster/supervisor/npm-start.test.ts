import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterView, Fault, FaultAction, FaultsView } from '../../../coordinator/schemas';
import { systemClock } from '../../../runtime/clock';
import { portAnswers } from '../../../supervisor/ports';
import { listProcesses } from '../../../supervisor/process-list';
import { eventually, eventuallyPasses } from '../../support/eventually';
import { freeOffset, hasPrinted, npmStart, type Started, usualPorts, watchProcess } from '../../support/npm-start';

jest.setTimeout(240_000);

const root = join(__dirname, '..', '..', '..');

/** The dashboard's address and the token, as they were printed. */
const dashboardOf = ({ output }: Started): { url: string; token: string } => {
  const [, url, token] = /(http:\/\/localhost:\d+\/)#token=(\S+)/.exec(output()) ?? [];
  if (url === undefined || token === undefined) throw new Error(`no address of a dashboard was printed:\n${output()}`);
  return { url, token };
};

const perform = async (started: Started, target: string, action: FaultAction): Promise<Fault> => {
  const { url, token } = dashboardOf(started);
  const answer = await fetch(`${url}api/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ target, action }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return JSON.parse(text) as Fault;
};

/** Waits until these kinds of consequences are told of the newest fault. */
const followed = (started: Started, ...kinds: string[]): Promise<unknown> =>
  eventually(
    `${kinds.join(', ')} followed the fault`,
    async () => {
      const { faults } = (await (await fetch(`${dashboardOf(started).url}api/faults`)).json()) as FaultsView;
      const told = new Set(faults[0]?.consequences.map(({ kind }) => kind));
      return kinds.every((kind) => told.has(kind)) || Promise.reject(new Error(JSON.stringify(faults[0], null, 1)));
    },
    60_000,
  );

describe('npm start', () => {
  let offset: number;
  const running: Started[] = [];
  const start = (...args: string[]): Started => {
    const started = npmStart(['--port-offset', String(offset), ...args]);
    running.push(started);
    return started;
  };
  beforeEach(async () => (offset = await freeOffset()));
  afterEach(() => {
    for (const { process: child } of running.splice(0)) child.kill('SIGKILL');
  });

  it('plays the whole tour and ends with exit code 0 when it is told to run once', async () => {
    const once = start('--once');
    const code = await once.exitCode;
    const said = once.output();
    expect(said).toMatch(/Broker 2 serves on port/);
    expect(said).toMatch(/Topic orders is created: 3 partitions, replication factor 3/);
    expect(said).toMatch(/Member [AB] got partitions \d and \d/);
    expect(said).toMatch(/Verified: 4000 events, none missing, each of 120 customers in order/);
    expect(said).toMatch(/is elected controller \(epoch 2\)/);
    expect(said).toMatch(/No record is missing: all 4003 are there/);
    expect(said).toMatch(/is back and in sync with every partition/);
    expect(said.match(/Dashboard: http:\/\/localhost:\d+\/#token=\S+/g)).toHaveLength(1);
    expect(code).toBe(0);
    expect((await listProcesses()).filter(({ commandLine }) => commandLine.includes(`cluster-${offset}/`))).toEqual([]);
  });

  it('stays up, refuses a second run with one line, and stops everything at Ctrl-C', async () => {
    const first = start();
    await hasPrinted(first, 'Ctrl-C stops everything.');
    const second = start();
    expect(await second.exitCode).toBe(1);
    expect(second.output().trim()).toMatch(/^npm start is already running here as process \d+; end it with Ctrl-C.*$/);
    first.process.kill('SIGINT');
    expect(await first.exitCode).toBe(0);
    const answers = await Promise.all(usualPorts.map((port) => portAnswers(port + offset)));
    expect(answers.some(Boolean)).toBe(false);
  });

  it('leaves nothing behind when npm is ended, which does not hand a signal through its shell', async () => {
    const npm = watchProcess(spawn('npm', ['start', '--', '--port-offset', String(offset)], { cwd: root }));
    running.push(npm);
    await hasPrinted(npm, 'Topic orders is created');
    npm.process.kill('SIGTERM');
    await npm.exitCode;
    const ofThisRun = async (): Promise<string[]> =>
      (await listProcesses())
        .map(({ commandLine }) => commandLine)
        .filter((line) => line.includes(`cluster-${offset}/`) || line.includes(`--port-offset ${offset}`));
    await eventuallyPasses(async () => expect(await ofThisRun()).toEqual([]), 30_000);
  });

  it('starts a coordinator that kills the controller on request, and stops soon with faults under way', async () => {
    const first = start();
    await hasPrinted(first, 'Ctrl-C stops everything.');
    const { url } = dashboardOf(first);
    expect((await fetch(url)).status).toBe(200);
    const { controller } = (await (await fetch(`${url}api/cluster`)).json()) as ClusterView;
    const killed = `broker-${controller.brokerId}`;
    await perform(first, killed, 'kill');
    await hasPrinted(first, `On purpose: broker ${controller.brokerId} was killed`);
    await followed(first, 'session-closed', 'controller', 'leader');
    await perform(first, killed, 'start');
    await followed(first, 'registered', 'isr-whole', 'whole');
    expect(first.output()).not.toContain('the others go on');
    await perform(first, 'broker-1', 'pause');
    await perform(first, 'link:broker-0:zookeeper', 'cut');
    const signalledMs = systemClock.monotonicMs();
    first.process.kill('SIGINT');
    expect(await first.exitCode).toBe(0);
    // Half a minute is what a process gets before it is killed.
    expect(systemClock.monotonicMs() - signalledMs).toBeLessThan(25_000);
    const answers = await Promise.all(usualPorts.map((port) => portAnswers(port + offset)));
    expect(answers.some(Boolean)).toBe(false);
  });

  it('goes on without its dashboard when the coordinator ends by itself, and says so', async () => {
    const first = start();
    await hasPrinted(first, 'Ctrl-C stops everything.');
    const configuration = `cluster-${offset}/coordinator.properties`;
    const coordinator = (await listProcesses()).find(({ commandLine }) => commandLine.includes(configuration));
    process.kill(coordinator?.pid as number, 'SIGKILL');
    await hasPrinted(first, 'The coordinator was ended by SIGKILL');
    expect(await portAnswers(9092 + offset)).toBe(true);
    first.process.kill('SIGINT');
    expect(await first.exitCode).toBe(0);
  });

  it('names a port that is taken in one line', async () => {
    const other = createServer().listen(9093 + offset);
    try {
      const refused = start();
      expect(await refused.exitCode).toBe(1);
      const { port } = other.address() as AddressInfo;
      expect(refused.output().trim()).toMatch(
        new RegExp(`^Port ${port} \\(for broker 1\\) is taken by another program.*$`),
      );
    } finally {
      other.close();
    }
  });

  it('does not take another program for a run of its own, should the number in its file be that one now', async () => {
    const pidFile = join(root, '.gregor', `cluster-${offset}.pid`);
    const other = createServer().listen(9093 + offset); // so that it ends before it starts anything
    try {
      writeFileSync(pidFile, String(process.pid));
      const refused = start();
      expect(await refused.exitCode).toBe(1);
      expect(refused.output()).toContain(`Port ${9093 + offset} (for broker 1) is taken`);
    } finally {
      rmSync(pidFile, { force: true });
      other.close();
    }
  });

  it('names what is missing and how to install it in one line, before it starts anything', async () => {
    // A machine with nothing on PATH but an apt-get that may install nothing.
    const folder = mkdtempSync(join(tmpdir(), 'gregor-bare-'));
    try {
      writeFileSync(join(folder, 'apt-get'), '#!/bin/sh\necho "E: no network"\nexit 100\n', { mode: 0o755 });
      symlinkSync('/usr/bin/env', join(folder, 'env'));
      const bare = npmStart(['--port-offset', String(offset), '--once'], { PATH: folder, GREGOR_CACHE: folder });
      running.push(bare);
      expect(await bare.exitCode).toBe(1);
      const last = bare.output().trim().split('\n').at(-1);
      expect(last).toMatch(
        /^Java \(ZooKeeper needs it\).* missing.*apt-get install -y --no-install-recommends default-jre/,
      );
      expect(bare.output()).not.toContain('Stopping');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('says what it knows when it is asked for something else', async () => {
    const refused = start('--twice');
    expect(await refused.exitCode).toBe(1);
    expect(refused.output()).toContain("Unknown option '--twice'; there is: npm start -- [--once] [--port-offset N]");
  });
});
