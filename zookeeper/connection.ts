/**
 * A session's connection to the ensemble: node-zookeeper-client's ConnectionManager with the parts replaced that lose
 * requests or hang. Owns the socket, the requests that wait for an answer, and the session's id and password.
 *
 * Guarded here, each a defect of version 1.1.3: a partial frame survives a reconnect (one FrameSplitter per socket); a
 * silent peer is never detected (heartbeat); the handshake has no time-out (one deadline for TCP connect and handshake,
 * then the next server); an unknown error code throws (codes become values); requests queued at expiry never settle (the
 * session holds them, and is told); an event of unknown type throws (passed over).
 *
 * States, of the library: DISCONNECTED → CONNECTING → CONNECTED → CONNECTING (lost) …; CONNECTED → CLOSING → CLOSED;
 * CONNECTING → SESSION_EXPIRED; any → CLOSED (abandoned). The last three but CLOSING are final.
 */
import { connect as connectSocket, type Socket } from 'node:net';
import type { Clock, TimerHandle } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import type { Random } from '../runtime/random';
import { parseConnectString } from './connect-string';
import { FrameSplitter, FrameTooLarge } from './frames';
import { Heartbeat } from './heartbeat';
import { ConnectionManager, jute } from './library';
import type { Operation, Reply, Transport, TransportListener } from './transport';
import { decodeReply, decodeWatchEvent, encodeOperation } from './wire';

/** Kafka sets its client's jute.maxbuffer to this. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 500;
/** After a connection that held for less the next one waits a little, so that one that always breaks is not retried hotly. */
const LASTING_CONNECTION_MS = 1000;
const SHORTEST_HANDSHAKE_TIMEOUT_MS = 500;
/**
 * How long the first handshake may take; each that fails by it doubles it, up to the session time-out's share. Short at first
 * because a server that is just starting may take a connection in and never answer on it: waiting longer for such a one
 * would use up the session's time-out.
 */
const FIRST_HANDSHAKE_TIMEOUT_MS = 1000;
/** Beyond this the library would write a number that is no int32. */
const LAST_XID = 0x7fff_fff0;

const { STATES } = ConnectionManager;

export interface ConnectionOptions {
  connectString: string;
  sessionTimeoutMs: number;
  clock: Clock;
  logger: Logger;
  random: Random;
  /** To go on with a session that exists. */
  session?: { id: Buffer; password: Buffer };
}

/** What the callback of a packet gets from us. */
type Answered = (error: unknown, frame: unknown) => void;

export class ServerConnection extends ConnectionManager implements Transport {
  private readonly options: ConnectionOptions;
  private readonly requestedTimeoutMs: number;
  private readonly chroot: string;
  private readonly heartbeat: Heartbeat;
  private listener: TransportListener | null = null;
  private handshakeTimer: TimerHandle | null = null;
  private retryTimer: TimerHandle | null = null;
  /** Servers tried since a connection last held for a while. */
  private triedServers = 0;
  private connectedAtMs = 0;
  /** Handshakes in a row that were not answered in time. */
  private muteHandshakes = 0;
  private frames: Buffer[] = [];
  private resumePending = false;
  private closeWaiters: ((answered: boolean) => void)[] = [];

  constructor(options: ConnectionOptions) {
    const { servers, chroot } = parseConnectString(options.connectString);
    super(
      'placeholder:1',
      {
        sessionTimeout: options.sessionTimeoutMs,
        spinDelay: 0,
        sessionId: options.session?.id,
        sessionPassword: options.session?.password,
      },
      () => undefined,
    );
    this.options = options;
    this.requestedTimeoutMs = options.sessionTimeoutMs;
    this.chroot = chroot;
    this.chrootPath = chroot === '' ? undefined : chroot;
    this.servers = shuffled(servers, options.random);
    this.heartbeat = new Heartbeat(options.clock, {
      ping: () => this.ping(),
      dead: (why) => this.dropConnection(why),
    });
  }

  get negotiatedTimeoutMs(): number {
    return this.sessionTimeout;
  }

  open(listener: TransportListener): void {
    this.listener = listener;
    this.connect();
  }

  send(operation: Operation, onReply: (reply: Reply) => void): number {
    const { opCode, payload } = encodeOperation(operation);
    const request = new jute.Request(new jute.protocol.RequestHeader(0, opCode), payload);
    payload.setChrootPath(this.chrootPath);
    const requestBytes = payload.byteLength();
    if (requestBytes > MAX_FRAME_BYTES) {
      const detail = `a request of ${requestBytes} bytes; the most is ${MAX_FRAME_BYTES}`;
      onReply({ code: 'MARSHALLING_ERROR', zxid: 0n, detail });
      return requestBytes;
    }
    if (this.xid >= LAST_XID) this.xid = 1;
    const answered: Answered = (_error, frame) => onReply(this.replyOf(operation, frame as Buffer));
    this.queue(request, answered);
    this.heartbeat.sent();
    return requestBytes;
  }

