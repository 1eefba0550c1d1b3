import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { LinkControl } from '../../../runtime/link-control';

const originalConnect = Socket.prototype.connect;

/** Collects what a side gets from now on. */
const received = (socket: Socket): string[] => {
  const texts: string[] = [];
  socket.on('data', (chunk: Buffer) => texts.push(chunk.toString()));
  return texts;
};

describe('a link that can be cut', () => {
  let control: LinkControl;
  let server: Server;
  let port: number;
  let client: Socket;
  let serverSide: Socket;

  beforeEach(async () => {
    control = new LinkControl();
    control.install();
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });

  afterEach(() => {
    Socket.prototype.connect = originalConnect;
    client.destroy();
    serverSide.destroy();
    server.close();
  });

  const open = async (): Promise<void> => {
    client = connect({ port, host: '127.0.0.1' });
    [serverSide] = (await once(server, 'connection')) as [Socket];
    if (client.connecting) await once(client, 'connect');
  };

  it('passes bytes both ways while it is whole', async () => {
    await open();
    client.write('to the server');
    serverSide.write('to the client');
    const [[atServer], [atClient]] = (await Promise.all([once(serverSide, 'data'), once(client, 'data')])) as [
      [Buffer],
      [Buffer],
    ];
    expect([String(atServer), String(atClient)]).toEqual(['to the server', 'to the client']);
  });

  it('holds back what is sent, still receives, and delivers when it is healed', async () => {
    await open();
    const atServer = received(serverSide);
    control.setLink(port, { send: false, receive: true });
    client.write('held back');
    serverSide.write('passes');
    expect(String((await once(client, 'data'))[0])).toBe('passes');
    expect(atServer).toEqual([]);
    control.setLink(port, { send: true, receive: true });
    expect(String((await once(serverSide, 'data'))[0])).toBe('held back');
  });

  it('holds back what is received, still sends, and delivers when it is healed', async () => {
    await open();
    const atClient = received(client);
    control.setLink(port, { send: true, receive: false });
    serverSide.write('held back');
    client.write('passes');
    expect(String((await once(serverSide, 'data'))[0])).toBe('passes');
    expect(atClient).toEqual([]);
    control.setLink(port, { send: true, receive: true });
    expect(String((await once(client, 'data'))[0])).toBe('held back');
  });

  it('lets a connection that is opened meanwhile neither succeed nor fail until it is healed', async () => {
    control.setLink(port, { send: false, receive: false });
    client = connect({ port, host: '127.0.0.1' });
    client.write('early');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    expect(client.connecting).toBe(true);
    control.setLink(port, { send: true, receive: true });
    [serverSide] = await accepted;
    expect(String((await once(serverSide, 'data'))[0])).toBe('early');
  });

  it('forgets a connection that was given up before the link is healed', async () => {
    control.setLink(port, { send: false, receive: false });
    const givenUp = connect({ port, host: '127.0.0.1' });
    givenUp.destroy();
    await once(givenUp, 'close');
    const gone = connect({ port, host: '127.0.0.1' });
    gone.destroy(); // its 'close' comes after the link is healed
    control.setLink(port, { send: true, receive: true });
    await open();
    const connections = await new Promise<number>((resolve) =>
      server.getConnections((_error, count) => resolve(count)),
    );
    expect(connections).toBe(1);
  });

  it('leaves links to other ports alone', async () => {
    control.setLink(port + 1, { send: false, receive: false });
    await open();
    client.write('through');
    expect(String((await once(serverSide, 'data'))[0])).toBe('through');
  });
});
