/**
 * Writes of the controller: every one checks, in the same transaction, that /controller_epoch still has the version of
 * this controller's election. A failed check means that another broker has been elected, and is told apart from the
 * failure of a step itself. Many writes share a transaction where they can; when one of them fails they are tried alone.
 */
import type { MultiOp, MultiOpResult, ZkCode, ZooKeeperOperations } from '../../../zookeeper';
import type { Clock } from '../../../runtime/clock';
import { Turn } from '../../../runtime/turn';
import { isZkError, ZkError } from '../../../zookeeper/errors';
import { CONTROLLER_EPOCH_PATH } from '../../../zookeeper/znodes';

/** Another broker is the controller now. */
export class ControllerMovedError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'ControllerMovedError';
  }
}

/** Whether an error means that this broker can do nothing more as the controller: deposed, or without a session. */
export function endsControllership(error: unknown): boolean {
  return error instanceof ControllerMovedError || isZkError(error, 'SESSION_EXPIRED') || isZkError(error, 'CLOSED');
}

/** Steps that belong together: all of them happen or none. */
export type WriteUnit = readonly MultiOp[];

export type WriteOutcome =
  | { readonly ok: true; readonly results: readonly MultiOpResult[] }
  | { readonly ok: false; readonly code: ZkCode; readonly failedIndex: number };

/** ZooKeeper's servers refuse requests above 1 MB (jute.maxbuffer); this keeps well below, and short on the wire. */
const MOST_STEPS = 100;
const MOST_BYTES = 256 * 1024;

export class GuardedWriter {
  /** @param epochZkVersion the version that /controller_epoch must have, asked for at each write */
  constructor(
    private readonly zk: ZooKeeperOperations,
    private readonly epochZkVersion: () => number,
    private readonly clock: Clock,
  ) {}

  /**
   * Writes all units, each with its own outcome, in the order given. Thousands of them take many turns of the event loop,
   * so that the session's heartbeats and clients go on; who calls stays in the controller's queue meanwhile.
   * @param units asked for one by one, as they are sent
   * @throws ControllerMovedError when another controller has been elected
   */
  async writeAll(units: Iterable<WriteUnit>): Promise<WriteOutcome[]> {
    const turn = new Turn(this.clock);
    const writes: Promise<WriteOutcome[]>[] = [];
    for (const group of grouped(units)) {
      const write = this.writeGroup(group);
      // It may fail before the last group is sent; that is seen below.
      write.catch(() => undefined);
      writes.push(write);
      if (turn.isOver) await turn.next();
    }
    return (await Promise.all(writes)).flat();
  }

  /** @throws ControllerMovedError, or ZkError when a step failed */
  async write(...steps: readonly MultiOp[]): Promise<readonly MultiOpResult[]> {
    const outcome = await this.writeUnit(steps);
    if (!outcome.ok) throw new ZkError(outcome.code, steps[outcome.failedIndex]?.path ?? null);
    return outcome.results;
  }

  private async writeGroup(units: readonly WriteUnit[]): Promise<WriteOutcome[]> {
    const [only] = units;
    if (units.length === 1 && only) return [await this.writeUnit(only)];
    const together = await this.writeUnit(units.flat());
    if (!together.ok) return Promise.all(units.map((unit) => this.writeUnit(unit)));
    let next = 0;
    return units.map((unit) => {
      const results = together.results.slice(next, next + unit.length);
      next += unit.length;
      return { ok: true, results };
    });
  }

  private async writeUnit(steps: WriteUnit): Promise<WriteOutcome> {
    const version = this.epochZkVersion();
    const result = await this.zk.multi([{ op: 'check', path: CONTROLLER_EPOCH_PATH, version }, ...steps]);
    if (result.ok) return { ok: true, results: result.results.slice(1) };
    if (result.failedIndex === 0) {
      throw new ControllerMovedError(`${CONTROLLER_EPOCH_PATH} is no longer at version ${version} (${result.code})`);
    }
    return { ok: false, code: result.code, failedIndex: result.failedIndex - 1 };
  }
}

function* grouped(units: Iterable<WriteUnit>): Generator<WriteUnit[]> {
  let group: WriteUnit[] = [];
  let steps = 0;
  let bytes = 0;
  for (const unit of units) {
    const unitBytes = unit.reduce((sum, step) => sum + sizeOf(step), 0);
    if (group.length > 0 && (steps + unit.length > MOST_STEPS || bytes + unitBytes > MOST_BYTES)) {
      yield group;
      group = [];
      steps = 0;
      bytes = 0;
    }
    group.push(unit);
    steps += unit.length;
    bytes += unitBytes;
  }
  if (group.length > 0) yield group;
}

function sizeOf(step: MultiOp): number {
  const data = step.op === 'create' || step.op === 'setData' ? (step.data?.length ?? 0) : 0;
  return 64 + step.path.length + data;
}
