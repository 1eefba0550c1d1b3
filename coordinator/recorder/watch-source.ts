/**
 * Feeds the recorder from the coordinator's own watches, where ZooKeeper's transaction log cannot be read. What was missed is
 * told as missed: versions that nobody saw, times without watches, the time in which the coordinator did not run.
 */
import type { Clock } from '../../runtime/clock';
import { CLUSTER_ID_PATH } from '../../zookeeper/znodes';
import type { TreeChange, ZnodeTree } from '../parts';
import type { ChangeLog } from './change-log';
import type { Recorder } from './recorder';
import type { RecordedNode } from './recorded-change';
import { clusterIdIn } from './transaction-log-source';
import { applyTreeChanges, nodesOf, toldNow, type ToldChange } from './watch-changes';

export interface WatchSourceOptions {
  clock: Clock;
  chroot: string;
  tree: ZnodeTree;
  log: ChangeLog;
  recorder: Recorder;
}

/** Changes that come within this time are kept together; long enough for the parent of a node to be read as well. */
const LOT_MS = 30;
const IDLE_MS = 500;
const REPAIR_MS = 10_000;

type News = { kind: 'change'; change: ToldChange } | { kind: 'gap'; why: string };

export class WatchSource {
  private pending: News[] = [];
  private wake: (() => void) | null = null;

  constructor(private readonly options: WatchSourceOptions) {}

  /** Records until it is stopped. */
  async run(signal: AbortSignal): Promise<void> {
    const { tree, clock, recorder } = this.options;
    const whenReady = await this.ready(signal);
    if (!whenReady) return;
    const { nodes, stop } = whenReady;
    try {
      await this.begin(nodes);
      let repairAtMs = clock.monotonicMs() + REPAIR_MS;
      while (!signal.aborted) {
        await this.pause(signal, this.pending.length === 0 ? IDLE_MS : LOT_MS);
        if (this.pending.length > 0 && !signal.aborted) await this.pause(signal, LOT_MS, false);
        this.flush();
        recorder.beginWindow();
        const clusterId = clusterIdIn(tree.get(CLUSTER_ID_PATH)?.data);
        if (clusterId !== null) recorder.learnClusterId(clusterId);
        if (clock.monotonicMs() < repairAtMs) continue;
        repairAtMs = clock.monotonicMs() + REPAIR_MS;
        await recorder.repair();
      }
      this.flush();
    } finally {
      stop();
    }
  }

  /** The tree as it stands when it is whole, with every change after that in `pending`; null when stopped before. */
  private ready(signal: AbortSignal): Promise<{ nodes: RecordedNode[]; stop: () => void } | null> {
    const { tree } = this.options;
    return new Promise((resolve) => {
      const offReady = tree.onReady(() => {
        if (signal.aborted) return;
        const offChange = tree.onChange((change) => this.push({ kind: 'change', change: toldNow(change, tree) }));
        const offGap = tree.onGap(({ why }) => this.push({ kind: 'gap', why }));
        const stop = (): void => {
          offChange();
          offGap();
        };
        resolve({ nodes: nodesOf(tree), stop });
      });
      const onAbort = (): void => {
        offReady();
        resolve(null);
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Goes on with what is kept when it is of the same cluster. */
  private async begin(nodes: readonly RecordedNode[]): Promise<void> {
    const { log, chroot, recorder } = this.options;
    const clusterId = clusterIdIn(nodes.find(({ path }) => path === CLUSTER_ID_PATH)?.data);
    const same = log.identity?.clusterId === clusterId && log.identity.chroot === chroot;
    if (!same || clusterId === null) {
      await log.begin({ clusterId, chroot }, nodes);
      return;
    }
    recorder.gap('The coordinator was not running.');
    this.recordDifference(nodes);
  }

  /** What stands otherwise than the kept history ends with. When, and by whom, is not known. */
  private recordDifference(nodes: readonly RecordedNode[]): void {
    const { log, tree, clock, recorder } = this.options;
    const atMs = clock.nowMs();
    const present = new Map(nodes.map((node) => [node.path, node]));
    const changes: ToldChange[] = [];
    const tell = (change: Omit<TreeChange, 'before' | 'atMs'>): void => {
      changes.push({ ...change, before: null, atMs, parentThen: null });
    };
    const recorded = log.tree.snapshot();
    const gone = recorded.filter(({ path, stat }) => present.get(path)?.stat?.czxid !== stat?.czxid);
    for (const { path } of gone.sort((one, other) => depth(other.path) - depth(one.path))) {
      tell({ kind: 'deleted', path, after: null, missedVersions: 0 });
    }
    const goneBefore = new Set(gone.map(({ path }) => path));
    for (const node of [...nodes].sort(byLastChange)) {
      const after = tree.get(node.path);
      const then = goneBefore.has(node.path) ? undefined : log.tree.get(node.path);
      if (!after) continue;
      if (!then) {
        tell({ kind: 'created', path: node.path, after, missedVersions: node.version });
      } else if (then.version !== node.version) {
        const missedVersions = node.version - then.version - 1;
        tell({ kind: 'changed', path: node.path, after, missedVersions });
      }
    }
    recorder.record([applyTreeChanges(changes, tree, log.tree)], false);
  }

  private push(news: News): void {
    this.pending.push(news);
    this.wake?.();
  }

  private flush(): void {
    const { tree, log, recorder } = this.options;
    const lot = this.pending;
    this.pending = [];
    let changes: ToldChange[] = [];
    const record = (): void => {
      // Each of its own: watches do not tell which of them were one transaction.
      recorder.record(
        applyTreeChanges(changes, tree, log.tree).map((change) => [change]),
        true,
      );
      changes = [];
    };
    for (const news of lot) {
      if (news.kind === 'change') {
        changes.push(news.change);
      } else {
        record();
        recorder.gap(news.why);
      }
    }
    record();
  }

  private pause(signal: AbortSignal, delayMs: number, untilNews = true): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', settle);
        this.wake = null;
        resolve();
      };
      const timer = this.options.clock.after(delayMs, settle);
      signal.addEventListener('abort', settle, { once: true });
      if (untilNews) this.wake = settle;
    });
  }
}

function depth(path: string): number {
  return path.split('/').length;
}

function byLastChange(one: RecordedNode, other: RecordedNode): number {
  const [first, second] = [one.stat?.mzxid ?? 0n, other.stat?.mzxid ?? 0n];
  if (first !== second) return first < second ? -1 : 1;
  return depth(one.path) - depth(other.path);
}
