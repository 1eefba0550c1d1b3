/** A group coordinator on a standing clock, and the calls that clients would make, in short. */
import { Errors, type WireError } from '../../../../protocol';
import type { LeavingMember } from '../../../../broker/group';
import { GroupCoordinator } from '../../../../broker/group';
import type { CommittedOffset } from '../../../../broker/group';
import type { JoinResult, SyncResult } from '../../../../broker/group';
import { MetadataCache } from '../../../../broker/metadata/metadata-cache';
import { encodeSubscription } from '../../../../protocol/internal';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { Metrics } from '../../../../runtime/metrics';
import { seededRandom } from '../../../../runtime/random';
import { BrokerConfig } from '../../../../settings';
import { FakeReplicas } from './fake-replicas';

export const GROUP = 'orders-app';
export const SESSION_MS = 10_000;
export const REBALANCE_MS = 60_000;
export const INITIAL_DELAY_MS = 3000;

export interface JoinOptions {
  groupId?: string;
  memberId?: string;
  instanceId?: string | null;
  /** As JoinGroup 4 and later. */
  requireKnownMemberId?: boolean;
  /** As JoinGroup 9 and later. */
  supportsSkippingAssignment?: boolean;
  sessionTimeoutMs?: number;
  rebalanceTimeoutMs?: number;
  protocolType?: string;
  /** Names with data; the data of a plain name is its own bytes. */
  protocols?: readonly (string | { name: string; metadata: Buffer })[];
}

/** A promise that can be asked whether it has settled. */
export interface Waiting<T> {
  readonly result: T | null;
  readonly promise: Promise<T>;
}

export function watch<T>(value: T | Promise<T>): Waiting<T> {
  const waiting = { result: null as T | null, promise: Promise.resolve(value) };
  void waiting.promise.then((result) => (waiting.result = result));
  return waiting;
}

