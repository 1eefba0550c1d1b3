/** A cluster in memory for faults: the znodes that they concern, what the observation says of it, and a control without processes. */
import { describeTarget, parseTarget, type TargetState } from '../../../../coordinator/faults/targets';
import { KnownTree } from '../../../../coordinator/observe/znode-tree';
import type { FaultControl, Observation } from '../../../../coordinator/parts';
import type { FaultTarget, TracedRecord } from '../../../../coordinator/schemas';
import type { Clock } from '../../../../runtime/clock';
import { silentLogger } from '../../../../runtime/logger';
import {
  brokerPath,
  CONTROLLER_EPOCH_PATH,
  CONTROLLER_PATH,
  encodeBrokerRegistration,
  encodeController,
  encodeControllerEpoch,
  encodePartitionState,
  encodeTopicAssignment,
  partitionStatePath,
  topicPath,
} from '../../../../zookeeper/znodes';
import { statOf } from '../../../support/coordinator/znode-stat';

export class ClusterInMemory {
  readonly tree: KnownTree;
  stale = false;
  readonly silent = new Set<number>();
  readonly records: TracedRecord[] = [];
  private readonly updated = new Set<() => void>();
  private zxid = 1n;

  constructor(private readonly clock: Clock) {
    this.tree = new KnownTree({
      nowMs: () => clock.nowMs(),
      logger: silentLogger,
      freshness: () => ({ asOfMs: clock.nowMs(), ageMs: 0, stale: this.stale, why: null }),
    });
    for (const path of ['/', '/brokers', '/brokers/ids', '/brokers/topics']) this.put(path, null);
  }

  put(path: string, data: Buffer | null): void {
    const before = this.tree.get(path)?.stat;
    const mzxid = this.zxid++;
    const stat = statOf(before?.czxid ?? mzxid, {
      mzxid,
      pzxid: mzxid,
      version: before ? before.version + 1 : 0,
      dataLength: data?.length ?? 0,
    });
    this.tree.put(path, data, stat);
  }

  register(brokerId: number): void {
    const endpoint = { listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'localhost', port: 9092 };
    const registration = { endpoints: [endpoint], rack: null, features: {}, jmxPort: -1, timestampMs: 0 };
    this.put(brokerPath(brokerId), encodeBrokerRegistration(registration as never));
  }

  unregister(brokerId: number): void {
    this.tree.remove(brokerPath(brokerId));
  }

  elect(brokerId: number, epoch: number): void {
    this.tree.remove(CONTROLLER_PATH);
    this.put(CONTROLLER_PATH, encodeController(brokerId, 0));
    this.put(CONTROLLER_EPOCH_PATH, encodeControllerEpoch(epoch));
  }

  /** One partition on the brokers of the ISR that it has when it is made. */
  partition(topic: string, leader: number, isr: number[]): void {
    if (!this.tree.get(topicPath(topic))) {
      const replicas = { replicas: isr, addingReplicas: [], removingReplicas: [] };
      const partitions = new Map([[0, replicas]]);
      this.put(topicPath(topic), encodeTopicAssignment({ topicId: null, partitions } as never));
      this.put(`${topicPath(topic)}/partitions`, null);
      this.put(`${topicPath(topic)}/partitions/0`, null);
    }
    const state = { leader, isr, leaderEpoch: 0, controllerEpoch: 1, leaderRecoveryState: 0 };
    this.put(partitionStatePath(topic, 0), encodePartitionState(state));
  }

  update(): void {
    for (const listener of this.updated) listener();
  }

  get observation(): Observation {
    const nowMs = (): number => this.clock.nowMs();
    return {
      cluster: () => ({
        brokers: [0, 1, 2].map((brokerId) => ({
          brokerId,
          probe: { state: this.silent.has(brokerId) ? 'silent' : 'answers', checkedAtMs: nowMs() },
        })),
        zookeeper: { session: { state: 'connected' }, servers: [{ state: 'answers' }] },
      }),
      flow: () => ({ nowMs: nowMs(), source: 'traces', tracedBrokers: [0, 1, 2], records: this.records, rates: [] }),
      topic: () => null,
      onUpdate: (listener: () => void) => {
        this.updated.add(listener);
        return () => void this.updated.delete(listener);
      },
    } as unknown as Observation;
  }
}

/** Remembers states, and what was asked of it. */
export class ControlInMemory implements FaultControl {
  readonly kind = 'supervisor';
  readonly performed: string[] = [];
  readonly states = new Map<string, TargetState>([
    ['zookeeper', 'running'],
    ['broker-0', 'running'],
    ['broker-1', 'running'],
    ['link:broker-0:broker-1', 'whole'],
  ]);
  /** What the next actions wait for. */
  gate: Promise<void> = Promise.resolve();
  failure: string | null = null;
  /** Called in the middle of an action. */
  during: () => void = () => undefined;

  targets(): Promise<FaultTarget[]> {
    if (this.failure !== null) return Promise.reject(new Error(this.failure));
    const entries = [...this.states];
    return Promise.resolve(entries.map(([id, state]) => describeTarget(parseTarget(id) as never, state)));
  }

  async perform(target: string, action: string): Promise<void> {
    await this.gate;
    this.performed.push(`${action} ${target}`);
    if (this.failure !== null) throw new Error(this.failure);
    const states: Record<string, TargetState> = { kill: 'stopped', pause: 'paused', cut: 'cut', heal: 'whole' };
    this.states.set(target, states[action] ?? 'running');
    this.during();
  }
}
