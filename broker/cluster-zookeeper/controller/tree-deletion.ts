/** Deleting a node with all below it under the controller's guard: the deepest first, many in one transaction. */
import type { ZooKeeperOperations } from '../../../zookeeper';
import { ZkError } from '../../../zookeeper/errors';
import { orNull } from '../zk-reads';
import type { GuardedWriter } from './guarded-writer';

/** Somebody may add nodes while the tree is taken down; then it is listed again, this often. */
const MOST_ROUNDS = 5;

/** A node that is not there counts as deleted. @throws ControllerMovedError, ZkError */
export async function deleteTreeGuarded(zk: ZooKeeperOperations, writer: GuardedWriter, root: string): Promise<void> {
  for (let round = 1; ; round++) {
    const levels = await levelsBelow(zk, root);
    const failure = await deleteLevels(writer, levels.reverse());
    if (failure === null) return;
    if (failure.code !== 'NOT_EMPTY' || round === MOST_ROUNDS) throw failure;
  }
}

async function levelsBelow(zk: ZooKeeperOperations, root: string): Promise<string[][]> {
  const levels: string[][] = [];
  for (let level = [root]; level.length > 0;) {
    levels.push(level);
    const lists = await Promise.all(level.map((path) => orNull(zk.getChildren(path))));
    level = level.flatMap((path, index) => (lists[index]?.children ?? []).map((name) => `${path}/${name}`));
  }
  return levels;
}

async function deleteLevels(writer: GuardedWriter, levels: readonly string[][]): Promise<ZkError | null> {
  for (const level of levels) {
    const outcomes = await writer.writeAll(level.map((path) => [{ op: 'delete', path, version: -1 }]));
    for (const [index, outcome] of outcomes.entries()) {
      if (!outcome.ok && outcome.code !== 'NO_NODE') return new ZkError(outcome.code, level[index]);
    }
  }
  return null;
}
