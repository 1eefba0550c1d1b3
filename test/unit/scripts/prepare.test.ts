import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { systemClock } from '../../../runtime/clock';
import { waitUntil } from '../../../supervisor/wait-until';

jest.setTimeout(60_000);

const scripts = join(__dirname, '..', '..', '..', 'scripts');

/** Does what it is asked for in the moment; while there is a file `hang` it writes its process id there and waits until the clone is gone. */
const fakeNpm = `#!/bin/sh
echo "$1" >> npm-calls
if [ -f hang ]; then echo $$ > hang; while [ -d scripts ]; do sleep 1; done; exit 1; fi
case $1 in
  ci) mkdir -p node_modules && echo '{"packages": {}}' > node_modules/.package-lock.json ;;
  run) mkdir -p dist && touch dist/.tsbuildinfo; test ! -f errors ;;
esac
`;

describe('making a fresh clone ready', () => {
  let clone: string;
  const inClone = (...path: string[]): string => join(clone, ...path);
  const npmCalls = (): string[] => readFileSync(inClone('npm-calls'), 'utf8').trim().split('\n');

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'gregor-clone-'));
    for (const folder of ['scripts', 'fake']) mkdirSync(inClone(folder));
    for (const file of ['prepare.mjs', 'lock.mjs']) copyFileSync(join(scripts, file), inClone('scripts', file));
    writeFileSync(inClone('package-lock.json'), '{"packages": {"": {}}}');
    writeFileSync(inClone('tsconfig.json'), '{}');
    writeFileSync(inClone('fake', 'npm'), fakeNpm);
    chmodSync(inClone('fake', 'npm'), 0o755);
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  const prepare = () => {
    const PATH = `${inClone('fake')}${delimiter}${process.env['PATH']}`;
    const child = spawn(process.execPath, [inClone('scripts', 'prepare.mjs')], { env: { ...process.env, PATH } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)));
    const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, said })),
    );
    return { child, ended, said: () => said };
  };
  const npmHangs = (): Promise<number> =>
    waitUntil(() => Number(readFileSync(inClone('hang'), 'utf8')) || null, {
      what: 'npm had been started',
      timeoutMs: 20_000,
      clock: systemClock,
    });
  const isRunning = (pid: number): boolean => {
    try {
      return /^State:\s+[^ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  it('installs and builds once, also for commands that start together, and then never again', async () => {
    const together = await Promise.all([prepare().ended, prepare().ended, prepare().ended]);
    expect(together.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(npmCalls()).toEqual(['ci', 'run']);
    expect(await prepare().ended).toEqual({ code: 0, said: '' });
    expect(npmCalls()).toEqual(['ci', 'run']);
  });

  it('ends at once at Ctrl-C, with npm, and the next command does what is missing', async () => {
    writeFileSync(inClone('hang'), '');
    const first = prepare();
    const npm = await npmHangs();
    first.child.kill('SIGINT');
    const { code, said } = await first.ended;
    expect(said).toContain('Interrupted. The next start does what is still missing.');
    expect(code).toBe(1);
    expect(isRunning(npm)).toBe(false);
    rmSync(inClone('hang'));
    const second = await prepare().ended;
    expect(second.said).not.toContain('waiting');
    expect(second.code).toBe(0);
    expect(existsSync(inClone('dist', '.tsbuildinfo'))).toBe(true);
  });

  it('does not wait for a command that was killed while it built', async () => {
    writeFileSync(inClone('hang'), '');
    const first = prepare();
    const npm = await npmHangs();
    first.child.kill('SIGKILL');
    process.kill(-npm, 'SIGKILL');
    await first.ended;
    rmSync(inClone('hang'));
    expect((await prepare().ended).code).toBe(0);
  });

  it('waits for a command that is still building, and says so', async () => {
    writeFileSync(inClone('hang'), '');
    const first = prepare();
    const npm = await npmHangs();
    const second = prepare();
    await waitUntil(() => second.said().includes('Another command is building; waiting for it …') || null, {
      what: 'the second command said that it waits',
      timeoutMs: 20_000,
      clock: systemClock,
    });
    expect(npmCalls()).toEqual(['ci']);
    rmSync(inClone('hang'));
    process.kill(-npm, 'SIGKILL');
    expect((await first.ended).code).toBe(1);
    expect((await second.ended).code).toBe(0);
  });

  it('does not take for built what was built with errors', async () => {
    writeFileSync(inClone('errors'), '');
    for (const attempt of ['first', 'second']) {
      const { code, said } = await prepare().ended;
      expect(`${attempt}: ${code}, ${said.split('\n').at(-2)}`).toBe(`${attempt}: 1, npm run --silent build failed`);
    }
    rmSync(inClone('errors'));
    expect((await prepare().ended).code).toBe(0);
  });

  it('installs anew where npm was cut off while it noted down what it had installed', async () => {
    mkdirSync(inClone('node_modules'));
    writeFileSync(inClone('node_modules', '.package-lock.json'), '{"packages": {"node_mod');
    const { said } = await prepare().ended;
    expect(said).toContain('Installing the dependencies (npm ci) …');
  });
});
