import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../runtime/clock';
import { ManagedProcess } from '../../../supervisor/managed-process';
import { waitUntil } from '../../../supervisor/wait-until';

jest.setTimeout(30_000);

const compiled = join(__dirname, '..', '..', '..', 'dist');

describe('a managed process', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gregor-process-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (script: string): ManagedProcess => {
    const spec = { name: 'shell', command: 'sh', args: ['-c', script], logFile: join(folder, 'log') };
    return ManagedProcess.start(spec, systemClock);
  };
  const hasSaid = (child: ManagedProcess, text: string): Promise<true> =>
    waitUntil(() => (child.output().includes(text) ? true : null), { what: text, timeoutMs: 5000, clock: systemClock });

  it('ends orderly on stop when it can', async () => {
    const child = start("trap 'echo bye; exit 3' TERM; echo ready; while true; do sleep 0.05; done");
    await hasSaid(child, 'ready');
    expect(await child.stop()).toEqual({ code: 3, signal: null });
    expect(child.describeEnd()).toMatch(/shell ended with exit code 3[\s\S]*bye/);
  });

  it('is killed when it does not end in time, also while it is paused', async () => {
    const child = start("trap '' TERM; echo ready; while true; do sleep 0.05; done");
    await hasSaid(child, 'ready');
    child.pause();
    expect(await child.stop(100)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('shows a program that does not exist as ended, and says so', async () => {
    const spec = { name: 'nothing', command: join(folder, 'no-such'), args: [], logFile: join(folder, 'log') };
    const child = ManagedProcess.start(spec, systemClock);
    await child.ended;
    expect(child.running).toBe(false);
    expect(child.describeEnd()).toContain('nothing could not be started');
  });

  it('does not outlive a parent that is killed', async () => {
    const pidFile = join(folder, 'pid');
    const script = `
      const { ManagedProcess } = require('${compiled}/supervisor/managed-process.js');
      const { systemClock } = require('${compiled}/runtime/clock.js');
      const spec = { name: 'sleep', command: 'sleep', args: ['60'], logFile: '${folder}/log' };
      require('node:fs').writeFileSync('${pidFile}', String(ManagedProcess.start(spec, systemClock).pid));
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: 'inherit' });
    const readPid = (): number | null => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) || null : null);
    const pid = await waitUntil(readPid, { what: 'the parent had a child', timeoutMs: 10_000, clock: systemClock });
    parent.kill('SIGKILL');
    const gone = (): true | null => {
      try {
        process.kill(pid, 0);
        // A zombie whose new parent does not wait for it still has a number, but runs no more.
        return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) ? true : null;
      } catch {
        return true;
      }
    };
    expect(await waitUntil(gone, { what: 'the child was gone', timeoutMs: 5000, clock: systemClock })).toBe(true);
  });
});
