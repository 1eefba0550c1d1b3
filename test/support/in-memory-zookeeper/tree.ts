/**
 * ZooKeeper's tree of nodes as a state machine without I/O: an operation goes in, an answer and the changes come out.
 * Every write has the next transaction id, also one that fails; all steps of a transaction share one.
 */
import type { ZkCode } from '../../../zookeeper/errors';
import type { Operation, Reply } from '../../../zookeeper/transport';
import type { CreateMode, MultiOp, MultiOpResult, Stat, WatchEvent } from '../../../zookeeper/types';

interface Node {
  data: Buffer | null;
  czxid: bigint;
  mzxid: bigint;
  pzxid: bigint;
  ctimeMs: number;
  mtimeMs: number;
  version: number;
  /** Children ever created: names of sequential nodes come from it, and with the deletions it makes the cversion. */
  childrenCreated: number;
  owner: string | null;
  children: Set<string>;
}

/** What watches are set off by, in this order. */
export interface Change {
  watchers: 'data' | 'children';
  event: WatchEvent;
}

export interface Applied {
  reply: Reply;
  changes: Change[];
}

/** Who asks, and when. */
export interface Caller {
  sessionId: Buffer;
  nowMs: number;
}

class Refused extends Error {
  constructor(readonly code: ZkCode) {
    super(code);
  }
}

const NO_OWNER = Buffer.alloc(8);
const SEQUENCE_DIGITS = 10;

export class Tree {
  private readonly nodes = new Map<string, Node>();
  private lastZxid = 0n;
  private undo: (() => void)[] = [];
  private changes: Change[] = [];

  constructor() {
    for (const path of ['/', '/zookeeper', '/zookeeper/config', '/zookeeper/quota']) {
      this.nodes.set(path, newNode(Buffer.alloc(0), 0n, 0, null));
      if (path !== '/') this.parentOf(path).children.add(nameOf(path));
    }
  }

  get zxid(): bigint {
    return this.lastZxid;
  }

  apply(operation: Operation, caller: Caller): Applied {
    this.undo = [];
    this.changes = [];
    if (!isRead(operation)) this.lastZxid++;
    const reply = this.answer(operation, caller);
    return { reply: { ...reply, zxid: this.lastZxid }, changes: this.changes };
  }

  /** The creation of a session is a transaction too. */
  nextZxid(): bigint {
    return ++this.lastZxid;
  }

  /** Deletes what a session owned, in one transaction. */
  endSession(sessionId: Buffer): Change[] {
    this.lastZxid++;
    this.changes = [];
    const owner = sessionId.toString('hex');
    for (const [path, node] of this.nodes) if (node.owner === owner) this.remove(path);
    return this.changes;
  }

  stat(path: string): Stat | null {
    const node = this.nodes.get(path);
    return node ? statOf(node) : null;
  }

  /** All nodes but ZooKeeper's own, with their data. */
  dump(): Record<string, Buffer | null> {
    const paths = [...this.nodes.keys()].filter((path) => path !== '/' && !path.startsWith('/zookeeper')).toSorted();
    return Object.fromEntries(paths.map((path) => [path, this.nodes.get(path)?.data ?? null]));
  }

  private answer(operation: Operation, caller: Caller): Omit<Reply, 'zxid'> {
    try {
      return this.execute(operation, caller);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { code: error.code };
    }
  }

  private execute(operation: Operation, caller: Caller): Omit<Reply, 'zxid'> {
    switch (operation.op) {
      case 'create': {
        const path = this.create(operation.path, operation.data, operation.mode, caller);
        return { code: 'OK', path, stat: statOf(this.nodeAt(path)) };
      }
      case 'setData':
        return { code: 'OK', stat: this.setData(operation.path, operation.data, operation.version, caller) };
      case 'delete':
        this.delete(operation.path, operation.version);
        return { code: 'OK' };
      case 'multi':
        return this.multi(operation.ops, caller);
      case 'getData': {
        const node = this.nodeAt(operation.path);
        return { code: 'OK', data: node.data && Buffer.from(node.data), stat: statOf(node) };
      }
      case 'exists':
        return { code: 'OK', stat: statOf(this.nodeAt(operation.path)) };
      case 'getChildren': {
        const node = this.nodeAt(operation.path);
        return { code: 'OK', children: [...node.children], stat: statOf(node) };
      }
      case 'setWatches':
        return { code: 'OK' };
    }
  }

  private multi(ops: readonly MultiOp[], caller: Caller): Omit<Reply, 'zxid'> {
    const results: MultiOpResult[] = [];
    for (const op of ops) {
      try {
        results.push(this.step(op, caller));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        for (const undo of this.undo.toReversed()) undo();
        this.changes = [];
        const failedIndex = results.length;
        const codes = ops.map((_, index): ZkCode => {
          if (index < failedIndex) return 'OK';
          return index === failedIndex ? error.code : 'RUNTIME_INCONSISTENCY';
        });
        return { code: 'OK', multi: { ok: false, failedIndex, code: error.code, codes } };
      }
    }
    return { code: 'OK', multi: { ok: true, results } };
  }

