/**
 * Brokers that consist of replicas and their handlers only, in one process on a clock that stands still. The test plays
 * the controller; followers reach leaders through the Fetch handler, bytes included.
 */
import { fetchHandler } from '../../../../broker/apis/01-fetch';
import { listOffsetsHandler } from '../../../../broker/apis/02-list-offsets';
import type { Handler } from '../../../../broker/apis/handler';
import type { IsrDecision, IsrProposal } from '../../../../broker/cluster/cluster-change';
import type { LogConfig, LogManager } from '../../../../broker/log';
import { MetadataCache } from '../../../../broker/metadata/metadata-cache';
import type { RequestContext } from '../../../../broker/net/request-context';
import { ReplicaManager, type LeaderEndpoint, type ReplicationConfig } from '../../../../broker/replication';
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  errorForCode,
  KafkaError,
  Reader,
  readRequestHeaderRest,
  readRequestHeaderStart,
} from '../../../../protocol';
import type { Api, Fields, InputOf, MessageOf } from '../../../../protocol';
import { fetch, listOffsets, type LeaderAndIsrRequest, type UpdateMetadataRequest } from '../../../../protocol/apis';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { Metrics } from '../../../../runtime/metrics';
import { seededRandom } from '../../../../runtime/random';
import { BrokerConfig } from '../../../../settings';
import { openLogs, stateOf } from './support';

export const TOPIC_ID = 'TP9cSBN7ShaBGIn-e4c3tw';
export const TOPIC = 'orders';

export interface SmallBroker {
  readonly id: number;
  readonly replicas: ReplicaManager;
  readonly metadata: MetadataCache;
  readonly logs: LogManager;
  readonly handlers: { readonly fetch: Handler; readonly listOffsets: Handler };
  isUp: boolean;
}

export interface Election {
  leader?: number;
  leaderEpoch?: number;
  isr?: number[];
  partitionEpoch?: number;
  replicas?: number[];
  isNew?: boolean;
  partitions?: number[];
}

export class SmallCluster {
  readonly clock = new ManualClock();
  readonly brokers: SmallBroker[] = [];
  controllerEpoch = 1;
  topicConfig: () => Promise<Record<string, string>> = () => Promise.resolve({});
  readonly proposals: IsrProposal[] = [];
  /** What the controller answers; accepts everything unless a test says otherwise. */
  decide: (proposal: IsrProposal, brokerId: number) => IsrDecision = (proposal, leader) => ({
    accepted: true,
    leader,
    leaderEpoch: proposal.leaderEpoch,
    isr: proposal.newIsr,
    leaderRecoveryState: 0,
    partitionEpoch: proposal.partitionEpoch + 1,
  });

  static async start(
    count: number,
    config: Partial<LogConfig> = {},
    settings: Partial<ReplicationConfig> = {},
  ): Promise<SmallCluster> {
    const cluster = new SmallCluster();
    for (let id = 1; id <= count; id++) cluster.brokers.push(await cluster.startBroker(id, config, settings));
    return cluster;
  }

  broker(id: number): SmallBroker {
    const found = this.brokers.find((broker) => broker.id === id);
    if (!found) throw new Error(`there is no broker ${id}`);
    return found;
  }

  async stop(): Promise<void> {
    for (const broker of this.brokers) await broker.replicas.shutdown();
  }

