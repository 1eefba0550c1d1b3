/**
 * The parts of node-zookeeper-client 1.1.3 that we build on, with the types that it lacks: its wire records (jute), its
 * connection manager, and its path rules. Nothing else in the program touches the library.
 */
import type { Socket } from 'node:net';

/** A jute record: fields in wire order, a chroot that is put before and taken off paths. */
export interface JuteRecord {
  setChrootPath(path: string | undefined): void;
  byteLength(): number;
  /** Returns the number of bytes written. */
  serialize(buffer: Buffer, offset: number): number;
  /** Returns the number of bytes read. */
  deserialize(buffer: Buffer, offset: number): number;
}

export interface StatRecord extends JuteRecord {
  czxid: Buffer;
  mzxid: Buffer;
  ctime: Buffer;
  mtime: Buffer;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: Buffer;
  dataLength: number;
  numChildren: number;
  pzxid: Buffer;
}

interface RequestHeader extends JuteRecord {
  xid: number;
  type: number;
}

export interface ReplyHeader extends JuteRecord {
  xid: number;
  zxid: Buffer;
  err: number;
}

interface ConnectResponse extends JuteRecord {
  timeOut: number;
  sessionId: Buffer;
  passwd: Buffer;
}

export interface PathRequest extends JuteRecord {
  path: string;
  data?: Buffer;
  acl?: JuteRecord[];
  flags?: number;
  version?: number;
  watch?: boolean;
}

export interface SetWatches extends JuteRecord {
  relativeZxid: Buffer;
  dataWatches: string[];
  existWatches: string[];
  childWatches: string[];
}

interface WatcherEvent extends JuteRecord {
  type: number;
  state: number;
  path: string;
}

/** One result inside the answer to a transaction. */
export interface TransactionResult {
  type: number;
  path?: string;
  stat?: StatRecord;
  err?: number;
}

export interface TransactionOp {
  type: number;
  path: string;
  data?: Buffer;
  acls?: readonly Acl[];
  mode?: number;
  version?: number;
}

interface Acl {
  toRecord(): JuteRecord;
}

export interface JuteRequest {
  header: RequestHeader | null;
  payload: JuteRecord | null;
  toBuffer(): Buffer;
}

interface Jute {
  OP_CODES: Record<
    | 'CREATE'
    | 'DELETE'
    | 'EXISTS'
    | 'GET_DATA'
    | 'SET_DATA'
    | 'PING'
    | 'GET_CHILDREN2'
    | 'CHECK'
    | 'MULTI'
    | 'SET_WATCHES'
    | 'CLOSE_SESSION'
    | 'ERROR',
    number
  >;
  PROTOCOL_VERSION: number;
  XID_NOTIFICATION: number;
  XID_PING: number;
  Request: new (header: RequestHeader | null, payload: JuteRecord | null) => JuteRequest;
  /** Unlike the library's Transaction builder, this keeps an expected version of 0. */
  TransactionRequest: new (ops: TransactionOp[]) => JuteRecord;
  TransactionResponse: new () => JuteRecord & { results: TransactionResult[] };
  data: { Stat: new () => StatRecord };
  protocol: {
    ConnectRequest: new (
      version: number,
      zxid: Buffer,
      timeoutMs: number,
      sessionId: Buffer,
      password: Buffer,
    ) => JuteRecord;
    ConnectResponse: new () => ConnectResponse;
    RequestHeader: new (xid?: number, type?: number) => RequestHeader;
    ReplyHeader: new () => ReplyHeader;
    WatcherEvent: new () => WatcherEvent;
    CreateRequest: new () => PathRequest;
    CreateResponse: new () => JuteRecord & { path: string };
    DeleteRequest: new () => PathRequest;
    ExistsRequest: new () => PathRequest;
    ExistsResponse: new () => JuteRecord & { stat: StatRecord };
    GetDataRequest: new () => PathRequest;
    GetDataResponse: new () => JuteRecord & { data: Buffer | undefined; stat: StatRecord };
    GetChildren2Request: new () => PathRequest;
    GetChildren2Response: new () => JuteRecord & { children: string[] | undefined; stat: StatRecord };
    SetDataRequest: new () => PathRequest;
    SetDataResponse: new () => JuteRecord & { stat: StatRecord };
    SetWatches: new () => SetWatches;
  };
}

/** A request that was written and waits for its answer. */
export interface Packet {
  request: JuteRequest;
  callback: (error: unknown, response?: unknown) => void;
}

/** The library's ConnectionManager: server list, session identity, queues of packets to write and to be answered. */
export interface ConnectionManager {
  servers: { host: string; port: number }[];
  nextServerIndex: number;
  chrootPath: string | undefined;
  state: number;
  sessionTimeout: number;
  xid: number;
  sessionId: Buffer;
  sessionPassword: Buffer;
  zxid: Buffer;
  socket: Socket | undefined;
  packetQueue: { queue: Packet[] };
  pendingQueue: Packet[];
  /** Sets the session timeout. */
  updateTimeout(sessionTimeoutMs: number): void;
  setState(state: number): void;
  queue(request: JuteRequest, callback?: Packet['callback']): void;
  /** Sends the request that closes the session, and nothing after it. */
  close(): void;
  connect(): void;
  onSocketConnected(): void;
  onSocketData(chunk: Buffer): void;
  onSocketDrain(): void;
  onSocketClosed(): void;
}

interface ConnectionManagerClass {
  new (
    connectString: string,
    options: { sessionTimeout: number; spinDelay: number; sessionId?: Buffer; sessionPassword?: Buffer },
    stateListener: () => void,
  ): ConnectionManager;
  STATES: Record<'DISCONNECTED' | 'CONNECTING' | 'CONNECTED' | 'CLOSING' | 'CLOSED' | 'SESSION_EXPIRED', number>;
}

/** Create that answers with the stat, since ZooKeeper 3.5; the library does not know it. */
export const OP_CODE_CREATE2 = 15;

export const jute = require('node-zookeeper-client/lib/jute') as Jute;
export const ConnectionManager = require('node-zookeeper-client/lib/ConnectionManager.js') as ConnectionManagerClass;
const pathRules = require('node-zookeeper-client/lib/Path.js') as { validate(path: string): void };
const aclClass = require('node-zookeeper-client/lib/ACL.js') as { OPEN_ACL_UNSAFE: readonly Acl[] };

/** world:anyone may do everything: what Kafka gives its nodes unless zookeeper.set.acl is on. */
export const OPEN_ACL = aclClass.OPEN_ACL_UNSAFE;

/** Throws when `path` cannot be that of a znode. */
export function validatePath(path: string): void {
  pathRules.validate(path);
  if (path.includes('\0')) throw new Error('Node path must not contain a null character.');
}
