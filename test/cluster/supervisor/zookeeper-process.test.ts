import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findZooKeeper } from '../../../supervisor/zookeeper-classpath';
import { fourLetterWord, ZooKeeperProcess } from '../../../supervisor/zookeeper-process';
import { eventuallyPasses } from '../../support/eventually';

jest.setTimeout(120_000);

describe('a real ZooKeeper as a process', () => {
  let folder: string;
  let server: ZooKeeperProcess | undefined;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gregor-zookeeper-'))));
  afterEach(async () => {
    await server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers srvr on the port it was given when start resolves, and says which source it took', async () => {
    const said: string[] = [];
    server = await ZooKeeperProcess.start({ directory: folder, sync: false, say: (line) => said.push(line) });
    expect(await fourLetterWord(server.port, 'srvr')).toContain('Mode: standalone');
    const { version, source } = await findZooKeeper({ say: () => undefined });
    expect(said.at(-1)).toBe(`ZooKeeper ${version} from ${source}`);
  });

  it('keeps its port over kill -9, start, restart and stop', async () => {
    server = await ZooKeeperProcess.start({ directory: folder, sync: false });
    const { port, pid } = server;
    await server.kill();
    expect(server.running).toBe(false);
    await server.start();
    expect(server.pid).not.toBe(pid);
    await server.restart();
    expect(await fourLetterWord(port, 'ruok')).toBe('imok');
    await server.stop();
    expect(await fourLetterWord(port, 'ruok')).toBe('');
  });

  it('answers nothing while paused and everything after', async () => {
    const { port } = (server = await ZooKeeperProcess.start({ directory: folder, sync: false }));
    server.pause();
    // The signal reaches the last of its threads a moment later.
    await eventuallyPasses(async () => expect(await fourLetterWord(port, 'ruok')).toBe(''));
    server.resume();
    expect(await fourLetterWord(server.port, 'ruok')).toBe('imok');
  });

  it('tells why it ended when its configuration is refused', async () => {
    const start = ZooKeeperProcess.start({ directory: folder, settings: { tickTime: 'soon' } });
    await expect(start).rejects.toThrow(/ended with exit code 2[\s\S]*For input string: "soon"/);
    expect(readFileSync(join(folder, 'zookeeper.properties'), 'utf8')).toContain('admin.enableServer=false');
  });

  it('refuses a port that is taken', async () => {
    server = await ZooKeeperProcess.start({ directory: join(folder, 'first'), sync: false });
    const second = ZooKeeperProcess.start({ directory: join(folder, 'second'), port: server.port });
    await expect(second).rejects.toThrow(`something else answers on 127.0.0.1:${server.port}`);
  });

  it('runs from the jars that Maven resolves as well', async () => {
    const say = (): void => undefined;
    const { classpath } = await findZooKeeper({
      debianJars: '/nowhere',
      env: { ...process.env, ZOOKEEPER_HOME: '' },
      say,
    });
    const env = { ...process.env, ZOOKEEPER_HOME: classpath.replace(/\/\*$/, '') };
    server = await ZooKeeperProcess.start({ directory: folder, sync: false, env });
    expect(await fourLetterWord(server.port, 'srvr')).toContain('Zookeeper version: 3.8.4');
  });
});
