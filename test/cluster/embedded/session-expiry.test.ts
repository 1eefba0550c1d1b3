import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expireOwnerOf, sessionPassword } from '../../../embedded/session-expiry';
import { systemClock } from '../../../runtime/clock';
import { silentLogger } from '../../../runtime/logger';
import { waitUntil } from '../../../supervisor/wait-until';
import { ZooKeeperProcess } from '../../../supervisor/zookeeper-process';
import { connect } from '../../../zookeeper';

jest.setTimeout(60_000);

describe('expiring a session from outside', () => {
  let folder: string;
  let server: ZooKeeperProcess;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gregor-expiry-'));
    server = await ZooKeeperProcess.start({ directory: folder, sync: false });
  });
  afterAll(async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = () =>
    connect({
      connectString: `${server.connectString}/chroot`,
      sessionTimeoutMs: 30_000,
      connectionTimeoutMs: 10_000,
      clock: systemClock,
      logger: silentLogger,
      name: 'test',
    });

  it('knows the password that ZooKeeper gave to a session by its id', async () => {
    const client = await open();
    expect(sessionPassword(client.session.sessionId)).toEqual(client.session.sessionPassword);
    await client.close();
  });

  it("removes the owner's ephemeral nodes at once, and the owner finds its session expired", async () => {
    const client = await open();
    await client.session.create('/mine', null, 'ephemeral');
    const before = client.session.sessionId;
    await expireOwnerOf('/mine', `${server.connectString}/chroot`, systemClock);
    const renewed = (): true | null => (client.session.sessionId.equals(before) ? null : true);
    await waitUntil(renewed, { what: 'a new session was opened', timeoutMs: 10_000, clock: systemClock });
    expect(await client.session.exists('/mine')).toBeNull();
    await client.close();
  });
});
