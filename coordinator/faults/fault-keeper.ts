/**
 * Makes faults on purpose through whatever controls the cluster, one at a time on each target, and watches what follows.
 * Owns the list of faults, those of earlier runs too; the newest hundred are kept.
 */
import type { Clock, TimerHandle } from '../../runtime/clock';
import { ApiError } from '../http/api-error';
import { ClusterReader } from '../observe/cluster-state';
import type { EventHub, FaultControl, Faults, Observation, TreeChange, ZnodeTree } from '../parts';
import type { BrokerView, Fault, FaultAction, FaultsView, FaultTarget } from '../schemas';
import { factOf, pictureOf } from './cluster-facts';
import { CommittedRecords } from './committed-records';
import type { FaultMemory } from './fault-file';
import { FaultRecord } from './fault-record';
import { KeptFault } from './kept-fault';
import { parseTarget } from './targets';

export interface FaultKeeperOptions {
  control: FaultControl;
  memory: FaultMemory;
  /** What is told beside the targets. */
  note: () => string;
  events: EventHub;
  tree: ZnodeTree;
  observation: Observation;
  clock: Clock;
}

const MOST_FAULTS = 100;
/** Changes come in flocks; what they mean is told together. */
const NEWS_DELAY_MS = 100;
/** These undo a fault. */
const repairs: ReadonlySet<FaultAction> = new Set(['resume', 'start', 'heal']);

export class FaultKeeper implements Faults {
  private readonly records: FaultRecord[] = [];
  private readonly kept: KeptFault[];
  private isWritten = true;
  private readonly busy = new Set<string>();
  private readonly reader: ClusterReader;
  private nextId: number;
  private newsTimer: TimerHandle | null = null;
  private readonly committed = new WeakMap<FaultRecord, CommittedRecords>();

  constructor(private readonly options: FaultKeeperOptions) {
    const kept = options.memory.read().slice(-MOST_FAULTS);
    this.kept = kept.map((fault) => new KeptFault(fault));
    this.nextId = 1 + Math.max(0, ...kept.map(({ id }) => id));
    this.reader = new ClusterReader(options.tree);
    options.tree.onChange((change) => this.changed(change));
    options.observation.onUpdate(() => this.observed());
  }

  async view(): Promise<FaultsView> {
    const { control, note } = this.options;
    let targets: FaultTarget[] = [];
    let why = '';
    try {
      targets = await control.targets();
      why = note();
    } catch (error) {
      why = `Faults cannot be made just now: ${(error as Error).message}`;
    }
    return { enabled: true, control: control.kind, note: why, targets, faults: this.faults().reverse() };
  }

  async perform(targetId: string, action: FaultAction): Promise<Fault> {
    // Claimed before anything is waited for, so that two requests at the same time cannot both pass.
    if (this.busy.has(targetId)) {
      throw new ApiError(409, 'ACTION_NOT_POSSIBLE', `Something else is being done to ${targetId} just now.`);
    }
    this.busy.add(targetId);
    try {
      await this.check(targetId, action);
      const broken = this.records.findLast(({ open, fault }) => open && fault.targetId === targetId);
      return await (repairs.has(action) && broken ? this.repair(broken, action) : this.makeFault(targetId, action));
    } finally {
      this.busy.delete(targetId);
    }
  }

  active(): number {
    return [...this.kept, ...this.records].filter(({ open }) => open).length;
  }

  /** Looks at what is broken still; to be called once a second. */
  async tick(): Promise<void> {
    if (this.active() > 0) await this.look();
    if (this.isWritten) return;
    this.isWritten = true;
    this.options.memory.write(this.faults());
  }

  /** The oldest first. */
  private faults(): Fault[] {
    return [...this.kept, ...this.records].map((record) => record.view()).slice(-MOST_FAULTS);
  }

  private async look(): Promise<void> {
    const { control, clock } = this.options;
    const targets = await control.targets().catch(() => []);
    const stateOf = (targetId: string): FaultTarget['state'] | undefined =>
      targets.find(({ id }) => id === targetId)?.state;
    for (const { fault, tracker } of this.openRecords()) {
      const state = stateOf(fault.targetId);
      if (state) tracker.targetIs(state);
    }
    for (const kept of this.kept) {
      const state = stateOf(kept.view().target) ?? 'unknown';
      if (kept.targetIs(state, clock.nowMs())) this.publish(kept.view(), endOf(kept.view()));
    }
    this.forgetMoved();
    this.observed();
  }

  /** @throws ApiError UNKNOWN_TARGET, ACTION_NOT_POSSIBLE, FAULTS_UNAVAILABLE */
  private async check(targetId: string, action: FaultAction): Promise<void> {
    if (parseTarget(targetId) === null) throw unknownTarget(targetId);
    let targets: FaultTarget[];
    try {
      targets = await this.options.control.targets();
    } catch (error) {
      throw new ApiError(503, 'FAULTS_UNAVAILABLE', (error as Error).message);
    }
    const target = targets.find(({ id }) => id === targetId);
    if (!target) throw unknownTarget(targetId);
    if (!target.actions.includes(action)) {
      const possible = target.actions.length > 0 ? target.actions.join(', ') : 'nothing';
      const text = `${target.title} is ${target.state}; what can be done now: ${possible}.`;
      throw new ApiError(409, 'ACTION_NOT_POSSIBLE', text);
    }
  }

