import type { ZooKeeperClient } from '../../../zookeeper';
import { connectForTest, startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

// Real processes on a machine that may be busy.
jest.setTimeout(60_000);

let zookeeper: TestZooKeeper;
let client: ZooKeeperClient;

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  client = await connectForTest(`${zookeeper.connectString}/operations/chroot`);
}, 60_000);

afterAll(async () => {
  await client?.close();
  await zookeeper?.stop();
});

const data = (text: string): Buffer => Buffer.from(text);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'OK',
    (error: { code: string }) => error.code,
  );

describe('operations on a real ZooKeeper, below a chroot that did not exist', () => {
  it('creates, reads, changes and deletes a node', async () => {
    const { path, stat } = await client.session.create('/a', data('1'));
    expect(path).toBe('/a');
    expect(stat).toMatchObject({ version: 0, dataLength: 1, numChildren: 0 });
    expect(stat.czxid).toBe(stat.mzxid);
    expect(Math.abs(stat.ctimeMs - Date.now())).toBeLessThan(60_000);

    const changed = await client.session.setData('/a', data('22'), 0);
    expect(changed).toMatchObject({ version: 1, dataLength: 2, czxid: stat.czxid });
    expect(await client.session.getData('/a')).toEqual({ data: data('22'), stat: changed });
    expect(await client.session.exists('/a')).toEqual(changed);
    await client.session.delete('/a', 1);
    expect(await client.session.exists('/a')).toBeNull();
  });

  it('tells null data from empty data', async () => {
    await client.session.create('/null', null);
    await client.session.create('/empty', Buffer.alloc(0));
    expect((await client.session.getData('/null')).data).toBeNull();
    expect((await client.session.getData('/empty')).data).toEqual(Buffer.alloc(0));
    await client.session.setData('/empty', null, -1);
    expect((await client.session.getData('/empty')).data).toBeNull();
  });

  it('appends ten digits to sequential nodes, and makes ephemeral ones its session’s', async () => {
    await client.session.create('/seq', null);
    const first = await client.session.create('/seq/n_', null, 'persistent-sequential');
    const second = await client.session.create('/seq/n_', null, 'ephemeral-sequential');
    expect([first.path, second.path]).toEqual(['/seq/n_0000000000', '/seq/n_0000000001']);
    expect(second.stat.ephemeralOwner).toEqual(client.session.sessionId);
    expect(first.stat.ephemeralOwner).toEqual(Buffer.alloc(8));
    expect((await client.session.getChildren('/seq')).children.toSorted()).toEqual(['n_0000000000', 'n_0000000001']);
  });

  it('names what went wrong', async () => {
    await client.session.createRecursive('/errors/child', null);
    await client.session.create('/errors/ephemeral', null, 'ephemeral');
    expect(await codeOf(client.session.create('/errors', null))).toBe('NODE_EXISTS');
    expect(await codeOf(client.session.create('/no/parent', null))).toBe('NO_NODE');
    expect(await codeOf(client.session.create('/errors/ephemeral/child', null))).toBe('NO_CHILDREN_FOR_EPHEMERALS');
    expect(await codeOf(client.session.setData('/errors', null, 5))).toBe('BAD_VERSION');
    expect(await codeOf(client.session.delete('/errors', -1))).toBe('NOT_EMPTY');
    expect(await codeOf(client.session.delete('/errors/child', 3))).toBe('BAD_VERSION');
    expect(await codeOf(client.session.getChildren('/none'))).toBe('NO_NODE');
    expect(await codeOf(client.session.getData('no slash'))).toBe('BAD_ARGUMENTS');
    await expect(client.session.getData('/none')).rejects.toThrow('ZooKeeper answered NO_NODE for /none');
  });

  it('creates missing parents with null data, and deletes whole trees', async () => {
    await client.session.createRecursive('/deep/er/est', data('x'));
    expect((await client.session.getData('/deep/er')).data).toBeNull();
    expect(await codeOf(client.session.createRecursive('/deep/er/est', null))).toBe('NODE_EXISTS');
    await client.session.createRecursive('/deep/er/est', null, { ignoreExisting: true });
    expect((await client.session.getData('/deep/er/est')).data).toEqual(data('x'));
    await Promise.all(Array.from({ length: 50 }, (_, i) => client.session.create(`/deep/er/${i}`, null)));
    await client.session.deleteRecursive('/deep');
    expect(await client.session.exists('/deep')).toBeNull();
    await client.session.deleteRecursive('/deep');
  });

  it('executes a transaction as a whole, with the result of each step', async () => {
    const outcome = await client.session.multi([
      { op: 'create', path: '/multi', data: null, mode: 'ephemeral' },
      { op: 'setData', path: '/multi', data: data('json'), version: 0 },
      { op: 'check', path: '/multi', version: 1 },
    ]);
    if (!outcome.ok) throw new Error(`refused: ${outcome.code}`);
    expect(outcome.results).toHaveLength(3);
    expect(outcome.results[0]).toEqual({ path: '/multi' });
    expect(outcome.results[1]?.stat).toMatchObject({ version: 1, dataLength: 4 });
    const { stat } = await client.session.getData('/multi');
    expect(outcome.results[1]?.stat?.czxid).toBe(stat.czxid);
    expect(await client.session.multi([])).toEqual({ ok: true, results: [] });
  });

  it('says which step of a transaction failed, and does none of them', async () => {
    await client.session.create('/whole', data('before'));
    expect(
      await client.session.multi([
        { op: 'setData', path: '/whole', data: data('after'), version: 0 },
        { op: 'delete', path: '/missing', version: -1 },
        { op: 'create', path: '/never', data: null, mode: 'persistent' },
      ]),
    ).toEqual({ ok: false, failedIndex: 1, code: 'NO_NODE', codes: ['OK', 'NO_NODE', 'RUNTIME_INCONSISTENCY'] });
    expect((await client.session.getData('/whole')).data).toEqual(data('before'));
  });

  it('keeps an expected version of 0 in transactions, so that fencing works', async () => {
    await client.session.create('/fenced', null);
    await client.session.setData('/fenced', data('1'), -1);
    await client.session.setData('/fenced', data('2'), -1);
    const refused = async (op: Parameters<typeof client.session.multi>[0][number]): Promise<string> => {
      const outcome = await client.session.multi([op]);
      return outcome.ok ? 'OK' : outcome.code;
    };
    expect(await refused({ op: 'check', path: '/fenced', version: 0 })).toBe('BAD_VERSION');
    expect(await refused({ op: 'setData', path: '/fenced', data: null, version: 0 })).toBe('BAD_VERSION');
    expect(await refused({ op: 'delete', path: '/fenced', version: 0 })).toBe('BAD_VERSION');
    expect(await refused({ op: 'check', path: '/fenced', version: 2 })).toBe('OK');
  });

  it('executes what is called together in the order of the calls, with reads between writes', async () => {
    await client.session.create('/order', null);
    const seen: Promise<string>[] = [];
    for (let i = 0; i < 100; i++) {
      void client.session.setData('/order', data(String(i)), i);
      seen.push(client.session.getData('/order').then((node) => String(node.data)));
    }
    expect(await Promise.all(seen)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });

  it('refuses a request that is too large for any server, and goes on', async () => {
    expect(await codeOf(client.session.create('/large', Buffer.alloc(5 * 1024 * 1024)))).toBe('MARSHALLING_ERROR');
    expect(await client.session.exists('/large')).toBeNull();
  });

  it('gives up on a request at which the server hangs up each time, and goes on', async () => {
    const large = codeOf(client.session.create('/large', Buffer.alloc(1_500_000)));
    const next = client.session.create('/after-large', null);
    expect(await large).toBe('CONNECTION_LOSS');
    expect((await next).path).toBe('/after-large');
  });

  it('sees a node under its full path without the chroot', async () => {
    await client.session.create('/here', data('x'));
    const bare = await connectForTest(zookeeper.connectString);
    expect((await bare.session.getData('/operations/chroot/here')).data).toEqual(data('x'));
    expect((await bare.session.getData('/operations')).data).toBeNull();
    await bare.close();
  });
});

describe('watches', () => {
  it('are called once, after the answer to the read that set them', async () => {
    const events: string[] = [];
    expect(await client.session.exists('/watched', (event) => events.push(`exists ${event.type}`))).toBeNull();
    await client.session.create('/watched', null);
    await client.session.getData('/watched', (event) => events.push(`data ${event.type} ${event.path}`));
    await client.session.getChildren('/watched', (event) => events.push(`children ${event.type}`));
    await client.session.setData('/watched', data('1'), -1);
    await client.session.setData('/watched', data('2'), -1);
    await client.session.create('/watched/child', null);
    await client.session.create('/watched/child2', null);
    expect(events).toEqual(['exists created', 'data data /watched', 'children children']);
  });

  it('of data, of an existing node and of children all see a deletion', async () => {
    const events: string[] = [];
    await client.session.create('/doomed', null);
    await client.session.getData('/doomed', (event) => events.push(`data ${event.type}`));
    await client.session.exists('/doomed', (event) => events.push(`exists ${event.type}`));
    await client.session.getChildren('/doomed', (event) => events.push(`children ${event.type}`));
    await client.session.delete('/doomed', -1);
    await client.session.exists('/doomed');
    expect(events.toSorted()).toEqual(['children deleted', 'data deleted', 'exists deleted']);
  });

  it('that throw do not disturb anything', async () => {
    await client.session.create('/thrower', null);
    await client.session.getData('/thrower', () => {
      throw new Error('a watch that throws');
    });
    await client.session.setData('/thrower', null, -1);
    expect(await client.session.exists('/thrower')).toMatchObject({ version: 1 });
  });
});

describe('closing', () => {
  it('ends the session at the server, so that its ephemeral nodes vanish at once', async () => {
    const other = await connectForTest(`${zookeeper.connectString}/operations/chroot`, { sessionTimeoutMs: 60_000 });
    await other.session.create('/ephemeral', null, 'ephemeral');
    const pending = other.session.create('/asked-before-close', null);
    await other.close();
    expect((await pending).path).toBe('/asked-before-close');
    expect(await client.session.exists('/ephemeral')).toBeNull();
    expect(await codeOf(other.session.exists('/'))).toBe('CLOSED');
    await other.close();
  });
});
