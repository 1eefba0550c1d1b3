import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerControl } from '../../../../coordinator/faults/docker-control';

interface Container {
  State: { Status: string; Health?: { Status: string } };
  networks: string[];
  Labels: Record<string, string>;
}

/** As much of the Docker Engine's interface as faults use, on a socket of its own; a network knows who is on it by name. */
class EngineInMemory {
  readonly asked: string[] = [];
  readonly containers = new Map<string, Container>();
  readonly networks: { Name: string; Labels: Record<string, string> }[] = [];
  failure: string | null = null;
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  constructor(readonly socketPath: string) {}

  start(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.socketPath, resolve));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const url = decodeURIComponent(request.url ?? '');
    const path = url.split('?')[0] as string;
    if (request.method === 'POST') this.asked.push(path.startsWith('/networks') ? `${path} ${body}` : url);
    const reply = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (this.failure !== null) return reply(500, { message: this.failure });
    if (path === '/networks') return reply(200, this.networks);
    if (path.startsWith('/networks/')) return reply(200, {});
    const inspected = /^\/containers\/([^/]+)\/json$/.exec(path);
    if (!inspected) return void response.writeHead(204).end();
    const container = this.containers.get(inspected[1] as string);
    if (!container) return reply(404, { message: 'No such container' });
    const { State, Labels, networks } = container;
    const Networks = Object.fromEntries(networks.map((name) => [name, {}]));
    return reply(200, { Id: `id-of-${inspected[1]}`, State, Config: { Labels }, NetworkSettings: { Networks } });
  }
}

describe('faults through Docker', () => {
  let folder: string;
  let engine: EngineInMemory;
  let control: DockerControl;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gregor-docker-'));
    engine = new EngineInMemory(join(folder, 'engine'));
    const running = (...networks: string[]): Container => ({ State: { Status: 'running' }, networks, Labels: {} });
    engine.containers.set('zookeeper', running('link-1', 'link-2'));
    engine.containers.set('kafka', {
      ...running('front', 'link-1'),
      Labels: { 'com.docker.compose.service': 'kafka', 'gregor.link.alias': 'kafka-replication' },
    });
    engine.containers.set('kafka2', running('front'));
    engine.containers.set('innocent', running('front'));
    for (const id of [1, 2])
      engine.networks.push({ Name: `link-${id}`, Labels: { 'gregor.link': `broker-${id}:zookeeper` } });
    await engine.start();
    const containers = ['zookeeper=zookeeper', '1=kafka', '2=kafka2', '3=kafka3'];
    control = new DockerControl({ socketPath: engine.socketPath, containers });
  });

  afterEach(() => {
    engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const states = async (): Promise<string[]> => (await control.targets()).map(({ id, state }) => `${id} ${state}`);

  it('tells the containers that it was given, and the links that have a network', async () => {
    expect(await states()).toEqual([
      'zookeeper running',
      'broker-1 running',
      'broker-2 running',
      'broker-3 unknown',
      'link:broker-1:zookeeper whole',
      'link:broker-2:zookeeper cut',
    ]);
    expect(control.note).toContain('containers zookeeper, kafka, kafka2, kafka3, and no others');
    expect(control.note).toContain('Links are cut by');
  });

  it.each([
    ['running', undefined, 'running'],
    ['running', 'starting', 'starting'],
    ['running', 'unhealthy', 'running'],
    ['paused', undefined, 'paused'],
    ['restarting', undefined, 'starting'],
    ['exited', undefined, 'stopped'],
    ['created', undefined, 'stopped'],
    ['dead', undefined, 'stopped'],
  ])('takes a container that is %s (health %s) as %s', async (Status, health, state) => {
    const State = { Status, ...(health === undefined ? {} : { Health: { Status: health } }) };
    engine.containers.set('kafka2', { State, networks: [], Labels: {} });
    expect(await states()).toContain(`broker-2 ${state}`);
  });

  it('does to a container what it is asked to', async () => {
    for (const action of ['kill', 'stop', 'pause', 'resume', 'restart', 'start'] as const) {
      await control.perform('broker-1', action);
    }
    expect(engine.asked).toEqual([
      '/containers/kafka/kill',
      '/containers/kafka/stop?t=60',
      '/containers/kafka/pause',
      '/containers/kafka/unpause',
      '/containers/kafka/restart?t=60',
      '/containers/kafka/start',
    ]);
  });

  it('cuts a link by taking the broker off its network, and heals it under the names that it had', async () => {
    await control.perform('link:broker-1:zookeeper', 'cut');
    await control.perform('link:broker-1:zookeeper', 'heal');
    expect(engine.asked).toEqual([
      '/networks/link-1/disconnect {"Container":"id-of-kafka","Force":true}',
      '/networks/link-1/connect {"Container":"id-of-kafka","EndpointConfig":{"Aliases":["kafka","kafka-replication"]}}',
    ]);
  });

  it('cuts two brokers off each other where a network joins them', async () => {
    const link = 'link:broker-1:broker-2';
    engine.networks.push({ Name: 'link-1-2', Labels: { 'gregor.link': 'broker-1:broker-2' } });
    for (const name of ['kafka', 'kafka2']) engine.containers.get(name)?.networks.push('link-1-2');
    expect(await states()).toContain(`${link} whole`);
    await control.perform(link, 'cut');
    expect(engine.asked).toEqual(['/networks/link-1-2/disconnect {"Container":"id-of-kafka","Force":true}']);
    engine.containers.get('kafka')?.networks.pop();
    expect(await states()).toContain(`${link} cut`);
  });

  it('touches neither containers nor networks of others', async () => {
    engine.networks.push(
      { Name: 'foreign', Labels: { 'gregor.link': 'broker-1:broker-2' } },
      { Name: 'misspelt', Labels: { 'gregor.link': 'broker-1/../innocent' } },
    );
    expect((await states()).filter((text) => text.startsWith('link'))).toHaveLength(2);
    await expect(control.perform('link:broker-1:broker-2', 'cut')).rejects.toThrow('no network is labelled');
    await expect(control.perform('broker-9', 'kill')).rejects.toThrow('names no container for broker-9');
    await expect(control.perform('innocent', 'kill')).rejects.toThrow('names no container for innocent');
    expect(engine.asked).toEqual([]);
  });

  it('offers no links where there are no networks for them, and says why', async () => {
    engine.networks.length = 0;
    expect((await states()).filter((text) => text.startsWith('link'))).toEqual([]);
    expect(control.note).toContain('Links cannot be cut here');
  });

  it('passes on what the engine says, and names its socket when nobody answers there', async () => {
    engine.failure = 'the engine is out of order';
    await expect(control.targets()).rejects.toThrow('the engine is out of order');
    engine.stop();
    await expect(control.targets()).rejects.toThrow(engine.socketPath);
  });

  it.each(['kafka', '1=', '=kafka', 'one=kafka', '1=../kafka', '1=a b'])('refuses the entry %p', (entry) => {
    const make = (): DockerControl => new DockerControl({ socketPath: engine.socketPath, containers: [entry] });
    expect(make).toThrow(/docker\.containers.*an entry is zookeeper=name or <broker id>=name/);
  });
});