  private step(op: MultiOp, caller: Caller): MultiOpResult {
    switch (op.op) {
      case 'create':
        return { path: this.create(op.path, op.data, op.mode, caller) };
      case 'setData':
        return { stat: this.setData(op.path, op.data, op.version, caller) };
      case 'delete':
        this.delete(op.path, op.version);
        return {};
      case 'check':
        checkVersion(this.nodeAt(op.path), op.version);
        return {};
    }
  }

  private create(wanted: string, data: Buffer | null, mode: CreateMode, caller: Caller): string {
    const parent = this.parentOf(wanted);
    const sequential = mode.endsWith('-sequential');
    const path = sequential ? wanted + String(parent.childrenCreated).padStart(SEQUENCE_DIGITS, '0') : wanted;
    if (this.nodes.has(path)) throw new Refused('NODE_EXISTS');
    if (parent.owner !== null) throw new Refused('NO_CHILDREN_FOR_EPHEMERALS');
    const owner = mode.startsWith('ephemeral') ? caller.sessionId.toString('hex') : null;
    const pzxidBefore = parent.pzxid;
    this.nodes.set(path, newNode(data && Buffer.from(data), this.lastZxid, caller.nowMs, owner));
    parent.children.add(nameOf(path));
    parent.childrenCreated++;
    parent.pzxid = this.lastZxid;
    this.undo.push(() => {
      this.nodes.delete(path);
      parent.children.delete(nameOf(path));
      parent.childrenCreated--;
      parent.pzxid = pzxidBefore;
    });
    this.changes.push(
      { watchers: 'data', event: { type: 'created', path } },
      { watchers: 'children', event: { type: 'children', path: parentPath(path) } },
    );
    return path;
  }

  private setData(path: string, data: Buffer | null, version: number, caller: Caller): Stat {
    const node = this.nodeAt(path);
    checkVersion(node, version);
    const { data: oldData, version: oldVersion, mzxid, mtimeMs } = node;
    this.undo.push(() => Object.assign(node, { data: oldData, version: oldVersion, mzxid, mtimeMs }));
    Object.assign(node, {
      data: data && Buffer.from(data),
      version: oldVersion + 1,
      mzxid: this.lastZxid,
      mtimeMs: caller.nowMs,
    });
    this.changes.push({ watchers: 'data', event: { type: 'data', path } });
    return statOf(node);
  }

  private delete(path: string, version: number): void {
    if (path === '/' || ['/zookeeper', '/zookeeper/config', '/zookeeper/quota'].includes(path))
      throw new Refused('BAD_ARGUMENTS');
    const node = this.nodeAt(path);
    checkVersion(node, version);
    if (node.children.size > 0) throw new Refused('NOT_EMPTY');
    this.remove(path);
  }

  private remove(path: string): void {
    const node = this.nodeAt(path);
    const parent = this.parentOf(path);
    const pzxidBefore = parent.pzxid;
    this.nodes.delete(path);
    parent.children.delete(nameOf(path));
    parent.pzxid = this.lastZxid;
    this.undo.push(() => {
      this.nodes.set(path, node);
      parent.children.add(nameOf(path));
      parent.pzxid = pzxidBefore;
    });
    this.changes.push(
      { watchers: 'data', event: { type: 'deleted', path } },
      { watchers: 'children', event: { type: 'deleted', path } },
      { watchers: 'children', event: { type: 'children', path: parentPath(path) } },
    );
  }

  private nodeAt(path: string): Node {
    const node = this.nodes.get(path);
    if (!node) throw new Refused('NO_NODE');
    return node;
  }

  private parentOf(path: string): Node {
    return this.nodeAt(parentPath(path));
  }
}

export function isRead({ op }: Operation): boolean {
  return op === 'getData' || op === 'exists' || op === 'getChildren' || op === 'setWatches';
}

function checkVersion(node: Node, version: number): void {
  if (version !== -1 && version !== node.version) throw new Refused('BAD_VERSION');
}

function newNode(data: Buffer | null, zxid: bigint, nowMs: number, owner: string | null): Node {
  return {
    data,
    owner,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctimeMs: nowMs,
    mtimeMs: nowMs,
    version: 0,
    childrenCreated: 0,
    children: new Set(),
  };
}

function statOf(node: Node): Stat {
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    ctimeMs: node.ctimeMs,
    mtimeMs: node.mtimeMs,
    version: node.version,
    cversion: 2 * node.childrenCreated - node.children.size,
    aversion: 0,
    ephemeralOwner: node.owner === null ? NO_OWNER : Buffer.from(node.owner, 'hex'),
    dataLength: node.data?.length ?? 0,
    numChildren: node.children.size,
    pzxid: node.pzxid,
  };
}

function parentPath(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
