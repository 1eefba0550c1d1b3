import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagesForDocker, requireDocker } from '../../../supervisor/docker-engine';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gregor-programs-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A machine whose PATH holds these scripts only. */
function machineWith(programs: Record<string, string>): NodeJS.ProcessEnv {
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { PATH: folder };
}

const noEngine = 'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1';
const denied = 'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1';
const running = 'echo 28.2.2';
const compose = 'echo compose';
const say = (line: string): never => {
  throw new Error(`nothing should be installed: ${line}`);
};

describe('packages for an engine', () => {
  const packages = async (programs: Record<string, string>): Promise<string[]> =>
    (await packagesForDocker(machineWith(programs), [])).map((need) => need.package);

  it('are both on a machine with nothing', async () => {
    expect(await packages({})).toEqual(['docker.io', 'docker-compose']);
  });

  it('are the engine where there is only the command, and no engine that it reaches', async () => {
    expect(await packages({ docker: noEngine, 'docker-compose': compose })).toEqual(['docker.io']);
  });

  it('are none where an engine answers and compose is there, as a plugin or a program', async () => {
    expect(await packages({ docker: running })).toEqual([]);
    expect(await packages({ docker: `[ "$1" = compose ] && exit 1; ${running}`, 'docker-compose': compose })).toEqual(
      [],
    );
  });

  it('are none where an engine can be started', async () => {
    expect(await packages({ docker: `[ "$1" = compose ] || { ${noEngine}; }`, dockerd: running })).toEqual([]);
  });
});

describe('an engine for the tests', () => {
  it('is there when it answers, whoever asks', async () => {
    await expect(requireDocker(say, machineWith({ docker: running }), false)).resolves.toBeUndefined();
  });

  it('can be started by root alone: others are told what is missing, with the reason', async () => {
    const env = machineWith({ docker: `[ "$1" = compose ] || { ${denied}; }`, dockerd: running });
    await expect(requireDocker(say, env, true)).resolves.toBeUndefined();
    await expect(requireDocker(say, env, false)).rejects.toThrow(
      /^No Docker Engine can be used \(permission denied .*\), and only root may start one.*run the tests as root\.$/,
    );
  });
});
