/** A tree of znodes as a cluster leaves it, and knowledge made of it, for tests of what the coordinator makes of both. */
import { notProbed, type ProbeFact } from '../../../../coordinator/observe/broker-probe';
import { ClusterReader } from '../../../../coordinator/observe/cluster-state';
import { GroupStore } from '../../../../coordinator/observe/group-store';
import type { Knowledge } from '../../../../coordinator/observe/knowledge';
import { OffsetStore } from '../../../../coordinator/observe/offset-store';
import type { ReadFact } from '../../../../coordinator/observe/polls';
import { KnownTree } from '../../../../coordinator/observe/znode-tree';
import { silentLogger } from '../../../../runtime/logger';
import {
  brokerPath,
  configPath,
  encodeBrokerRegistration,
  encodeClusterId,
  encodeController,
  encodeControllerEpoch,
  encodeEntityConfig,
  encodePartitionState,
  encodeTopicAssignment,
  partitionStatePath,
  topicPath,
  type ReplicaAssignment,
} from '../../../../zookeeper/znodes';
import { statOf } from '../../../support/coordinator/znode-stat';

export const NOW_MS = 1_700_000_000_000;
export const CLUSTER_ID = 'aaaaaaaaaaaaaaaaaaaaaa';

export interface GivenPartition {
  replicas: number[];
  isr?: number[];
  leader?: number;
  leaderEpoch?: number;
}

export class GivenCluster {
  readonly tree = new KnownTree({
    nowMs: () => NOW_MS,
    logger: silentLogger,
    freshness: () => ({ asOfMs: NOW_MS, ageMs: 0, stale: false, why: null }),
  });
  private zxid = 100n;

  constructor() {
    this.put('/', null);
    this.put('/cluster/id', encodeClusterId(CLUSTER_ID));
    this.put('/brokers/ids', null);
    this.put('/brokers/topics', null);
    this.tree.markReady();
  }

  /** Sets a node and makes the parents that lack; gives its czxid. */
  put(path: string, data: Buffer | null, session = 0n): bigint {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent !== '' && !this.tree.get(parent)) this.put(parent, null);
    const before = this.tree.get(path);
    this.zxid++;
    const stat = statOf(before?.stat.czxid ?? this.zxid, {
      mzxid: this.zxid,
      pzxid: this.zxid,
      ctimeMs: NOW_MS - 5_000,
      mtimeMs: NOW_MS - 1_000,
      version: before ? before.stat.version + 1 : 0,
      ephemeralOwner: Buffer.from(session.toString(16).padStart(16, '0'), 'hex'),
      dataLength: data?.length ?? 0,
    });
    this.tree.put(path, data, stat);
    return stat.czxid;
  }

  register(...brokerIds: number[]): this {
    for (const brokerId of brokerIds) {
      const endpoint = { listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: `host${brokerId}`, port: 9092 };
      const registration = {
        brokerId,
        endpoints: [endpoint],
        rack: null,
        jmxPort: -1,
        timestampMs: NOW_MS,
        features: {},
      };
      this.put(brokerPath(brokerId), encodeBrokerRegistration(registration), BigInt(0x1000 + brokerId));
    }
    return this;
  }

  leave(brokerId: number): this {
    this.tree.remove(brokerPath(brokerId));
    return this;
  }

  controller(brokerId: number, epoch = 1): this {
    this.put('/controller', encodeController(brokerId, NOW_MS), BigInt(0x1000 + brokerId));
    this.put('/controller_epoch', encodeControllerEpoch(epoch));
    return this;
  }

  topic(name: string, partitions: GivenPartition[], overrides?: Record<string, string>): this {
    const assigned = partitions.map(({ replicas }, i): [number, ReplicaAssignment] => [
      i,
      { replicas, addingReplicas: [], removingReplicas: [] },
    ]);
    this.put(
      topicPath(name),
      encodeTopicAssignment({ topicId: 'bbbbbbbbbbbbbbbbbbbbbb', partitions: new Map(assigned) }),
    );
    for (const [i, given] of partitions.entries()) this.state(name, i, given);
    if (overrides) this.configure(`topics/${name}`, overrides);
    return this;
  }

  state(
    name: string,
    partition: number,
    { replicas, isr = replicas, leader = isr[0] ?? -1, leaderEpoch = 0 }: GivenPartition,
  ): this {
    const state = { leader, isr, leaderEpoch, controllerEpoch: 1, leaderRecoveryState: 0 };
    this.put(partitionStatePath(name, partition), encodePartitionState(state));
    return this;
  }

  configure(entity: string, config: Record<string, string>): this {
    this.put(configPath(entity), encodeEntityConfig(config));
    return this;
  }

  /** What is known of this cluster when every broker answers as it should, unless said otherwise. */
  knowledge(differing: Partial<Knowledge> = {}): Knowledge {
    const state = new ClusterReader(this.tree).read();
    const brokerIds = [...state.brokers.keys()];
    const controllerId = state.controller?.brokerId ?? null;
    return {
      nowMs: NOW_MS,
      state,
      freshness: this.tree.freshness(),
      probeOf: (brokerId) => (state.brokers.has(brokerId) ? answering(controllerId, brokerIds) : notProbed),
      readOf: () => heard(),
      remembered: new Map(),
      offsets: new OffsetStore(),
      groups: new GroupStore().all,
      httpListeners: new Map(),
      zookeeper: {
        connectString: 'zk:2181',
        session: { state: 'connected', sessionId: '0x1', timeoutMs: 18_000, sinceMs: NOW_MS },
        servers: [],
        knownZnodes: this.tree.size,
      },
      limits: { probeSlowMs: 500, probeTimeoutMs: 2_000, staleAfterMs: 8_000 },
      ...differing,
    };
  }
}

export function answering(controllerId: number | null, brokerIds: number[]): ProbeFact {
  return {
    ...notProbed,
    state: 'answers',
    address: 'host:9092',
    latencyMs: 2,
    checkedAtMs: NOW_MS,
    apis: 60,
    seesControllerId: controllerId,
    seesBrokers: brokerIds,
    seesClusterId: CLUSTER_ID,
  };
}

export function heard(differing: Partial<ReadFact> = {}): ReadFact {
  return { offsetsAtMs: NOW_MS, groupsAtMs: NOW_MS, minIsr: 1, error: null, ...differing };
}

/** An answer to ListOffsets: topic → partition → offset. */
export function listed(offsets: Record<string, Record<number, number>>): Parameters<OffsetStore['take']>[1] {
  return {
    throttleTimeMs: 0,
    topics: Object.entries(offsets).map(([name, partitions]) => ({
      name,
      partitions: Object.entries(partitions).map(([partition, offset]) => ({
        partitionIndex: Number(partition),
        errorCode: 0,
        oldStyleOffsets: [],
        timestamp: -1n,
        offset,
        leaderEpoch: 0,
      })),
    })),
  };
}
