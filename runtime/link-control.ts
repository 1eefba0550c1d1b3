/**
 * Cuts the links of one thread or process, seen from inside: sockets that it opens to a port can be kept from sending,
 * from receiving, or both, as if packets were lost. Nobody is told; bytes that were held back arrive after the link is healed,
 * as TCP would repeat them. A connection that is opened over a cut link neither succeeds nor fails until then.
 * Not imitated: a socket that is closed while its link is cut is seen closed by the other side.
 *
 * Owns the sockets that were opened after install(), by remote port.
 */
import { Socket } from 'node:net';

interface LinkState {
  send: boolean;
  receive: boolean;
}

/** The parts of Node's socket below its public surface that holding back needs. */
interface SocketInside {
  _handle: { readStart(): void; readStop(): void; reading: boolean } | null;
  _read?: (size: number) => void;
  connecting: boolean;
}

const WHOLE: LinkState = { send: true, receive: true };

export class LinkControl {
  private readonly states = new Map<number, LinkState>();
  private readonly sockets = new Map<number, Set<Socket>>();
  private readonly waiting = new Map<number, Map<Socket, () => void>>();

  /** From now on every outgoing connection of this thread or process is known here. */
  install(): void {
    // oxlint-disable-next-line typescript/unbound-method -- it is called with the socket as its `this`
    const original = Socket.prototype.connect as (...args: unknown[]) => Socket;
    // oxlint-disable-next-line typescript/no-this-alias, unicorn/no-this-assignment -- inside, `this` is the socket
    const control = this;
    Socket.prototype.connect = function connect(this: Socket, ...args: unknown[]): Socket {
      control.connect(this, remotePortOf(args), () => original.apply(this, args));
      return this;
    } as Socket['connect'];
  }

  /** Sets what passes between this side and whoever listens on `port`. */
  setLink(port: number, state: LinkState): void {
    this.states.set(port, state);
    for (const socket of this.sockets.get(port) ?? []) apply(socket, state);
    if (!state.send || !state.receive) return;
    for (const [socket, open] of this.waiting.get(port) ?? []) if (!socket.destroyed) open();
    this.waiting.delete(port);
  }

  private connect(socket: Socket, port: number, open: () => void): void {
    const known = this.sockets.get(port) ?? new Set();
    this.sockets.set(port, known.add(socket));
    socket.once('close', () => known.delete(socket));
    const state = this.states.get(port) ?? WHOLE;
    if (state.send && state.receive) {
      open();
      return;
    }
    (socket as unknown as SocketInside).connecting = true; // so that writes wait for the connection
    const waiting = this.waiting.get(port) ?? new Map<Socket, () => void>();
    this.waiting.set(port, waiting.set(socket, open));
    // Whoever gave up waiting is forgotten: a link may be cut for hours, with a try every second.
    socket.once('close', () => waiting.delete(socket));
  }
}

function apply(socket: Socket, state: LinkState): void {
  while (socket.writableCorked > 0) socket.uncork();
  if (!state.send) socket.cork();
  const inside = socket as unknown as SocketInside;
  const handle = inside._handle;
  if (!state.receive) {
    inside._read = () => undefined;
    handle?.readStop();
    return;
  }
  if (!Object.hasOwn(inside, '_read')) return;
  delete inside._read;
  if (!handle) return;
  handle.reading = true;
  handle.readStart();
}

/** connect() takes a port, an options object, or what net.connect() made of either: an array that holds the options. */
function remotePortOf(args: unknown[]): number {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0];
  return Number(typeof first === 'object' && first !== null && 'port' in first ? first.port : first);
}
