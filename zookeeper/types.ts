/**
 * What the rest of the program sees of ZooKeeper: operations, a session, and a client that outlives its sessions.
 * Paths are absolute and below the chroot of the connect string. State is owned by the implementations.
 */
import type { ZkCode } from './errors';

/** A znode's metadata. */
export interface Stat {
  /** Transaction that created the node; of /brokers/ids/N it is the broker epoch. */
  czxid: bigint;
  /** Transaction that last changed its data. */
  mzxid: bigint;
  ctimeMs: number;
  mtimeMs: number;
  /** Number of changes of its data. */
  version: number;
  /** Number of changes of its children. */
  cversion: number;
  aversion: number;
  /** Session that owns an ephemeral node, 8 bytes; all zero for a persistent one. */
  ephemeralOwner: Buffer;
  dataLength: number;
  numChildren: number;
  /** Transaction that last changed its children. */
  pzxid: bigint;
}

export type CreateMode = 'persistent' | 'ephemeral' | 'persistent-sequential' | 'ephemeral-sequential';

/** One step of a transaction. `version` -1 means any version. */
export type MultiOp =
  | { op: 'create'; path: string; data: Buffer | null; mode: CreateMode }
  | { op: 'setData'; path: string; data: Buffer | null; version: number }
  | { op: 'delete'; path: string; version: number }
  | { op: 'check'; path: string; version: number };

/** What a step gave: `path` for create, `stat` for setData, neither for delete and check. */
export interface MultiOpResult {
  path?: string;
  stat?: Stat;
}

/**
 * A transaction happens as a whole or not at all; that it did not is a value, not an exception.
 * `codes` has one code per step: OK before the failing one, RUNTIME_INCONSISTENCY after it.
 */
export type MultiResult =
  { ok: true; results: MultiOpResult[] } | { ok: false; failedIndex: number; code: ZkCode; codes: ZkCode[] };

export interface WatchEvent {
  type: 'created' | 'deleted' | 'data' | 'children';
  path: string;
}

/**
 * Called once, at the next change of what was read. Survives reconnects of the session; is dropped without a call
 * when the session expires: whoever watches reads again in its afterNewSession hook.
 */
export type Watch = (event: WatchEvent) => void;

/**
 * Operations on the tree. They are executed in the order in which they were called, whatever they are, and are
 * repeated after a lost connection for as long as the session lives. They reject with ZkError; SESSION_EXPIRED when
 * the session expired before the answer came (the operation may have been executed), CLOSED after close().
 */
export interface ZooKeeperOperations {
  /**
   * Creates a node. Null data stays null, which differs from empty data. Rejects with NODE_EXISTS, NO_NODE (no parent),
   * NO_CHILDREN_FOR_EPHEMERALS. A node that an earlier attempt of this very call made, whose answer was lost, counts as created.
   * @param mode `persistent` when left out; the sequential modes append ten digits to the path
   */
  create(path: string, data: Buffer | null, mode?: CreateMode): Promise<{ path: string; stat: Stat }>;
  /** Creates a persistent node and the parents that lack, those with null data. Rejects with NODE_EXISTS unless `ignoreExisting`. */
  createRecursive(path: string, data: Buffer | null, options?: { ignoreExisting?: boolean }): Promise<void>;
  /** Reads a node; rejects with NO_NODE, and then sets no watch. */
  getData(path: string, watch?: Watch): Promise<{ data: Buffer | null; stat: Stat }>;
  /** Null when there is no such node; the watch is set either way. */
  exists(path: string, watch?: Watch): Promise<Stat | null>;
  /** Names (not paths) of the children, in no particular order; rejects with NO_NODE. */
  getChildren(path: string, watch?: Watch): Promise<{ children: string[]; stat: Stat }>;
  /** @param version the version that the node must have, -1 for any; else rejects with BAD_VERSION */
  setData(path: string, data: Buffer | null, version: number): Promise<Stat>;
  /** @param version the version that the node must have, -1 for any. Rejects with NO_NODE, BAD_VERSION, NOT_EMPTY. */
  delete(path: string, version: number): Promise<void>;
  /** Deletes a node and all below it; a node that is not there counts as deleted. */
  deleteRecursive(path: string): Promise<void>;
  /** Executes all steps or none. */
  multi(ops: readonly MultiOp[]): Promise<MultiResult>;
}

/** `expired` and `closed` are final for a session. */
export type SessionState = 'connecting' | 'connected' | 'disconnected' | 'expired' | 'closed';

export interface SessionInfo {
  /** Eight bytes; zero before the first connect. */
  readonly sessionId: Buffer;
  /** Sixteen bytes: with the id, all that is needed to attach to the session or close it. */
  readonly sessionPassword: Buffer;
  /** What the server granted; the requested one before the first connect. */
  readonly negotiatedTimeoutMs: number;
  readonly state: SessionState;
  /** Returns a function that takes the listener off again. */
  onStateChange(listener: (state: SessionState) => void): () => void;
}

/** One session with the ensemble. */
export interface ZooKeeperSession extends ZooKeeperOperations, SessionInfo {
  /** Closes the session on the server, so that its ephemeral nodes vanish at once. Takes a bounded time even when no server answers. */
  close(): Promise<void>;
}

export type NewSessionHook = () => void | Promise<void>;

/**
 * A client that opens a new session whenever one expires.
 * On expiry: hooks of beforeNewSession (operations still reject with SESSION_EXPIRED) → a new session, tried for ever
 * (operations called meanwhile wait for it) → hooks of afterNewSession. Hooks run one after the other, each awaited;
 * what one throws is logged.
 */
export interface ZooKeeperClient {
  /** Operations on the current session, whichever that is; the object stays the same over all sessions. */
  readonly session: ZooKeeperOperations & SessionInfo;
  /** Returns a function that takes the hook off again. */
  beforeNewSession(hook: NewSessionHook): () => void;
  /** Returns a function that takes the hook off again. */
  afterNewSession(hook: NewSessionHook): () => void;
  /** Closes the current session and opens no other. Bounded in time. */
  close(): Promise<void>;
}
