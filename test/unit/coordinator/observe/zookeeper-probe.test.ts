import { createServer, type AddressInfo, type Server } from 'node:net';
import { createZooKeeperProbe } from '../../../../coordinator/observe/zookeeper-probe';
import type { ZooKeeperServerView } from '../../../../coordinator/schemas';
import { systemClock } from '../../../../runtime/clock';
import { silentLogger } from '../../../../runtime/logger';
import { TaskGroup } from '../../../../runtime/task-group';
import { eventually } from '../../../support/eventually';

type Word = 'ruok' | 'mntr' | 'srvr';

const answers: Record<Word, string> = {
  ruok: 'imok',
  mntr: 'zk_version\t3.8.4-x\nzk_server_state\tstandalone\nzk_znode_count\t5\n',
  srvr: 'Zookeeper version: 3.8.4-x\nMode: standalone\nNode count: 5\n',
};

/** Speaks the words that are allowed; refuses the others as ZooKeeper does; says nothing at all while it hangs. */
class TalkingServer {
  readonly asked: string[] = [];
  hangs = false;
  private readonly server: Server;

  constructor(public allowed: Word[]) {
    this.server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const word = chunk.toString() as Word;
        this.asked.push(word);
        if (this.hangs) return;
        const refusal = `${word} is not executed because it is not in the whitelist.\n`;
        socket.end(this.allowed.includes(word) ? answers[word] : refusal);
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<unknown> {
    return new Promise((resolve) => this.server.close(resolve));
  }
}

describe('what the coordinator asks ZooKeeper’s servers', () => {
  let server: TalkingServer;
  let tasks: TaskGroup;
  let rounds: number;

  /** Gives what is known of the first server after the next whole round. */
  const probing = (connectString: string, timeoutMs = 2_000): (() => Promise<ZooKeeperServerView>) => {
    const probe = createZooKeeperProbe({
      connectString,
      intervalMs: 20,
      timeoutMs,
      clock: systemClock,
      logger: silentLogger,
      tasks,
    });
    rounds = 0;
    probe.onUpdate(() => rounds++);
    expect(probe.servers()[0]).toMatchObject({ state: 'unknown', checkedAtMs: null, figuresFrom: 'none' });
    return async () => {
      const before = rounds;
      await eventually('a round of questions', () => rounds > before + 1);
      return probe.servers()[0] as ZooKeeperServerView;
    };
  };

  beforeEach(() => {
    tasks = new TaskGroup('test', systemClock, silentLogger);
  });

  afterEach(async () => {
    await tasks.stop();
    await server.close();
  });

  it('is ruok and mntr where both are allowed', async () => {
    server = new TalkingServer(['ruok', 'mntr', 'srvr']);
    const address = await server.listen();
    const view = await probing(`${address}/kafka`)();
    expect(view).toMatchObject({ address, state: 'answers', ruok: true, figuresFrom: 'mntr', znodes: 5, error: null });
    expect(view.answerMs).toBeGreaterThan(0);
    expect(server.asked).not.toContain('srvr');
  });

  it('is srvr where only that is allowed, as by default, and the others not over and over', async () => {
    server = new TalkingServer(['srvr']);
    const next = probing(await server.listen());
    expect(await next()).toMatchObject({ state: 'answers', ruok: null, figuresFrom: 'srvr', mode: 'standalone' });
    await next();
    expect(server.asked.filter((word) => word !== 'srvr')).toEqual(['ruok', 'mntr']);
  });

  it('shows as not allowed, with nothing known, where no word is', async () => {
    server = new TalkingServer([]);
    expect(await probing(await server.listen())()).toMatchObject({
      state: 'not-allowed',
      ruok: null,
      figuresFrom: 'none',
      mode: null,
      error: null,
    });
  });

  it('shows as unreachable when the server hangs, and as answering when it goes on', async () => {
    server = new TalkingServer(['ruok', 'mntr']);
    const next = probing(await server.listen(), 50);
    await next();
    server.hangs = true;
    expect(await next()).toMatchObject({
      state: 'unreachable',
      ruok: null,
      znodes: null,
      answerMs: null,
      error: 'no answer within 50 ms',
    });
    server.hangs = false;
    expect(await next()).toMatchObject({ state: 'answers', ruok: true, znodes: 5 });
  });

  it('shows as unreachable where nothing listens', async () => {
    server = new TalkingServer([]);
    const address = await server.listen();
    await server.close();
    const view = await probing(address)();
    expect(view).toMatchObject({ state: 'unreachable', ruok: null });
    expect(view.error).toContain('ECONNREFUSED');
  });

  it('asks again for a word that was refused when the server has been away', async () => {
    server = new TalkingServer(['srvr']);
    const next = probing(await server.listen(), 50);
    await next();
    server.hangs = true;
    await next();
    server.hangs = false;
    server.allowed = ['ruok', 'mntr', 'srvr'];
    expect(await next()).toMatchObject({ figuresFrom: 'mntr', ruok: true });
  });
});
