/**
 * A TCP server that speaks as much ZooKeeper as a test tells it to: each connection's frames are handed to a script.
 * Encodes by hand, so that it shares no code with what it tests.
 */
import { createServer, type Server, type Socket } from 'node:net';

export const OP = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  ping: 11,
  getChildren: 12,
  multi: 14,
  create2: 15,
  setWatches: 101,
  close: -11,
} as const;

export interface Handshake {
  lastZxid: bigint;
  timeoutMs: number;
  sessionId: Buffer;
  password: Buffer;
}

export interface Request {
  xid: number;
  opCode: number;
  body: Buffer;
  /** The body's first field, for requests about a path. */
  path: string;
}

export interface StatFields {
  czxid?: bigint;
  mzxid?: bigint;
  version?: number;
  owner?: Buffer;
}

export class FakeConnection {
  readonly requests: Request[] = [];
  handshake: Handshake | null = null;
  private held = Buffer.alloc(0);
  private readonly socket: Socket;

  constructor(
    socket: Socket,
    readonly index: number,
    private readonly script: Script,
  ) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
  }

  /** Accepts the session; timeoutMs 0 says that it has expired. */
  accept(timeoutMs = 6_000, sessionId = Buffer.from('0100000000000001', 'hex')): void {
    const body = Buffer.alloc(4 + 4 + 8 + 4 + 16 + 1);
    body.writeInt32BE(timeoutMs, 4);
    sessionId.copy(body, 8);
    body.writeInt32BE(16, 16);
    body.fill(7, 20, 36);
    this.frame(body);
  }

  expire(): void {
    this.accept(0);
  }

  reply(request: Request, { err = 0, zxid = 1n, body = Buffer.alloc(0) } = {}): void {
    this.frame(replyBody(request.xid, zxid, err, body));
  }

  notify(type: number, path: string): void {
    this.frame(notification(type, path));
  }

  /** Adds the length and sends. */
  frame(body: Buffer): void {
    this.raw(withLength(body));
  }

  raw(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  destroy(): void {
    this.socket.destroy();
  }

  get closed(): boolean {
    return this.socket.destroyed;
  }

  private take(chunk: Buffer): void {
    this.held = Buffer.concat([this.held, chunk]);
    while (this.held.length >= 4 && this.held.length >= 4 + this.held.readInt32BE(0)) {
      const end = 4 + this.held.readInt32BE(0);
      const body = this.held.subarray(4, end);
      this.held = this.held.subarray(end);
      if (this.handshake === null) this.takeHandshake(body);
      else this.takeRequest(body);
    }
  }

  private takeHandshake(body: Buffer): void {
    const passwordBytes = body.readInt32BE(24);
    this.handshake = {
      lastZxid: body.readBigInt64BE(4),
      timeoutMs: body.readInt32BE(12),
      sessionId: body.subarray(16, 24),
      password: body.subarray(28, 28 + passwordBytes),
    };
    this.script.onHandshake(this);
  }

  private takeRequest(body: Buffer): void {
    const opCode = body.readInt32BE(4);
    const pathBytes = body.length >= 12 ? body.readInt32BE(8) : 0;
    const path = pathBytes > 0 && pathBytes < 1000 ? body.toString('utf8', 12, 12 + pathBytes) : '';
    const request = { xid: body.readInt32BE(0), opCode, body: body.subarray(8), path };
    this.requests.push(request);
    this.script.onRequest?.(this, request);
  }
}

export interface Script {
  onHandshake(connection: FakeConnection): void;
  onRequest?(connection: FakeConnection, request: Request): void;
}

export class FakeZooKeeperServer {
  readonly connections: FakeConnection[] = [];

  private constructor(private readonly server: Server) {}

  static async start(script: Partial<Script>): Promise<FakeZooKeeperServer> {
    const server = createServer();
    const fake = new FakeZooKeeperServer(server);
    const whole: Script = { onHandshake: (connection) => connection.accept(), ...script };
    server.on('connection', (socket) =>
      fake.connections.push(new FakeConnection(socket, fake.connections.length, whole)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get connectString(): string {
    return `127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function text(value: string): Buffer {
  return withLength(Buffer.from(value));
}

/** Null data: length -1. */
export function nullable(value: Buffer | null): Buffer {
  return value === null ? Buffer.from('ffffffff', 'hex') : withLength(value);
}

export function stat({ czxid = 1n, mzxid = czxid, version = 0, owner = Buffer.alloc(8) }: StatFields = {}): Buffer {
  const body = Buffer.alloc(68);
  body.writeBigInt64BE(czxid, 0);
  body.writeBigInt64BE(mzxid, 8);
  body.writeInt32BE(version, 32);
  owner.copy(body, 44);
  return body;
}

export function replyBody(xid: number, zxid: bigint, err: number, body = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32BE(xid, 0);
  header.writeBigInt64BE(zxid, 4);
  header.writeInt32BE(err, 12);
  return Buffer.concat([header, body]);
}

export function notification(type: number, path: string): Buffer {
  const event = Buffer.alloc(8);
  event.writeInt32BE(type, 0);
  event.writeInt32BE(3, 4);
  return Buffer.concat([replyBody(-1, -1n, 0), event, text(path)]);
}

export function withLength(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}
