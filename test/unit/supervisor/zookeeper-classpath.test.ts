import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findZooKeeper, mavenZooKeeper } from '../../../supervisor/zookeeper-classpath';

const debianNames = ['zookeeper.jar', 'zookeeper-jute.jar', 'slf4j-api.jar', 'slf4j-simple.jar', 'commons-cli.jar'];
const moreDebianNames = ['metrics-core.jar', 'snappy-java.jar', 'netty-handler.jar', 'netty-transport.jar'];
const nettyNames = ['netty-buffer.jar', 'netty-common.jar'];

describe('the search for a ZooKeeper', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gregor-classpath-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (...path: string[]): string => {
    const full = join(folder, ...path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, '');
    return full;
  };
  const search = (env: NodeJS.ProcessEnv) =>
    findZooKeeper({ env: { PATH: '', ...env }, debianJars: join(folder, 'debian'), say: () => undefined });

  const installDebianPackage = (): void => {
    for (const name of [...debianNames, ...moreDebianNames, ...nettyNames]) file('debian', name);
    symlinkSync('zookeeper.jar', join(folder, 'debian', 'zookeeper-3.8.0.jar'));
  };

  it('takes ZOOKEEPER_HOME before everything else, with its own logging configuration first', async () => {
    installDebianPackage();
    file('home', 'lib', 'zookeeper-3.9.3.jar');
    file('home', 'conf', 'logback.xml');
    const found = await search({ ZOOKEEPER_HOME: join(folder, 'home') });
    expect(found.version).toBe('3.9.3');
    expect(found.source).toContain('ZOOKEEPER_HOME');
    expect(found.classpath.startsWith(join(folder, 'home', 'conf'))).toBe(true);
  });

  it('says what is wrong with a ZOOKEEPER_HOME that holds no ZooKeeper, instead of taking another', async () => {
    installDebianPackage();
    await expect(search({ ZOOKEEPER_HOME: folder })).rejects.toThrow(/ZOOKEEPER_HOME is .* holds a zookeeper-3/);
  });

  it("takes Debian's package next and reads its version from the link", async () => {
    installDebianPackage();
    const found = await search({ GREGOR_CACHE: join(folder, 'cache') });
    expect(found).toMatchObject({ version: '3.8.0', source: expect.stringContaining("Debian's package") });
  });

  it("does not take Debian's package when one of the jars it needs is missing", async () => {
    installDebianPackage();
    rmSync(join(folder, 'debian', 'snappy-java.jar'));
    mkdirSync(join(folder, 'cache', mavenZooKeeper.name), { recursive: true });
    const found = await search({ GREGOR_CACHE: join(folder, 'cache') });
    expect(found.source).toContain('Maven');
  });

  it('takes what Maven resolved earlier from the cache without asking Maven again', async () => {
    mkdirSync(join(folder, 'xdg', 'gregor', mavenZooKeeper.name), { recursive: true });
    const found = await search({ XDG_CACHE_HOME: join(folder, 'xdg') });
    expect(found).toMatchObject({ version: '3.8.4', source: expect.stringContaining('Maven') });
  });

  it('tells in one line why Maven could not give one', async () => {
    const output = '\\033[0m[ERROR] No plugin found for prefix\\n[ERROR] \\n[ERROR] To see the full stack trace';
    writeFileSync(join(folder, 'mvn'), `#!/bin/sh\nprintf '${output}'\nexit 1\n`, { mode: 0o755 });
    const env = { GREGOR_CACHE: join(folder, 'cache'), PATH: `${folder}${delimiter}${process.env['PATH']}` };
    await expect(search(env)).rejects.toThrow(
      /^No ZooKeeper was found: .*Maven could not resolve zookeeper-3\.8\.4: No plugin found for prefix$/,
    );
  });
});
