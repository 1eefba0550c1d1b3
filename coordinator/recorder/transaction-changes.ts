/**
 * What one transaction of ZooKeeper's log changed, and what stood there before: applied to the recorded tree step by step,
 * as ZooKeeper's DataTree does. Nothing but what the log says and what the tree knows goes into a change.
 */
import type { Transaction, TransactionStep } from '../../zookeeper/transaction-log';
import { withoutSecrets } from './payload';
import {
  sessionText,
  type ObservedChange,
  type ParentStat,
  type RecordedNode,
  type RecordedStat,
} from './recorded-change';
import type { RecordedTree } from './recorded-tree';
import { parentPath } from '../znode-path';

type Facts = Pick<ObservedChange, 'zxid' | 'timeMs' | 'source' | 'session'> & { zxid: bigint; session: string };

/**
 * Applies a transaction.
 * @param chroot '' or a path: what is outside is left out, paths below it lose it
 * @returns the changes in their order; none for a request that failed
 */
export function applyTransaction(transaction: Transaction, tree: RecordedTree, chroot: string): ObservedChange[] {
  const { body, zxid, timeMs } = transaction;
  const facts: Facts = { zxid, timeMs, source: 'transaction-log', session: sessionText(transaction.session) };
  switch (body.op) {
    case 'multi':
      if (body.steps.some(({ op }) => op === 'error')) return [];
      return body.steps.flatMap((step, index) => applied(step, index, facts, tree, chroot));
    case 'createSession':
      return [{ ...nothing(facts), kind: 'session-opened', timeoutMs: body.timeoutMs }];
    case 'closeSession':
      return closed(body.paths, facts, tree, chroot);
    case 'unknown':
      return [];
    default:
      return applied(body, null, facts, tree, chroot);
  }
}

function applied(
  step: TransactionStep,
  multiIndex: number | null,
  facts: Facts,
  tree: RecordedTree,
  chroot: string,
): ObservedChange[] {
  if (step.op === 'error' || step.op === 'check') return [];
  const path = below(chroot, step.path);
  if (path === null) return [];
  const change = { ...changeOf(step, path, facts, tree), multiIndex };
  tree.apply(change);
  return [change];
}

function changeOf(
  step: Exclude<TransactionStep, { op: 'error' | 'check' }>,
  path: string,
  facts: Facts,
  tree: RecordedTree,
): ObservedChange {
  const before = tree.get(path) ?? null;
  switch (step.op) {
    case 'create': {
      const after = createdNode(path, withoutSecrets(path, step.data), step.ephemeral ? facts.session : null, facts);
      const parent = parentAfterCreation(path, step.parentCVersion, facts.zxid, tree);
      return { ...nothing(facts), kind: 'created', path, after, parent };
    }
    case 'delete':
      return deletion(path, facts, tree);
    case 'setData': {
      const data = withoutSecrets(path, step.data);
      const stat = before?.stat ? { ...before.stat, mzxid: facts.zxid, mtimeMs: facts.timeMs } : null;
      const after: RecordedNode = { path, data, version: step.version, owner: before?.owner ?? null, stat };
      return { ...nothing(facts), kind: 'changed', path, before, beforeKnown: before !== null, after };
    }
    case 'setAcl': {
      const after = before && { ...before, stat: before.stat && { ...before.stat, aversion: step.version } };
      return { ...nothing(facts), kind: 'changed', path, before, beforeKnown: before !== null, after, aclOnly: true };
    }
  }
}

function deletion(path: string, facts: Facts, tree: RecordedTree): ObservedChange {
  const before = tree.get(path) ?? null;
  const stat = statOfParent(path, tree);
  const parent = stat && {
    pzxid: later(stat.pzxid, facts.zxid),
    creations: stat.creations,
    deletions: stat.deletions + 1,
  };
  return { ...nothing(facts), kind: 'deleted', path, before, beforeKnown: before !== null, parent };
}

/** The paths in the log, or, where it has none, those that are known to belong to the session. */
function closed(paths: string[] | null, facts: Facts, tree: RecordedTree, chroot: string): ObservedChange[] {
  const gone = new Set(tree.ownedBy(facts.session));
  for (const path of paths ?? []) {
    const inside = below(chroot, path);
    // ZooKeeper passes over what has been deleted meanwhile.
    if (inside !== null && (tree.get(inside)?.owner ?? facts.session) === facts.session) gone.add(inside);
  }
  const changes: ObservedChange[] = [{ ...nothing(facts), kind: 'session-closed' }];
  for (const path of [...gone].sort()) {
    const change = deletion(path, facts, tree);
    tree.apply(change);
    changes.push(change);
  }
  return changes;
}

function nothing(facts: Facts): Omit<ObservedChange, 'kind'> {
  return {
    ...facts,
    path: '',
    multiIndex: null,
    missedVersions: 0,
    beforeKnown: true,
    before: null,
    after: null,
    parent: null,
    aclOnly: false,
    timeoutMs: null,
  };
}

function createdNode(path: string, data: Buffer | null, owner: string | null, { zxid, timeMs }: Facts): RecordedNode {
  const stat: RecordedStat = {
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctimeMs: timeMs,
    mtimeMs: timeMs,
    creations: 0,
    deletions: 0,
    aversion: 0,
  };
  return { path, data, version: 0, owner, stat };
}

/** The log carries the parent's count, as creations may have been logged in another order than they were counted in. */
function parentAfterCreation(
  path: string,
  parentCVersion: number | null,
  zxid: bigint,
  tree: RecordedTree,
): ParentStat | null {
  const stat = statOfParent(path, tree);
  if (!stat) return null;
  const creations = Math.max(parentCVersion ?? stat.creations + 1, stat.creations);
  const children = stat.creations - stat.deletions + 1;
  const pzxid = creations > stat.creations ? zxid : stat.pzxid;
  return { pzxid, creations, deletions: creations - children };
}

function statOfParent(path: string, tree: RecordedTree): RecordedStat | null {
  return path === '/' ? null : (tree.get(parentPath(path))?.stat ?? null);
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

/** The path as it is seen below the chroot; null for what is outside. */
function below(chroot: string, path: string): string | null {
  if (chroot === '') return path;
  if (path === chroot) return '/';
  return path.startsWith(`${chroot}/`) ? path.slice(chroot.length) : null;
}