  /** Lets `ms` pass, and everything that is ready happen. */
  async pass(ms = 0): Promise<void> {
    await this.clock.advanceAsync(ms);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The controller tells all brokers of partition 0 of the topic (or those given): metadata first, then roles. */
  async elect(election: Election = {}): Promise<number[][]> {
    const { partitions = [0] } = election;
    const states = partitions.map((partitionIndex) => stateOf({ ...election, partitionIndex, topicName: TOPIC }));
    const answers: number[][] = [];
    for (const broker of this.brokers.filter(({ isUp }) => isUp)) {
      await broker.replicas.updateMetadata(this.metadataRequest(states));
      const { outcomes } = await broker.replicas.becomeLeaderOrFollower(this.leaderAndIsrRequest(states));
      answers.push(outcomes.map(({ error }) => error.code));
    }
    await this.pass();
    return answers;
  }

  leaderAndIsrRequest(states: ReturnType<typeof stateOf>[]): LeaderAndIsrRequest {
    return {
      controllerId: 1,
      isKRaftController: false,
      controllerEpoch: this.controllerEpoch,
      brokerEpoch: -1,
      type: 0,
      ungroupedPartitionStates: [],
      topicStates: [{ topicName: TOPIC, topicId: TOPIC_ID, partitionStates: states }],
      liveLeaders: [],
    };
  }

  metadataRequest(states: ReturnType<typeof stateOf>[]): UpdateMetadataRequest {
    const partitionStates = states.map(({ partitionEpoch, ...state }) => ({
      ...state,
      zkVersion: partitionEpoch,
      offlineReplicas: [],
    }));
    return {
      controllerId: 1,
      isKRaftController: false,
      type: 0,
      controllerEpoch: this.controllerEpoch,
      brokerEpoch: -1,
      ungroupedPartitionStates: [],
      topicStates: [{ topicName: TOPIC, topicId: TOPIC_ID, partitionStates }],
      liveBrokers: this.brokers
        .filter(({ isUp }) => isUp)
        .map(({ id }) => ({
          id,
          v0Host: '',
          v0Port: 0,
          rack: null,
          endpoints: [{ port: 9092, host: 'localhost', listener: 'PLAINTEXT', securityProtocol: 0 }],
        })),
    };
  }

  private async startBroker(
    id: number,
    logConfig: Partial<LogConfig>,
    settings: Partial<ReplicationConfig>,
  ): Promise<SmallBroker> {
    const logs = await openLogs(this.clock, logConfig);
    const metadata = new MetadataCache();
    const replicas = new ReplicaManager({
      config: { ...replicationConfig(id), ...settings },
      clock: this.clock,
      random: seededRandom(id),
      logger: silentLogger,
      metrics: new Metrics(),
      metadata,
      logs,
      cluster: {
        brokerEpoch: 10 + id,
        alterPartition: (proposal) => {
          this.proposals.push(proposal);
          return Promise.resolve(this.decide(proposal, id));
        },
        topicConfig: () => this.topicConfig(),
        reportLogDirFailure: () => Promise.resolve(),
      },
      connectLeader: (leaderId) => new HandlerLeader(this, id, leaderId),
    });
    await replicas.startup();
    const config = BrokerConfig.parse({ 'broker.id': String(id), 'zookeeper.connect': 'localhost:2181' });
    const parts = { config, metadata, replicas, logger: silentLogger };
    return {
      id,
      replicas,
      metadata,
      logs,
      handlers: { fetch: fetchHandler(parts), listOffsets: listOffsetsHandler(parts) },
      isUp: true,
    };
  }
}

function replicationConfig(brokerId: number): ReplicationConfig {
  return {
    brokerId,
    interBrokerListenerName: 'PLAINTEXT',
    replicaLagTimeMaxMs: 30_000,
    fetchWaitMaxMs: 500,
    fetchMinBytes: 1,
    fetchMaxBytes: 1 << 20,
    fetchResponseMaxBytes: 10 << 20,
    fetchBackoffMs: 1000,
    fetchersPerLeader: 1,
    socketTimeoutMs: 30_000,
    highWatermarkCheckpointIntervalMs: 5000,
    fetchSessionSlots: 100,
    replicaSelectorClass: null,
    quotaWindow: { samples: 11, sampleMs: 1000 },
  };
}

export function contextOf(apiKey: number, apiVersion: number): RequestContext {
  return {
    apiKey,
    apiVersion,
    correlationId: 0,
    clientId: 'test',
    listenerName: 'PLAINTEXT',
    clientHost: '/127.0.0.1',
    connectionId: 'test',
    principal: 'User:ANONYMOUS',
    receivedAtMs: 0,
    closed: new AbortController().signal,
  };
}

/** Calls a handler with what arrives when `body` is sent, and gives what arrives of its answer. */
export async function call<Q extends Fields, S extends Fields>(
  handler: Handler,
  api: Api<Q, S>,
  version: number,
  body: InputOf<MessageOf<Q>>,
): Promise<MessageOf<S>> {
  const reader = new Reader(Buffer.concat(encodeRequest(api, version, 0, 'test', body)).subarray(4));
  readRequestHeaderStart(reader);
  readRequestHeaderRest(reader, api, version);
  const request = decodeRequest(api, version, reader);
  const answer = await handler.handle(request as never, contextOf(api.key, version));
  const bytes = Buffer.concat(encodeResponse(api, version, 0, answer as InputOf<MessageOf<S>>));
  return decodeResponse(api, version, new Reader(bytes.subarray(4))).body;
}

class HandlerLeader implements LeaderEndpoint {
  private closing: Promise<never> = new Promise(() => undefined);
  close: () => void = () => undefined;

  constructor(
    private readonly cluster: SmallCluster,
    private readonly followerId: number,
    private readonly leaderId: number,
  ) {
    this.open();
  }

  interrupt(): void {
    this.close();
    this.open();
  }

  async fetch(version: number, request: Parameters<LeaderEndpoint['fetch']>[1]) {
    return this.reach(() => call(this.leader.handlers.fetch, fetch, version, request));
  }

  async offsetAt(
    timestamp: bigint,
    topicPartition: { topic: string; partition: number },
    leaderEpoch: number,
  ): Promise<number> {
    const partition = { partitionIndex: topicPartition.partition, currentLeaderEpoch: leaderEpoch, timestamp };
    const body = { replicaId: this.followerId, topics: [{ name: topicPartition.topic, partitions: [partition] }] };
    const { topics } = await this.reach(() => call(this.leader.handlers.listOffsets, listOffsets, 9, body));
    const [answer] = topics[0]?.partitions ?? [];
    if (!answer || answer.errorCode !== 0) throw new KafkaError(errorForCode(answer?.errorCode ?? -1));
    return answer.offset;
  }

  private open(): void {
    this.closing = new Promise((_, reject) => (this.close = () => reject(new Error('closed'))));
    this.closing.catch(() => undefined);
  }

  private get leader(): SmallBroker {
    return this.cluster.broker(this.leaderId);
  }

  private async reach<T>(ask: () => Promise<T>): Promise<T> {
    const isUp = (): boolean => this.leader.isUp && this.cluster.broker(this.followerId).isUp;
    if (!isUp()) throw new Error('connection refused');
    const answer = await Promise.race([ask(), this.closing]);
    if (!isUp()) throw new Error('connection lost');
    return answer;
  }
}
