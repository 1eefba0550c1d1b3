/** A TCP proxy on loopback that keeps all that clients send through it, to be compared with what the server makes of it. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

export interface RecordingProxy {
  readonly port: number;
  /** All bytes that clients have sent so far, connection after connection. */
  sent(): Buffer;
  forget(): void;
  stop(): Promise<void>;
}

export async function startRecordingProxy(targetPort: number): Promise<RecordingProxy> {
  let recordings: Buffer[][] = [];
  const sockets = new Set<{ destroy(): unknown }>();
  const server = createServer((client) => {
    const recording: Buffer[] = [];
    recordings.push(recording);
    const target = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
    client.on('data', (chunk: Buffer) => recording.push(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => Buffer.concat(recordings.flat()),
    forget: () => (recordings = []),
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
