/**
 * One transaction of ZooKeeper 3.5 to 3.9, out of the bytes of its log entry:
 *
 *     TxnHeader: clientId long (the session), cxid int, zxid long, time long (ms), type int
 *     record: by type, see below
 *     TxnDigest (3.6 and later): version int, treeDigest long; passed over
 *
 * Types and records are those of org.apache.zookeeper.ZooDefs.OpCode and zookeeper.jute.
 */
import { TransactionLogError } from './error';
import { JuteReader } from './jute-reader';

export type TransactionStep =
  | {
      op: 'create';
      path: string;
      data: Buffer | null;
      ephemeral: boolean;
      /** Creations below the parent so far, this one included; null before ZooKeeper 3.3. */
      parentCVersion: number | null;
      /** Milliseconds that the node may stay without children and changes; null for all but TTL nodes. */
      ttlMs: bigint | null;
      container: boolean;
    }
  | { op: 'delete'; path: string }
  /** `version` is that of the data afterwards. */
  | { op: 'setData'; path: string; data: Buffer | null; version: number }
  | { op: 'setAcl'; path: string; version: number }
  | { op: 'check'; path: string; version: number }
  /** A request that failed: it has a zxid, and changed nothing. The code is ZooKeeper's, e.g. -110. */
  | { op: 'error'; code: number };

export type TransactionBody =
  | TransactionStep
  /** All or nothing: with one `error` among the steps none of them happened. */
  | { op: 'multi'; steps: TransactionStep[] }
  | { op: 'createSession'; timeoutMs: number }
  /** `paths` are the ephemeral nodes that went with it; null where the log does not tell (before 3.6, or switched off). */
  | { op: 'closeSession'; paths: string[] | null }
  /** A type that this reader does not know. */
  | { op: 'unknown'; type: number };

export interface Transaction {
  /** Eight bytes. */
  session: Buffer;
  /** The client's own number of the request. */
  cxid: number;
  zxid: bigint;
  /** The server's clock, in milliseconds since the Unix epoch. */
  timeMs: number;
  body: TransactionBody;
}

const Type = {
  create: 1,
  delete: 2,
  setData: 5,
  setAcl: 7,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  createContainer: 19,
  deleteContainer: 20,
  createTtl: 21,
  createSession: -10,
  closeSession: -11,
  error: -1,
} as const;

const DIGEST_BYTES = 12;
/** perms int, scheme and id each at least a length. */
const LEAST_ACL_BYTES = 12;
/** A type and the length of the data. */
const LEAST_STEP_BYTES = 8;
const LEAST_STRING_BYTES = 4;

/** @throws TransactionLogError of fault `record` */
export function decodeTransaction(bytes: Buffer): Transaction {
  const reader = new JuteReader(bytes);
  const session = reader.eightBytes();
  const cxid = reader.int();
  const zxid = reader.long();
  const timeMs = Number(reader.long());
  const type = reader.int();
  return { session, cxid, zxid, timeMs, body: bodyOf(type, reader, bytes.subarray(bytes.length - reader.remaining)) };
}

function bodyOf(type: number, reader: JuteReader, rest: Buffer): TransactionBody {
  switch (type) {
    case Type.multi:
      return { op: 'multi', steps: reader.vector(LEAST_STEP_BYTES, () => multiStep(reader)) };
    case Type.createSession:
      return { op: 'createSession', timeoutMs: reader.int() };
    case Type.closeSession:
      return { op: 'closeSession', paths: closedPaths(rest) };
    default:
      return stepOf(type, reader) ?? { op: 'unknown', type };
  }
}

function multiStep(reader: JuteReader): TransactionStep {
  const type = reader.int();
  const step = stepOf(type, new JuteReader(reader.buffer() ?? Buffer.alloc(0)));
  if (!step) throw new TransactionLogError('record', `a multi holds a step of unknown type ${type}`);
  return step;
}

function stepOf(type: number, reader: JuteReader): TransactionStep | null {
  switch (type) {
    case Type.create:
    case Type.create2:
      return create(reader);
    case Type.createContainer:
      return {
        ...node(reader),
        ephemeral: false,
        parentCVersion: reader.int(),
        ttlMs: null,
        container: true,
      };
    case Type.createTtl: {
      const begun = node(reader);
      const parentCVersion = reader.int();
      return { ...begun, ephemeral: false, parentCVersion, ttlMs: reader.long(), container: false };
    }
    case Type.delete:
    case Type.deleteContainer:
      return { op: 'delete', path: reader.string() };
    case Type.setData:
    case Type.reconfig:
      return { op: 'setData', path: reader.string(), data: reader.buffer(), version: reader.int() };
    case Type.setAcl: {
      const path = reader.string();
      skipAcl(reader);
      return { op: 'setAcl', path, version: reader.int() };
    }
    case Type.check:
      return { op: 'check', path: reader.string(), version: reader.int() };
    case Type.error:
      return { op: 'error', code: reader.int() };
    default:
      return null;
  }
}

function node(reader: JuteReader): { op: 'create'; path: string; data: Buffer | null } {
  const path = reader.string();
  const data = reader.buffer();
  skipAcl(reader);
  return { op: 'create', path, data };
}

function create(reader: JuteReader): TransactionStep {
  const begun = node(reader);
  const ephemeral = reader.boolean();
  // The record of ZooKeeper before 3.3 ended here.
  const parentCVersion = reader.remaining >= 4 ? reader.int() : null;
  return { ...begun, ephemeral, parentCVersion, ttlMs: null, container: false };
}

function skipAcl(reader: JuteReader): void {
  reader.vector(LEAST_ACL_BYTES, () => {
    reader.int();
    reader.skipString();
    reader.skipString();
  });
}

/**
 * The record came with 3.6 and can be switched off there, and nothing says whether it is present: what is left is nothing
 * or a digest without it, and exactly one vector, perhaps with a digest, with it.
 */
function closedPaths(rest: Buffer): string[] | null {
  if (rest.length === 0) return null;
  const reader = new JuteReader(rest);
  try {
    const paths = reader.vector(LEAST_STRING_BYTES, () => reader.string());
    if (reader.remaining === 0 || reader.remaining === DIGEST_BYTES) return paths;
  } catch (error) {
    if (!(error instanceof TransactionLogError)) throw error;
  }
  if (rest.length === DIGEST_BYTES) return null;
  throw new TransactionLogError('record', 'a closed session has neither paths nor a digest');
}
