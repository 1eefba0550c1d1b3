import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { installPackages, isDebianLike, type Machine } from '../../../supervisor/system-packages';
import { requireZooKeeper } from '../../../supervisor/zookeeper-prerequisites';

const debian = 'NAME="Debian GNU/Linux"\nID=debian\n';
const java = { what: 'Java (ZooKeeper needs it)', package: 'default-jre-headless' };
const maven = { what: 'Maven (it fetches jars)', package: 'maven' };
const command = 'apt-get install -y --no-install-recommends';

describe('what may be installed', () => {
  let folder: string;
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gregor-packages-'));
    said = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string, body: string): void => {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  /** Notes down its calls; installs only what an update made known. */
  const aptGet = (): void =>
    program(
      'apt-get',
      `echo "$@" >> ${folder}/calls
      echo 'Reading package lists...'
      case $1 in
        update) touch ${folder}/updated ;;
        *) test -f ${folder}/updated || { echo 'E: Unable to locate package' >&2; exit 100; } ;;
      esac`,
    );
  const aptCalls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  const machine = (differs: Partial<Machine> = {}): Machine => ({
    osRelease: debian,
    isRoot: true,
    env: { PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}` },
    ...differs,
  });
  const install = (on: Machine, needs = [java]) => installPackages(needs, (line) => said.push(line), on);

  it('knows Debian and Ubuntu and their relatives by os-release', () => {
    expect(isDebianLike(debian)).toBe(true);
    expect(isDebianLike('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe(true);
    expect(isDebianLike('ID=alpine\nHOME_URL="https://debian.example"\n')).toBe(false);
    expect(isDebianLike('')).toBe(false);
  });

  it('installs everything in one go after one line that says so, and fetches the package lists where they are missing', async () => {
    aptGet();
    await install(machine(), [java, maven]);
    expect(said).toEqual([
      `Java (ZooKeeper needs it) and Maven (it fetches jars) are missing, so they are installed now: ` +
        `${command} default-jre-headless maven`,
    ]);
    expect(aptCalls().map((call) => call.split(' -o ')[0])).toEqual([
      'install -y --no-install-recommends default-jre-headless maven',
      'update',
      'install -y --no-install-recommends default-jre-headless maven',
    ]);
    expect(aptCalls().every((call) => call.includes('DPkg::Lock::Timeout='))).toBe(true);
  });

  it('does nothing where nothing is missing', async () => {
    await install(machine({ env: { PATH: '' } }), []);
    expect(said).toEqual([]);
  });

  it('tells in one line which command failed, and why, when apt-get could not install', async () => {
    program('apt-get', "echo 'Reading package lists...'; echo 'E: You do not have enough space' >&2; exit 100");
    const failed = `"${command} default-jre-headless" ended with exit code 100 (You do not have enough space)`;
    await expect(install(machine())).rejects.toThrow(
      new Error(`Java (ZooKeeper needs it) is missing and could not be installed: ${failed}`),
    );
  });

  it('uses sudo where it asks for no password', async () => {
    aptGet();
    program('sudo', `test "$1" = -n || exit 1; shift; exec "$@"`);
    await install(machine({ isRoot: false }));
    expect(said[0]).toContain(`is installed now: sudo -n ${command} default-jre-headless`);
    expect(aptCalls().at(-1)).toMatch(/^install /);
  });

  it('names the exact command, and runs none, where sudo would ask for a password', async () => {
    aptGet();
    program('sudo', 'echo "sudo: a password is required" >&2; exit 1');
    await expect(install(machine({ isRoot: false }), [java, maven])).rejects.toThrow(
      new Error(
        'Java (ZooKeeper needs it) and Maven (it fetches jars) are missing. Please run: ' +
          `sudo apt-get update && sudo ${command} default-jre-headless maven`,
      ),
    );
    expect(said).toEqual([]);
    expect(() => aptCalls()).toThrow(/ENOENT/);
  });

  it('names what is missing on systems that it does not know, and runs nothing', async () => {
    aptGet();
    await expect(install(machine({ osRelease: 'ID=alpine\n' }))).rejects.toThrow(
      `Java (ZooKeeper needs it) is missing; please install what this would on Debian and Ubuntu: ${command}`,
    );
    expect(() => aptCalls()).toThrow(/ENOENT/);
  });

  it('is not made use of for a program that only embeds a cluster: it is told everything at once', async () => {
    aptGet();
    const env = { PATH: join(folder, 'bin'), GREGOR_CACHE: join(folder, 'cache') };
    const attempt = requireZooKeeper({ env, say: (line) => said.push(line), mayInstall: false });
    await expect(attempt).rejects.toThrow(/^Java \(ZooKeeper needs it\).* missing.*default-jre-headless/);
    expect(said).toEqual([]);
    expect(() => aptCalls()).toThrow(/ENOENT/);
  });
});