/** Lets everything run that is ready to. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function consumerProtocol(name: string, ...topics: string[]): { name: string; metadata: Buffer } {
  return { name, metadata: encodeSubscription({ topics }, 1) };
}

export class CoordinatorBench {
  readonly clock = new ManualClock();
  readonly replicas: FakeReplicas;
  readonly metadata = new MetadataCache();
  readonly coordinator: GroupCoordinator;

  private constructor(config: Record<string, string>, replicas: FakeReplicas) {
    this.replicas = replicas;
    this.coordinator = new GroupCoordinator({
      config: BrokerConfig.parse({ 'broker.id': '0', 'zookeeper.connect': 'localhost:1', ...config }),
      clock: this.clock,
      logger: silentLogger,
      metrics: new Metrics(),
      random: seededRandom(1),
      replicas,
      metadata: this.metadata,
      cluster: { partitionCount: () => Promise.resolve(1) },
    });
  }

  /** A coordinator that leads the only partition of the topic, loaded from `replicas` if given. */
  static async start(config: Record<string, string> = {}, replicas = new FakeReplicas()): Promise<CoordinatorBench> {
    const bench = new CoordinatorBench(config, replicas);
    await bench.coordinator.startup();
    replicas.change(0, 'leader');
    await settle();
    await settle();
    return bench;
  }

  /** Another coordinator that loads what this one has written. */
  async restart(config: Record<string, string> = {}): Promise<CoordinatorBench> {
    await this.coordinator.shutdown();
    this.replicas.holdAppends = false;
    return CoordinatorBench.start(config, this.replicas);
  }

  advance(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }

  join(options: JoinOptions = {}): Waiting<JoinResult> {
    const protocols = (options.protocols ?? ['range']).map((protocol) =>
      typeof protocol === 'string' ? { name: protocol, metadata: Buffer.from(protocol) } : protocol,
    );
    return watch(
      this.coordinator.joinGroup({
        groupId: options.groupId ?? GROUP,
        memberId: options.memberId ?? '',
        instanceId: options.instanceId ?? null,
        requireKnownMemberId: options.requireKnownMemberId ?? false,
        supportsSkippingAssignment: options.supportsSkippingAssignment ?? false,
        clientId: 'client',
        clientHost: '/127.0.0.1',
        sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_MS,
        rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? REBALANCE_MS,
        protocolType: options.protocolType ?? 'consumer',
        protocols,
        reason: 'a test',
      }),
    );
  }

  sync(
    member: { memberId: string; generation: number },
    assignments: Record<string, string> = {},
    options: { groupId?: string; instanceId?: string; protocolType?: string; protocolName?: string } = {},
  ): Waiting<SyncResult> {
    return watch(
      this.coordinator.syncGroup({
        groupId: options.groupId ?? GROUP,
        memberId: member.memberId,
        generation: member.generation,
        instanceId: options.instanceId ?? null,
        protocolType: options.protocolType ?? null,
        protocolName: options.protocolName ?? null,
        assignments: new Map(Object.entries(assignments).map(([id, text]) => [id, Buffer.from(text)])),
      }),
    );
  }

  heartbeat(member: { memberId: string; generation: number }, instanceId: string | null = null): WireError {
    const { memberId, generation } = member;
    return this.coordinator.heartbeat({ groupId: GROUP, instanceId, memberId, generation });
  }

  leave(...members: Partial<LeavingMember>[]): { error: WireError; members: WireError[] } {
    const leaving = members.map((member) => ({ memberId: '', instanceId: null, reason: null, ...member }));
    return this.coordinator.leaveGroup(GROUP, leaving);
  }

  commit(
    offsets: Record<string, number>,
    member: { memberId?: string; generation?: number; instanceId?: string | null } = {},
    groupId = GROUP,
  ): Waiting<WireError[]> {
    const call = { groupId, memberId: '', generation: -1, instanceId: null, ...member };
    return watch(
      this.coordinator.commitOffsets(
        call,
        Object.entries(offsets).map(([key, offset]) => this.offset(key, offset)),
      ),
    );
  }

  offset(key: string, offset: number, overrides: Partial<CommittedOffset> = {}): CommittedOffset {
    const [topic = '', partition] = key.split(/-(?=\d+$)/);
    return {
      topicPartition: { topic, partition: Number(partition) },
      offset,
      leaderEpoch: -1,
      metadata: '',
      commitTimestampMs: BigInt(this.clock.nowMs()),
      expireTimestampMs: null,
      ...overrides,
    };
  }

  /** Committed offsets by partition, those that are not there left out. */
  committed(groupId = GROUP): Record<string, number> {
    const { offsets } = this.coordinator.fetchOffsets(groupId, null, false);
    return Object.fromEntries(
      offsets.map(({ topicPartition: { topic, partition }, committed }) => [
        `${topic}-${partition}`,
        committed?.offset ?? -1,
      ]),
    );
  }

  state(groupId = GROUP): string {
    return this.coordinator.describeGroup(groupId).description?.state ?? 'none';
  }

  /** Joins so many dynamic members at once, syncs them, and gives them back, the leader first. */
  async stableGroup(count = 1, options: JoinOptions = {}): Promise<{ memberId: string; generation: number }[]> {
    const joins = Array.from({ length: count }, () => this.join(options));
    await this.advance(INITIAL_DELAY_MS * 2);
    const members = joins.map(({ result }) => {
      if (result?.error !== Errors.NONE) throw new Error(`could not join: ${result?.error.name}`);
      return { memberId: result.memberId, generation: result.generation, leaderId: result.leaderId };
    });
    members.sort((one) => (one.memberId === one.leaderId ? -1 : 1));
    const [leader] = members;
    const assignments = Object.fromEntries(members.map(({ memberId }, index) => [memberId, `part ${index}`]));
    for (const member of members) this.sync(member, member === leader ? assignments : {});
    await settle();
    if (this.state(options.groupId) !== 'Stable') throw new Error(`the group is ${this.state()}`);
    return members;
  }
}
