import { transformFile } from '@swc/core';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../runtime/clock';
import { DockerDaemon } from '../../../supervisor/docker-daemon';
import { eventually } from '../../support/eventually';

let folder: string;
let logFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gregor-daemon-'));
  logFile = join(folder, 'log');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** In place of dockerd: tells its pid, and takes a moment to end when it is asked to. */
const polite = [
  'sh',
  '-c',
  'trap "echo stopped its containers; exit 0" TERM; echo pid $$; while :; do sleep 0.02; done',
];

const said = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const pidOf = (): Promise<number> => eventually('it started', () => Number(/pid (\d+)/.exec(said())?.[1] ?? 0));

describe('the process of an engine', () => {
  it('is asked to stop, and ends when it has', async () => {
    const daemon = DockerDaemon.start(polite, process.env, logFile, systemClock);
    const pid = await pidOf();
    expect(daemon.running).toBe(true);
    await daemon.stop(5_000);
    expect({ alive: isAlive(pid), said: said().split('\n')[1] }).toEqual({
      alive: false,
      said: 'stopped its containers',
    });
    expect(daemon.running).toBe(false);
  });

  it('is seen to have ended by itself, with its last lines', async () => {
    const daemon = DockerDaemon.start(['sh', '-c', 'echo no room; exit 1'], process.env, logFile, systemClock);
    await eventually('it ended', () => !daemon.running);
    expect(daemon.lastLines()).toBe('no room');
    await daemon.stop(1_000);
  });

  it('tells what it said when it does not stop in time', async () => {
    const deaf = ['sh', '-c', 'trap "" TERM; echo pid $$; while :; do sleep 0.02; done'];
    const daemon = DockerDaemon.start(deaf, process.env, logFile, systemClock);
    const pid = await pidOf();
    await expect(daemon.stop(50)).rejects.toThrow(/did not stop within 0\.05 s:\n {2}pid \d+/);
    process.kill(pid, 'SIGKILL');
    await eventually('it ended', () => !daemon.running);
  });

  it('is asked to stop also when its owner was killed', async () => {
    const source = join(__dirname, '..', '..', '..', 'supervisor', 'docker-daemon.ts');
    const { code } = await transformFile(source, {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    const owner = `DockerDaemon.start(${JSON.stringify(polite)}, process.env, ${JSON.stringify(logFile)}, null);
      setInterval(() => undefined, 1000);`;
    writeFileSync(join(folder, 'owner.cjs'), `${code}\n${owner}`);
    const child = spawn(process.execPath, [join(folder, 'owner.cjs')], { stdio: 'inherit' });
    const pid = await pidOf();
    child.kill('SIGKILL');
    await eventually('it stopped', () => !isAlive(pid));
    expect(said()).toContain('stopped its containers');
  });
});
