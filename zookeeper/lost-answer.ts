/**
 * A write whose answer was lost is sent again, and may then fail over its own success: the node that it created exists,
 * the version that it expected is gone. Here is decided whether what is found is the work of the first attempt.
 *
 * The mark of it is one transaction id, later than all that was known when the write was first sent, on all that it would
 * have changed, together with its own data. Another writer of the very same data cannot be told apart; nothing is lost by that.
 */
import type { Operation, Reply } from './transport';
import type { CreateMode, MultiOp, MultiOpResult, Stat } from './types';

/** How to look: each goes before all other operations of the session. */
export interface Look {
  getData(path: string): Promise<{ data: Buffer | null; stat: Stat } | null>;
  getChildren(path: string): Promise<string[]>;
}

export interface LostWrite {
  operation: Operation;
  /** The last transaction known when it was first sent. */
  zxidBefore: bigint;
  sessionId: Buffer;
}

const SEQUENCE_DIGITS = 10;

/** Whether `reply` is a failure that a first, executed attempt may have caused. */
export function mayBeOwnDoing(operation: Operation, reply: Reply): boolean {
  switch (operation.op) {
    case 'create':
      return reply.code === 'NODE_EXISTS';
    case 'setData':
      return reply.code === 'BAD_VERSION';
    case 'delete':
      return reply.code === 'NO_NODE';
    case 'multi':
      return reply.multi?.ok === false;
    default:
      return false;
  }
}

/** The reply that the lost answer must have been, or null when the write was not executed by the first attempt. */
export async function recoverReply(lost: LostWrite, look: Look): Promise<Reply | null> {
  const { operation, zxidBefore } = lost;
  switch (operation.op) {
    case 'create': {
      const stat = await createdStat(lost, operation, look);
      return stat && { code: 'OK', zxid: zxidBefore, path: operation.path, stat };
    }
    case 'setData': {
      const node = await look.getData(operation.path);
      if (!node || node.stat.mzxid <= zxidBefore || !sameData(node.data, operation.data)) return null;
      return node.stat.version === operation.version + 1 ? { code: 'OK', zxid: zxidBefore, stat: node.stat } : null;
    }
    case 'delete':
      // Whoever deleted it: it is as the caller wanted it.
      return { code: 'OK', zxid: zxidBefore };
    case 'multi': {
      const results = await executedMulti(lost, operation.ops, look);
      return results && { code: 'OK', zxid: zxidBefore, multi: { ok: true, results } };
    }
    default:
      return null;
  }
}

/**
 * The sequential node that a first attempt may have made. Asked before a create is sent again, since that would
 * succeed and leave two.
 */
export async function findSequential(lost: LostWrite, look: Look): Promise<Reply | null> {
  const { operation, zxidBefore } = lost;
  if (operation.op !== 'create' || !isSequential(operation.mode)) return null;
  const slash = operation.path.lastIndexOf('/');
  const prefix = operation.path.slice(slash + 1);
  const parent = operation.path.slice(0, slash);
  const names = (await look.getChildren(parent === '' ? '/' : parent))
    .filter((name) => name.startsWith(prefix) && name.length === prefix.length + SEQUENCE_DIGITS)
    .toSorted()
    .toReversed();
  for (const name of names) {
    const path = `${parent}/${name}`;
    const node = await look.getData(path);
    if (!node) continue;
    // Numbers rise with time: all further ones are older.
    if (node.stat.czxid <= zxidBefore) return null;
    if (isOwnCreation(lost, operation, node)) return { code: 'OK', zxid: zxidBefore, path, stat: node.stat };
  }
  return null;
}

function isSequential(mode: CreateMode): boolean {
  return mode === 'persistent-sequential' || mode === 'ephemeral-sequential';
}

async function createdStat(
  lost: LostWrite,
  operation: { path: string; data: Buffer | null; mode: CreateMode },
  look: Look,
): Promise<Stat | null> {
  const node = await look.getData(operation.path);
  return node && node.stat.version === 0 && isOwnCreation(lost, operation, node) ? node.stat : null;
}

function isOwnCreation(
  { zxidBefore, sessionId }: LostWrite,
  operation: { data: Buffer | null; mode: CreateMode },
  node: { data: Buffer | null; stat: Stat },
): boolean {
  return (
    node.stat.czxid > zxidBefore &&
    sameData(node.data, operation.data) &&
    node.stat.ephemeralOwner.equals(ownerOf(operation.mode, sessionId))
  );
}

function ownerOf(mode: CreateMode, sessionId: Buffer): Buffer {
  return mode === 'ephemeral' || mode === 'ephemeral-sequential' ? sessionId : Buffer.alloc(8);
}

/** What the steps of a transaction leave behind on one node. */
interface Outcome {
  creates: { mode: CreateMode } | null;
  data: Buffer | null;
  /** The version that the node must have in the end, null when the steps do not tell. */
  version: number | null;
  deleted: boolean;
}

async function executedMulti(lost: LostWrite, ops: readonly MultiOp[], look: Look): Promise<MultiOpResult[] | null> {
  const outcomes = outcomesOf(ops);
  if (!outcomes) return null;
  const stats = new Map<string, Stat>();
  let zxid: bigint | null = null;
  for (const [path, outcome] of outcomes) {
    const node = await look.getData(path);
    if (outcome.deleted) {
      if (node) return null;
      continue;
    }
    if (!node || !matches(lost, outcome, node)) return null;
    // All steps of a transaction have one transaction id.
    zxid ??= node.stat.mzxid;
    if (node.stat.mzxid !== zxid || (outcome.creates && node.stat.czxid !== zxid)) return null;
    stats.set(path, node.stat);
  }
  // Deletions alone leave no mark.
  if (zxid === null) return null;
  return ops.map((op) => {
    const stat = stats.get(op.path);
    if (op.op === 'create') return { path: op.path };
    return op.op === 'setData' && stat ? { stat } : {};
  });
}

function matches(
  { zxidBefore, sessionId }: LostWrite,
  outcome: Outcome,
  node: { data: Buffer | null; stat: Stat },
): boolean {
  if (node.stat.mzxid <= zxidBefore || !sameData(node.data, outcome.data)) return false;
  if (outcome.version !== null && node.stat.version !== outcome.version) return false;
  return outcome.creates === null || node.stat.ephemeralOwner.equals(ownerOf(outcome.creates.mode, sessionId));
}

/** Null when a sequential create is among them: its path is not known. */
function outcomesOf(ops: readonly MultiOp[]): Map<string, Outcome> | null {
  const outcomes = new Map<string, Outcome>();
  for (const op of ops) {
    const before = outcomes.get(op.path);
    switch (op.op) {
      case 'create':
        if (isSequential(op.mode)) return null;
        outcomes.set(op.path, { creates: { mode: op.mode }, data: op.data, version: 0, deleted: false });
        break;
      case 'setData': {
        const known = op.version >= 0 ? op.version + 1 : null;
        const version = before && before.version !== null ? before.version + 1 : known;
        outcomes.set(op.path, { creates: before?.creates ?? null, data: op.data, version, deleted: false });
        break;
      }
      case 'delete':
        outcomes.set(op.path, { creates: null, data: null, version: null, deleted: true });
        break;
      case 'check':
        break;
    }
  }
  return outcomes;
}

function sameData(one: Buffer | null, other: Buffer | null): boolean {
  if (one === null || other === null) return one === other;
  return one.equals(other);
}
