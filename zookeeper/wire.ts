/**
 * Operations as ZooKeeper's jute records and answers back as values. Versions go to the wire as they are: 0 stays 0.
 */
import { codeName, type ZkCode } from './errors';
import {
  jute,
  type JuteRecord,
  OP_CODE_CREATE2,
  OPEN_ACL,
  type PathRequest,
  type StatRecord,
  type TransactionOp,
  type TransactionResult,
} from './library';
import type { Operation, Reply } from './transport';
import type { CreateMode, MultiOp, MultiResult, Stat, WatchEvent } from './types';

const { OP_CODES, protocol } = jute;

const MODE_FLAGS: Record<CreateMode, number> = {
  persistent: 0,
  ephemeral: 1,
  'persistent-sequential': 2,
  'ephemeral-sequential': 3,
};

/** NodeCreated, NodeDeleted, NodeDataChanged, NodeChildrenChanged; others are not about what a watch of ours has asked. */
const EVENT_TYPES: Record<number, WatchEvent['type']> = { 1: 'created', 2: 'deleted', 3: 'data', 4: 'children' };

export interface EncodedOperation {
  opCode: number;
  payload: JuteRecord;
}

export function encodeOperation(operation: Operation): EncodedOperation {
  switch (operation.op) {
    case 'create':
      // create2 answers with the stat as well: the czxid of a new node is needed at once.
      return { opCode: OP_CODE_CREATE2, payload: createRequest(operation.path, operation.data, operation.mode) };
    case 'delete':
      return pathRequest(OP_CODES.DELETE, new protocol.DeleteRequest(), operation.path, { version: operation.version });
    case 'setData':
      return pathRequest(OP_CODES.SET_DATA, new protocol.SetDataRequest(), operation.path, {
        data: operation.data ?? undefined,
        version: operation.version,
      });
    case 'getData':
      return pathRequest(OP_CODES.GET_DATA, new protocol.GetDataRequest(), operation.path, { watch: operation.watch });
    case 'exists':
      return pathRequest(OP_CODES.EXISTS, new protocol.ExistsRequest(), operation.path, { watch: operation.watch });
    case 'getChildren':
      return pathRequest(OP_CODES.GET_CHILDREN2, new protocol.GetChildren2Request(), operation.path, {
        watch: operation.watch,
      });
    case 'multi':
      return { opCode: OP_CODES.MULTI, payload: new jute.TransactionRequest(operation.ops.map(transactionOp)) };
    case 'setWatches': {
      const payload = new protocol.SetWatches();
      payload.relativeZxid = longBytes(operation.sinceZxid);
      payload.dataWatches = operation.data;
      payload.existWatches = operation.exists;
      payload.childWatches = operation.children;
      return { opCode: OP_CODES.SET_WATCHES, payload };
    }
  }
}

/**
 * Reads the part of an answer that comes after its header.
 * @param code what the header says
 */
export function decodeReply(
  operation: Operation,
  code: number,
  zxid: bigint,
  frame: Buffer,
  offset: number,
  chroot: string,
): Reply {
  if (code !== 0) {
    const name = codeName(code);
    return name === 'UNKNOWN' ? { code: name, zxid, detail: `code ${code}` } : { code: name, zxid };
  }
  const read = <T extends JuteRecord>(record: T, at = offset): T => {
    record.setChrootPath(chroot === '' ? undefined : chroot);
    record.deserialize(frame, at);
    return record;
  };
  switch (operation.op) {
    case 'create': {
      const created = read(new protocol.CreateResponse());
      const statOffset = offset + 4 + frame.readInt32BE(offset);
      return { code: 'OK', zxid, path: created.path, stat: statOf(read(new jute.data.Stat(), statOffset)) };
    }
    case 'setData':
      return { code: 'OK', zxid, stat: statOf(read(new protocol.SetDataResponse()).stat) };
    case 'exists':
      return { code: 'OK', zxid, stat: statOf(read(new protocol.ExistsResponse()).stat) };
    case 'getData': {
      const { data, stat } = read(new protocol.GetDataResponse());
      return { code: 'OK', zxid, data: data ?? null, stat: statOf(stat) };
    }
    case 'getChildren': {
      const { children, stat } = read(new protocol.GetChildren2Response());
      return { code: 'OK', zxid, children: children ?? [], stat: statOf(stat) };
    }
    case 'multi':
      return { code: 'OK', zxid, multi: multiResult(read(new jute.TransactionResponse()).results) };
    case 'delete':
    case 'setWatches':
      return { code: 'OK', zxid };
  }
}

/** Null for events that belong to no path (changes of the session's state) and for kinds that we never ask for. */
export function decodeWatchEvent(frame: Buffer, offset: number, chroot: string): WatchEvent | null {
  const event = new protocol.WatcherEvent();
  event.deserialize(frame, offset);
  const type = EVENT_TYPES[event.type];
  if (type === undefined || event.path === undefined) return null;
  if (chroot === '') return { type, path: event.path };
  if (event.path !== chroot && !event.path.startsWith(`${chroot}/`)) return null;
  return { type, path: event.path.slice(chroot.length) || '/' };
}

function pathRequest(
  opCode: number,
  payload: PathRequest,
  path: string,
  fields: { data?: Buffer; version?: number; watch?: boolean },
): EncodedOperation {
  return { opCode, payload: Object.assign(payload, { path }, fields) };
}

function createRequest(path: string, data: Buffer | null, mode: CreateMode): JuteRecord {
  return Object.assign(new protocol.CreateRequest(), {
    path,
    data: data ?? undefined,
    acl: OPEN_ACL.map((acl) => acl.toRecord()),
    flags: MODE_FLAGS[mode],
  });
}

function transactionOp(op: MultiOp): TransactionOp {
  switch (op.op) {
    case 'create':
      return {
        type: OP_CODES.CREATE,
        path: op.path,
        data: op.data ?? undefined,
        acls: OPEN_ACL,
        mode: MODE_FLAGS[op.mode],
      };
    case 'setData':
      return { type: OP_CODES.SET_DATA, path: op.path, data: op.data ?? undefined, version: op.version };
    case 'delete':
      return { type: OP_CODES.DELETE, path: op.path, version: op.version };
    case 'check':
      return { type: OP_CODES.CHECK, path: op.path, version: op.version };
  }
}

function multiResult(results: TransactionResult[]): MultiResult {
  const codes = results.map((result): ZkCode => (result.type === OP_CODES.ERROR ? codeName(result.err ?? -1) : 'OK'));
  const failedIndex = codes.findIndex((code) => code !== 'OK');
  if (failedIndex !== -1) return { ok: false, failedIndex, code: codes[failedIndex] as ZkCode, codes };
  return {
    ok: true,
    results: results.map(({ path, stat }) => ({
      ...(path === undefined ? {} : { path }),
      ...(stat ? { stat: statOf(stat) } : {}),
    })),
  };
}

function statOf(record: StatRecord): Stat {
  return {
    czxid: record.czxid.readBigInt64BE(),
    mzxid: record.mzxid.readBigInt64BE(),
    ctimeMs: Number(record.ctime.readBigInt64BE()),
    mtimeMs: Number(record.mtime.readBigInt64BE()),
    version: record.version,
    cversion: record.cversion,
    aversion: record.aversion,
    ephemeralOwner: record.ephemeralOwner,
    dataLength: record.dataLength,
    numChildren: record.numChildren,
    pzxid: record.pzxid.readBigInt64BE(),
  };
}

export function longBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
