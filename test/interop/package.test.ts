import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../../supervisor/ports';
import { eventually } from '../support/eventually';

jest.setTimeout(300_000);

const run = promisify(execFile);
const root = join(__dirname, '..', '..');
const STEP_TIMEOUT_MS = 120_000;

/** Starts a cluster, sends a record through it, closes it; nothing calls process.exit, so that an open handle would show. */
const body = (options: string): string => `
  const cluster = await startCluster(${options});
  const kafka = new Kafka({ brokers: [...cluster.addresses], logLevel: 0 });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 'greetings', messages: [{ value: 'hello' }] });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: 'readers' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'greetings', fromBeginning: true });
  const value = await new Promise((resolve) =>
    consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) }));
  await consumer.disconnect();
  await cluster.close();
`;

describe('the package, installed from its tarball into an empty project', () => {
  let folder: string;
  let project: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gregor-package-'));
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: root,
    });
    const [packed] = JSON.parse(stdout) as [{ filename: string }];
    project = join(folder, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true }));
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.filename)];
    await run('npm', install, { cwd: project, timeout: STEP_TIMEOUT_MS });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, text: string): string => {
    const path = join(project, name);
    writeFileSync(path, text);
    return path;
  };
  const node = (...args: string[]) => run(process.execPath, args, { cwd: project, timeout: STEP_TIMEOUT_MS });

  it('gives startCluster to an ES module, whose process ends by itself after close()', async () => {
    const imports = "import { startCluster } from 'gregor';\nimport { Kafka } from 'kafkajs';\n";
    const { stdout } = await node(file('example.mjs', `${imports}${body('')}console.log(value);`));
    expect(stdout).toBe('hello\n');
  });

  it('gives startCluster to a CommonJS module, with brokers as processes', async () => {
    const requires = "const { startCluster } = require('gregor');\nconst { Kafka } = require('kafkajs');\n";
    const main = `(async () => {${body('{ brokers: 2, processes: true }')}console.log(value); })();`;
    const { stdout } = await node(file('example.cjs', requires + main));
    expect(stdout).toBe('hello\n');
  });

  it('works inside Jest, which ends without being forced', async () => {
    const requires = "const { startCluster } = require('gregor');\nconst { Kafka } = require('kafkajs');\n";
    file(
      'example.test.js',
      `${requires}test('a record comes back', async () => {${body('')}expect(value).toBe('hello'); }, 60000);`,
    );
    file('jest.config.js', 'module.exports = {};');
    const jestEntry = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
    const { stderr } = await node(jestEntry, '--rootDir', project);
    expect(stderr).toContain('1 passed');
    expect(stderr).not.toContain('did not exit');
  });

  it('declares its types to both kinds of modules', async () => {
    const text =
      "import { startCluster, type Cluster } from 'gregor';\nexport const c: Promise<Cluster> = startCluster({ brokers: 3 });\n";
    const files = [file('types.mts', text), file('types.cts', text)];
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--moduleResolution',
      'nodenext',
      '--target',
      'es2022',
    ];
    await expect(node(tsc, ...options, ...files)).resolves.toBeDefined();
  });

  it('brings the commands, executable, with what they need', async () => {
    const command = join(project, 'node_modules', '.bin', 'kafka-topics');
    expect(statSync(command).mode & 0o111).toBe(0o111);
    const { stdout } = await run(command, ['--version'], { cwd: project, timeout: STEP_TIMEOUT_MS });
    expect(stdout).toContain('3.9.1');
  });

  it('brings the coordinator with its dashboard and the documents that it links to', async () => {
    const [port = 0, nobody = 0] = await freePorts(2);
    const command = join(project, 'node_modules', '.bin', 'coordinator-start');
    const settings = [`http.port=${port}`, `zookeeper.connect=127.0.0.1:${nobody}`, `data.dir=${join(folder, 'data')}`];
    const overrides = settings.flatMap((setting) => ['--override', setting]);
    const properties = join(project, 'node_modules', 'gregor', 'config', 'coordinator.properties');
    const child = spawn(command, [properties, ...overrides], { cwd: project, stdio: 'ignore' });
    try {
      const page = async (path: string): Promise<string> => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`);
        if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
        return answer.text();
      };
      const index = await eventually('the dashboard', () => page('/'), STEP_TIMEOUT_MS);
      const files = [...index.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path as string);
      expect(files.length).toBeGreaterThan(5);
      for (const path of [...files, '/docs/concepts.md']) await expect(page(path)).resolves.not.toBe('');
    } finally {
      child.kill('SIGKILL');
    }
  });
});
