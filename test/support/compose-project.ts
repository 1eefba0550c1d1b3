/**
 * The compose files as a user runs them, in a project of their own: on free ports, with base images made on this machine,
 * and with every container, volume and network removed at the end.
 */
import Docker from 'dockerode';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { systemClock } from '../../runtime/clock';
import { makeBaseImages } from '../../supervisor/docker-base-images';
import { DockerEngine, requireDocker } from '../../supervisor/docker-engine';
import { freePorts } from '../../supervisor/ports';
import { requireZooKeeper } from '../../supervisor/zookeeper-prerequisites';
import { fourLetterWord } from '../../supervisor/zookeeper-process';
import { eventually } from './eventually';
import { kafkaClasspath } from './kafka-jars';

const composeDirectory = join(__dirname, '..', '..', 'compose');
const services = ['zookeeper', 'kafka', 'kafka2', 'kafka3', 'coordinator', 'apache-kafka'] as const;
export type Service = (typeof services)[number];

const PROJECT = 'gregor-test';
const HEALTHY_TIMEOUT_MS = 60_000;

export interface ContainerState {
  status: string;
  health: string;
  exitCode: number;
  startedAt: string;
}

interface DockerEvent {
  status: string;
  Actor: { Attributes: Record<string, string> };
}

export class ComposeProject {
  private files: readonly string[] = [];

  private constructor(
    readonly engine: DockerEngine,
    /** Ports of this machine. */
    readonly ports: Readonly<Record<Service, number>>,
    private readonly variables: NodeJS.ProcessEnv,
    private readonly directory: string,
  ) {}

  /** Brings up an engine where none runs, makes the base images and builds ours. */
  static async prepare(): Promise<ComposeProject> {
    const say = (line: string): void => console.log(line);
    await requireDocker(say);
    const { java, installation } = await requireZooKeeper({ say: () => undefined });
    const engine = await DockerEngine.use(systemClock);
    const directory = mkdtempSync(join(tmpdir(), 'gregor-compose-'));
    try {
      await refuseStrangers(engine);
      const base = await makeBaseImages(engine, {
        java,
        zooKeeperClasspath: installation.classpath,
        kafkaClasspath: await kafkaClasspath(),
      });
      const numbers = await freePorts(services.length);
      const ports = Object.fromEntries(services.map((name, at) => [name, numbers[at]])) as Record<Service, number>;
      const variables = {
        COMPOSE_PROJECT_NAME: PROJECT,
        NODE_IMAGE: base.node,
        ZOOKEEPER_IMAGE: base.zookeeper,
        APACHE_KAFKA_IMAGE: base.apacheKafka,
        GREGOR_IMAGE: `${PROJECT}:latest`,
        GREGOR_ZOOKEEPER_IMAGE: `${PROJECT}-on-zookeeper:latest`,
        GREGOR_APACHE_KAFKA_IMAGE: `${PROJECT}-on-apache-kafka:latest`,
        ZOOKEEPER_PORT: String(ports.zookeeper),
        KAFKA_PORT: String(ports.kafka),
        KAFKA2_PORT: String(ports.kafka2),
        KAFKA3_PORT: String(ports.kafka3),
        COORDINATOR_PORT: String(ports.coordinator),
        APACHE_KAFKA_PORT: String(ports['apache-kafka']),
        DOCKER_SOCKET: engine.socket,
      };
      return new ComposeProject(engine, ports, variables, directory);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      await engine.stop();
      throw error;
    }
  }

  /** Builds one image each for these services, with these files beside compose.yaml. */
  async build(of: readonly Service[], extraFiles: readonly string[] = []): Promise<void> {
    this.use(extraFiles);
    // A build may have no network of its own where the machine has one, e.g. behind a proxy on loopback.
    await this.compose(['-f', this.override('build', of, { build: { network: 'host' } }), 'build', ...of]);
  }

  /** A further file for compose that says the same of several services. JSON is YAML. */
  override(name: string, of: readonly string[], content: object): string {
    const file = join(this.directory, `${name}.yaml`);
    writeFileSync(file, JSON.stringify({ services: Object.fromEntries(of.map((service) => [service, content])) }));
    return file;
  }

  /** The files that calls of compose name from now on, beside compose.yaml. */
  use(extraFiles: readonly string[]): void {
    this.files = extraFiles;
  }

  /** `up -d` and, unless told otherwise, waits until every container is healthy. Gives the milliseconds that it took. */
  async up(wanted: readonly Service[]): Promise<number> {
    const startMs = performance.now();
    await this.compose(['up', '-d', '--no-build']);
    await Promise.all(wanted.map((service) => this.healthy(service)));
    return Math.round(performance.now() - startMs);
  }

  async down(...options: string[]): Promise<void> {
    await this.compose(['down', '--remove-orphans', ...options]);
  }

  compose(args: readonly string[]): Promise<string> {
    const files = ['compose.yaml', ...this.files].flatMap((file) => ['-f', file]);
    return this.engine.compose([...files, ...args], composeDirectory, this.variables);
  }

  async healthy(service: Service): Promise<void> {
    try {
      await eventually(
        `${service} healthy`,
        async () => (await this.state(service)).health === 'healthy',
        HEALTHY_TIMEOUT_MS,
      );
    } catch (error) {
      const state = JSON.stringify(await this.state(service));
      throw new Error(`${(error as Error).message}: ${state}\n${await this.logs(service)}`, { cause: error });
    }
  }