  private async makeFault(targetId: string, action: FaultAction): Promise<Fault> {
    const target = parseTarget(targetId);
    if (!target) throw unknownTarget(targetId);
    const before = pictureOf(this.reader.read());
    const { brokers } = this.options.observation.cluster();
    const silentBefore = brokers.filter(({ probe }) => answering(probe) === false).map(({ brokerId }) => brokerId);
    const fault = { id: this.nextId++, targetId, target, action, before, silentBefore };
    const record = new FaultRecord(fault, this.options.clock);
    // Before it is carried out: what follows may come while that still lasts.
    this.records.push(record);
    if (this.records.length > MOST_FAULTS) this.records.shift();
    this.committed.set(record, new CommittedRecords(this.options.observation, record.startedAtMs));
    this.tell(record, record.title);
    try {
      await this.options.control.perform(targetId, action);
    } catch (error) {
      record.fail((error as Error).message);
      this.tell(record, `${record.title} failed: ${(error as Error).message}`);
      throw failed(error);
    }
    record.markCarriedOut(await this.stateOf(targetId));
    this.tellNews();
    return record.view();
  }

  private async repair(record: FaultRecord, action: FaultAction): Promise<Fault> {
    const { control, clock } = this.options;
    try {
      record.tracker.repaired(action, clock.nowMs());
      await control.perform(record.fault.targetId, action);
    } catch (error) {
      throw failed(error);
    }
    record.markCarriedOut(await this.stateOf(record.fault.targetId));
    this.tellNews();
    return record.view();
  }

  private async stateOf(targetId: string): Promise<FaultTarget['state']> {
    const targets = await this.options.control.targets().catch(() => []);
    return targets.find(({ id }) => id === targetId)?.state ?? 'unknown';
  }

  private changed(change: TreeChange): void {
    const open = this.openRecords();
    if (open.length === 0) return;
    const fact = factOf(change);
    if (!fact) return;
    for (const { tracker } of open) tracker.apply(fact, change.atMs);
    this.newsTimer ??= this.options.clock.after(NEWS_DELAY_MS, () => {
      this.newsTimer = null;
      this.tellNews();
    });
  }

  private observed(): void {
    const open = this.openRecords();
    if (open.length === 0) return;
    const { observation, clock } = this.options;
    const nowMs = clock.nowMs();
    const { brokers, zookeeper } = observation.cluster();
    const reachable =
      zookeeper.session.state === 'connected' && zookeeper.servers.every(({ state }) => state !== 'unreachable');
    for (const record of open) {
      const { tracker } = record;
      tracker.timePasses(nowMs);
      tracker.zookeeperAnswers(reachable, nowMs);
      for (const { brokerId, probe } of brokers) {
        const answers = answering(probe);
        if (answers !== null) tracker.brokerAnswers(brokerId, answers, probe.state, probe.checkedAtMs ?? nowMs);
      }
      tracker.recordsCommitted(this.committed.get(record)?.look(tracker.awaitingRecords(), nowMs) ?? []);
    }
    this.tellNews();
  }

  /** Where all runs again and only ISRs are not whole, it may be that partitions were moved. */
  private forgetMoved(): void {
    const { clock, tree } = this.options;
    const open = this.openRecords().filter(({ tracker }) => tracker.waitsForIsr);
    if (open.length === 0 || !tree.ready) return;
    const { topics } = this.reader.read();
    for (const { tracker } of open) {
      tracker.forgetMoved(({ topic, partition }, brokerId) => {
        const assigned = topics.get(topic)?.partitions.find((each) => each.partition === partition);
        return assigned?.replicas.includes(brokerId) ?? false;
      }, clock.nowMs());
    }
  }

  /** Publishes what is new of each open fault, and ends those that are over. */
  private tellNews(): void {
    const fresh = this.options.tree.ready && !this.options.tree.freshness().stale;
    for (const record of this.openRecords()) {
      if (fresh) record.endWhenWhole();
      for (const text of record.takeNews()) this.tell(record, text);
    }
  }

  private tell(record: FaultRecord, text: string): void {
    this.publish(record.view(), text);
  }

  private publish(fault: Fault, text: string): void {
    this.isWritten = false;
    this.options.events.publish('fault', fault.target, text, fault);
  }

  private openRecords(): FaultRecord[] {
    return this.records.filter(({ open }) => open);
  }
}

/** Null while it is not known. */
function answering({ state }: BrokerView['probe']): boolean | null {
  return state === 'unknown' ? null : state === 'answers' || state === 'slow';
}

function endOf({ title, consequences }: Fault): string {
  return `${title}: ${consequences.at(-1)?.text ?? ''}`;
}

function unknownTarget(targetId: string): ApiError {
  return new ApiError(404, 'UNKNOWN_TARGET', `There is nothing called ${targetId} that faults can be made on.`);
}

function failed(error: unknown): ApiError {
  return new ApiError(502, 'ACTION_FAILED', (error as Error).message);
}