  dropConnection(why: string): void {
    if (!this.socket || this.socket.destroyed) return;
    this.options.logger.warn(`Dropping the connection to ${remoteOf(this.socket)}: ${why}`);
    this.socket.destroy();
    // Not left to the close event: it comes a turn later, and until then a session would go on sending.
    this.socketGone(this.socket);
  }

  closeSession(): Promise<boolean> {
    if (this.state !== STATES.CONNECTED) {
      this.abandon();
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      this.closeWaiters.push(resolve);
      this.close();
    });
  }

  abandon(): void {
    this.retryTimer?.cancel();
    this.finish(STATES.CLOSED);
  }

  override connect(): void {
    this.setState(STATES.CONNECTING);
    const wholeRounds = Math.floor(this.triedServers / this.servers.length);
    const startsRound = this.triedServers % this.servers.length === 0;
    const backoffMs = wholeRounds > 0 && startsRound ? this.backoffMs(wholeRounds) : 0;
    this.triedServers++;
    if (backoffMs === 0) this.connectToNextServer();
    else this.retryTimer = this.options.clock.after(backoffMs, () => this.connectToNextServer());
  }

  private connectToNextServer(): void {
    this.retryTimer = null;
    const server = this.servers[this.nextServerIndex % this.servers.length];
    if (!server) throw new Error('a connect string without servers');
    this.nextServerIndex = (this.nextServerIndex + 1) % this.servers.length;
    const socket = connectSocket({ ...server, noDelay: true });
    const splitter = new FrameSplitter(MAX_FRAME_BYTES);
    this.socket = socket;
    this.frames = [];
    socket.on('connect', () => this.startHandshake(socket));
    socket.on('data', (chunk) => this.bytesArrived(socket, splitter, chunk));
    socket.on('drain', () => this.onSocketDrain());
    socket.on('error', (error) =>
      this.options.logger.debug(`Connection to ${server.host}:${server.port}: ${error.message}`),
    );
    socket.on('close', () => this.socketGone(socket));
    const timeoutMs = this.handshakeTimeoutMs();
    this.handshakeTimer = this.options.clock.after(timeoutMs, () => {
      this.handshakeTimer = null;
      this.muteHandshakes++;
      this.options.logger.warn(
        `${server.host}:${server.port} did not answer within ${timeoutMs} ms, trying the next server`,
      );
      socket.destroy();
      this.socketGone(socket);
    });
  }

  private handshakeTimeoutMs(): number {
    // The Java client's bound: all servers shall get their turn within a session time-out.
    const longestMs = Math.floor(this.sessionTimeout / this.servers.length);
    const patienceMs = FIRST_HANDSHAKE_TIMEOUT_MS * 2 ** Math.min(this.muteHandshakes, 10);
    return Math.max(SHORTEST_HANDSHAKE_TIMEOUT_MS, Math.min(longestMs, patienceMs));
  }

  private startHandshake(socket: Socket): void {
    if (socket !== this.socket) return;
    const { ConnectRequest } = jute.protocol;
    const record = new ConnectRequest(
      jute.PROTOCOL_VERSION,
      this.zxid,
      this.requestedTimeoutMs,
      this.sessionId,
      this.sessionPassword,
    );
    const length = record.byteLength();
    // One byte more than the library knows: readOnly false. Without it servers warn of an old client each time.
    const frame = Buffer.alloc(4 + length + 1);
    frame.writeInt32BE(length + 1, 0);
    record.serialize(frame, 4);
    socket.write(frame);
  }

  private bytesArrived(socket: Socket, splitter: FrameSplitter, chunk: Buffer): void {
    if (socket !== this.socket) return;
    this.heartbeat.received();
    try {
      this.frames.push(...splitter.push(chunk));
    } catch (error) {
      if (!(error instanceof FrameTooLarge)) throw error;
      this.refuseAnswer(error);
      return;
    }
    if (!this.resumePending) this.processFrames(socket);
  }

  /**
   * An event that follows an answer waits for the next turn of the event loop, and all frames behind it: whoever
   * awaits that answer sees it before the watch that it has set is called.
   */
  private processFrames(socket: Socket): void {
    let answered = false;
    while (socket === this.socket && this.frames.length > 0) {
      const frame = this.frames[0] as Buffer;
      const isEvent =
        this.state !== STATES.CONNECTING && frame.length >= 4 && frame.readInt32BE(0) === jute.XID_NOTIFICATION;
      if (isEvent && answered) {
        this.resumePending = true;
        setImmediate(() => {
          this.resumePending = false;
          if (this.socket) this.processFrames(this.socket);
        });
        return;
      }
      this.frames.shift();
      answered ||= !isEvent;
      try {
        this.processFrame(frame);
      } catch (error) {
        this.options.logger.error('A frame from ZooKeeper cannot be read', error);
        this.dropConnection('its answer cannot be read');
      }
    }
  }

  private processFrame(frame: Buffer): void {
    if (this.state === STATES.CONNECTING) {
      this.endHandshake(frame);
      return;
    }
    const header = new jute.protocol.ReplyHeader();
    const offset = header.deserialize(frame, 0);
    if (header.xid === jute.XID_NOTIFICATION) {
      const event = decodeWatchEvent(frame, offset, this.chroot);
      if (event) this.listener?.onWatchEvent(event);
      return;
    }
    if (header.xid < 0) return;
    const packet = this.pendingQueue.shift();
    if (packet?.request.header?.xid !== header.xid) {
      this.dropConnection(`answer ${header.xid} where ${packet?.request.header?.xid ?? 'none'} was due`);
      return;
    }
    const zxid = header.zxid.readBigInt64BE();
    if (zxid > 0n) this.zxid = header.zxid;
    packet.callback(null, frame);
    // The answer to the closing of the session: the server would close the socket next.
    if (this.state === STATES.CLOSING && this.pendingQueue.length === 0) this.finish(STATES.CLOSED, true);
  }

  /** Reads a whole answer. What cannot be read fails that operation only. */
  private replyOf(operation: Operation, frame: Buffer): Reply {
    const header = new jute.protocol.ReplyHeader();
    const offset = header.deserialize(frame, 0);
    const zxid = header.zxid.readBigInt64BE();
    try {
      return decodeReply(operation, header.err, zxid > 0n ? zxid : 0n, frame, offset, this.chroot);
    } catch (error) {
      return { code: 'MARSHALLING_ERROR', zxid: 0n, detail: `its answer cannot be read: ${(error as Error).message}` };
    }
  }

  private endHandshake(frame: Buffer): void {
    const response = new jute.protocol.ConnectResponse();
    response.deserialize(frame, 0);
    this.handshakeTimer?.cancel();
    this.handshakeTimer = null;
    if (response.timeOut <= 0) {
      this.finish(STATES.SESSION_EXPIRED);
      this.listener?.onExpired();
      return;
    }
    this.muteHandshakes = 0;
    this.connectedAtMs = this.options.clock.monotonicMs();
    this.sessionId = response.sessionId;
    this.sessionPassword = response.passwd;
    this.updateTimeout(response.timeOut);
    this.setState(STATES.CONNECTED);
    this.heartbeat.start(response.timeOut);
    this.listener?.onConnected();
  }

  /** The answer to the oldest request is too large: asking again would not help. */
  private refuseAnswer(error: FrameTooLarge): void {
    const packet = this.pendingQueue[0];
    if (packet && this.state === STATES.CONNECTED) {
      this.pendingQueue.shift();
      packet.callback(null, tooLargeAnswer());
    }
    this.dropConnection(error.message);
  }

  private ping(): void {
    if (this.state !== STATES.CONNECTED) return;
    const { RequestHeader } = jute.protocol;
    this.queue(new jute.Request(new RequestHeader(jute.XID_PING, jute.OP_CODES.PING), null));
  }

  private socketGone(socket: Socket): void {
    if (socket !== this.socket) return;
    const stateBefore = this.state;
    this.release();
    if (stateBefore === STATES.CLOSING) {
      this.finish(STATES.CLOSED);
      return;
    }
    if (stateBefore !== STATES.CONNECTED && stateBefore !== STATES.CONNECTING) return;
    this.setState(STATES.DISCONNECTED);
    if (stateBefore === STATES.CONNECTED) {
      const lasted = this.options.clock.monotonicMs() - this.connectedAtMs >= LASTING_CONNECTION_MS;
      // One full round: the next attempt waits the shortest back-off.
      this.triedServers = lasted ? 0 : this.servers.length;
      this.options.logger.info(
        `Lost the connection to ZooKeeper (session ${this.sessionId.toString('hex')}), connecting again`,
      );
      this.listener?.onDisconnected();
    }
    // The listener may have closed us.
    if (this.state === STATES.DISCONNECTED) this.connect();
  }

  private finish(state: number, answered = false): void {
    const socket = this.socket;
    this.release();
    socket?.destroy();
    this.setState(state);
    const waiters = this.closeWaiters;
    this.closeWaiters = [];
    for (const resolve of waiters) resolve(answered);
  }

  /** Forgets the socket and all that belongs to it. The requests are the session's to repeat. */
  private release(): void {
    this.heartbeat.stop();
    this.handshakeTimer?.cancel();
    this.handshakeTimer = null;
    this.socket = undefined;
    this.frames = [];
    this.pendingQueue = [];
    this.packetQueue.queue = [];
  }

  private backoffMs(wholeRounds: number): number {
    const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(wholeRounds - 1, 10));
    return longest / 2 + this.options.random.below(Math.ceil(longest / 2));
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

function remoteOf(socket: Socket): string {
  return `${socket.remoteAddress ?? 'ZooKeeper'}:${socket.remotePort ?? '?'}`;
}

/** An answer with MARSHALLING_ERROR in its header, in place of one that we do not take in. */
function tooLargeAnswer(): Buffer {
  const frame = Buffer.alloc(16);
  frame.writeInt32BE(-5, 12);
  return frame;
}