  async state(service: Service): Promise<ContainerState> {
    const { State: state } = await this.container(service).inspect();
    const { Status: status, Health: health, ExitCode: exitCode, StartedAt: startedAt } = state;
    return { status, health: health?.Status ?? 'none', exitCode, startedAt };
  }

  /**
   * Collects from now on which containers start and become healthy, in the order in which it happens. What it gives is to be
   * called with the number of such events that there must have been, and waits for the last of them to arrive.
   */
  async watchStarts(): Promise<(count: number) => Promise<string[]>> {
    const docker = new Docker({ socketPath: this.engine.socket });
    const filters = { event: ['start', 'health_status'], label: [`com.docker.compose.project=${PROJECT}`] };
    const stream = (await docker.getEvents({ filters: JSON.stringify(filters) })) as Readable;
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const seen = (): string[] => text.split('\n').filter((line) => line.trim() !== '');
    return async (count) => {
      await eventually(`${count} starts and health checks`, () => seen().length >= count).finally(() =>
        stream.destroy(),
      );
      return seen().map((line) => {
        const { status, Actor: actor } = JSON.parse(line) as DockerEvent;
        return `${actor.Attributes['name']} ${status.replace('health_status: ', '')}`;
      });
    };
  }

  /** Both output streams of a container, the last lines. */
  async logs(service: Service): Promise<string> {
    const frames = await this.container(service).logs({ stdout: true, stderr: true, tail: 40 });
    return textOf(frames as unknown as Buffer);
  }

  /** Runs a command in a container; rejects when it fails. */
  exec(service: Service, ...command: string[]): Promise<string> {
    return this.engine.docker(['exec', service, ...command]);
  }

  /** A container that comes and goes, on the network of the others. */
  runOnce(image: string, ...command: string[]): Promise<string> {
    return this.engine.docker(['run', '--rm', '--network', `${PROJECT}_default`, image, ...command]);
  }

  /** `docker exec -it`: types the lines at a terminal and gives what it shows until the shell ends. */
  async type(service: Service, shell: string, lines: readonly string[]): Promise<string> {
    const session = await this.container(service).exec({
      Cmd: [shell],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
    });
    const terminal = await session.start({ hijack: true, stdin: true, Tty: true });
    let shown = '';
    terminal.pipe(new PassThrough()).on('data', (chunk: Buffer) => (shown += chunk.toString()));
    for (const line of lines) terminal.write(`${line}\n`);
    terminal.write('exit\n');
    await eventually('the shell ended', async () => !(await session.inspect()).Running, HEALTHY_TIMEOUT_MS);
    terminal.destroy();
    return shown;
  }

  /** The image of brokers, tools and coordinator. */
  get image(): string {
    return this.variables['GREGOR_IMAGE'] as string;
  }

  /** What our image adds to its base. */
  async bytesAboveBase(): Promise<number> {
    const sizes = [this.image, this.variables['NODE_IMAGE'] as string].map((image) =>
      this.engine.docker(['image', 'inspect', '--format', '{{.Size}}', image]),
    );
    const [ours, base] = await Promise.all(sizes);
    return Number(ours) - Number(base);
  }

  /** The answer to one of ZooKeeper's four-letter words, asked from this machine. */
  zooKeeperSays(word: string): Promise<string> {
    return fourLetterWord(this.ports.zookeeper, word);
  }

  async removeVolume(name: string): Promise<void> {
    await this.engine.docker(['volume', 'rm', `${PROJECT}_${name}`]);
  }

  container(service: Service): Docker.Container {
    return new Docker({ socketPath: this.engine.socket }).getContainer(service);
  }

  /** Takes everything away again. Images stay where the engine keeps them, so that the next run need not build them. */
  async end(): Promise<void> {
    try {
      await this.down('--volumes');
      // Stages of builds that nothing uses any more; those of the last day make the next build quick.
      if (this.engine.isOurs) await this.engine.docker(['system', 'prune', '--force', '--filter', 'until=24h']);
    } finally {
      await this.engine.stop();
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}

/** The Engine frames output: a byte for the stream, three of nothing, four for the length, then as much text. */
function textOf(frames: Buffer): string {
  const texts: string[] = [];
  for (let at = 0; at + 8 <= frames.length;) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    texts.push(frames.toString('utf8', at + 8, end));
    at = end;
  }
  return texts.join('');
}

/** The names of the containers are fixed (people type them), so there can be one such cluster per engine. */
async function refuseStrangers(engine: DockerEngine): Promise<void> {
  const format = '{{.Names}} {{.Label "com.docker.compose.project"}}';
  for (const line of (await engine.docker(['ps', '-a', '--format', format])).trim().split('\n')) {
    const [name, project] = line.split(' ');
    if (services.some((service) => service === name) && project !== PROJECT)
      throw new Error(`A container "${name}" exists that is not the tests'; please remove it or take down its cluster`);
  }
}

export interface HttpAnswer {
  status: number;
  body: string;
}

/** One request to a port of this machine; rejects when nobody answers. */
export function ask(port: number, path: string, options: { token?: string; post?: object } = {}): Promise<HttpAnswer> {
  const text = options.post === undefined ? undefined : JSON.stringify(options.post);
  const headers = {
    ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
  };
  return new Promise((resolve, reject) => {
    const call = request({ port, path, host: '127.0.0.1', method: text ? 'POST' : 'GET', headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    call.once('error', reject).end(text);
  });
}
