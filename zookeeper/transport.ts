/**
 * What a session needs from below: one connection at a time to some server, requests answered in order, and the word
 * when the connection comes and goes. Made real by ServerConnection; tests and the simulation have one of their own.
 */
import type { ZkCode } from './errors';
import type { CreateMode, MultiOp, MultiResult, Stat, WatchEvent } from './types';

export type Operation =
  | { op: 'create'; path: string; data: Buffer | null; mode: CreateMode }
  | { op: 'delete'; path: string; version: number }
  | { op: 'setData'; path: string; data: Buffer | null; version: number }
  | { op: 'getData'; path: string; watch: boolean }
  | { op: 'exists'; path: string; watch: boolean }
  | { op: 'getChildren'; path: string; watch: boolean }
  | { op: 'multi'; ops: readonly MultiOp[] }
  | { op: 'setWatches'; sinceZxid: bigint; data: string[]; exists: string[]; children: string[] };

/** A server's answer. Which fields there are depends on the operation; none but the first two when it failed. */
export interface Reply {
  code: ZkCode;
  /** The server's last transaction, or 0 when it told none. */
  zxid: bigint;
  /** More about a failure, e.g. the number of an unknown code. */
  detail?: string;
  path?: string;
  stat?: Stat;
  data?: Buffer | null;
  children?: string[];
  multi?: MultiResult;
}

export interface TransportListener {
  /** A session is established, or goes on, over a new connection. */
  onConnected(): void;
  /** The connection is gone; what was not answered will not be. Another one is being tried. */
  onDisconnected(): void;
  /** The session is over; nothing is tried any more. */
  onExpired(): void;
  onWatchEvent(event: WatchEvent): void;
}

export interface Transport {
  readonly sessionId: Buffer;
  readonly sessionPassword: Buffer;
  readonly negotiatedTimeoutMs: number;
  /** Starts to connect, and goes on until close(). */
  open(listener: TransportListener): void;
  /**
   * Sends a request; only while connected. `onReply` is called in the order of the requests, or never when the
   * connection goes away. Returns the size of the request in bytes.
   */
  send(operation: Operation, onReply: (reply: Reply) => void): number;
  /** Drops the connection; another one is tried at once. */
  dropConnection(why: string): void;
  /** Asks the server to close the session. False when the connection went away, or was not there, before it answered. */
  closeSession(): Promise<boolean>;
  /** Drops the connection and tries no other. The session lives on at the server until its time-out, unless it was closed. */
  abandon(): void;
}
