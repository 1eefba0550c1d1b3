/** A TCP proxy on loopback that can lose what a server answers, cut connections and refuse new ones. */
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  client: Socket;
  server: Socket;
}

export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private refusing = false;
  private swallowing: ((answer: Buffer) => boolean) | null = null;
  private refuseAfterLoss = false;
  private swallowed: (() => void) | null = null;
  /** How many connections it has taken. */
  accepted = 0;

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {}

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, targetPort);
    server.on('connection', (client) => proxy.accept(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  get connectString(): string {
    return `127.0.0.1:${this.port}`;
  }

  /**
   * Lets requests through, and drops the connection at the next bytes from the server that `isAnswer` accepts, without
   * passing them on. Resolves when that has happened. With `thenRefuse` no new connection is taken until `refuse` is false.
   */
  loseNextAnswer(isAnswer: (answer: Buffer) => boolean, { thenRefuse = false } = {}): Promise<void> {
    this.swallowing = isAnswer;
    this.refuseAfterLoss = thenRefuse;
    return new Promise((resolve) => (this.swallowed = resolve));
  }

  /** Breaks all connections that there are. */
  cut(): void {
    for (const pair of this.pairs) this.end(pair);
  }

  /** Breaks all connections and takes none until it is set to false. */
  set refuse(refuse: boolean) {
    this.refusing = refuse;
    if (refuse) this.cut();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(client: Socket): void {
    client.on('error', () => undefined);
    if (this.refusing) {
      client.destroy();
      return;
    }
    this.accepted++;
    const server = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true });
    const pair = { client, server };
    this.pairs.add(pair);
    server.on('error', () => undefined);
    client.on('data', (chunk: Buffer) => void server.write(chunk));
    server.on('data', (chunk: Buffer) => this.fromServer(pair, chunk));
    client.on('close', () => this.end(pair));
    server.on('close', () => this.end(pair));
  }

  private fromServer(pair: Pair, chunk: Buffer): void {
    if (!this.pairs.has(pair)) return;
    if (this.swallowing?.(chunk)) {
      this.swallowing = null;
      this.refusing = this.refuseAfterLoss;
      this.end(pair);
      this.swallowed?.();
      return;
    }
    pair.client.write(chunk);
  }

  private end(pair: Pair): void {
    this.pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }
}

/** Whether ZooKeeper's bytes begin with the answer to a request: not a ping's, no event, no handshake. */
export function isZooKeeperAnswer(chunk: Buffer): boolean {
  const HANDSHAKE_BYTES = 37;
  return chunk.length >= 8 && chunk.readInt32BE(0) !== HANDSHAKE_BYTES && chunk.readInt32BE(4) >= 0;
}
