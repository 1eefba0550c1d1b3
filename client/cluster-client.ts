/**
 * A small client for a whole cluster: finds brokers through bootstrap addresses, keeps one connection per broker, and
 * sends each request where it belongs: to any broker, the controller, a partition's leader, or a group's coordinator.
 * Owns its connections and the metadata it last saw. For tools and tests; it is no producer or consumer.
 */
import { Errors, errorForCode, KafkaError, ZERO_UUID } from '../protocol';
import type { Api, Fields, InputOf, MessageOf, TopicPartition, WireError } from '../protocol';
import { findCoordinator, metadata, type MetadataResponse } from '../protocol/apis';
import { sleep, type Clock } from '../runtime/clock';
import { parseBootstrapServers, type HostPort } from './bootstrap';
import { ConnectionError } from './connection';
import { VersionedConnection } from './versioned-connection';

export interface ClusterClientOptions {
  /** `host:port,host:port` */
  bootstrapServers: string;
  clientId: string;
  clock: Clock;
  /** Milliseconds within which a whole operation, retries included, must succeed; 30,000 when left out. */
  timeoutMs?: number;
  connectTimeoutMs?: number;
}

type SendOptions = { timeoutMs?: number; highestVersion?: number };

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const RETRY_BACKOFF_MS = 100;
const FIRST_BATCHED_FIND_COORDINATOR = 4;

export class ClusterClient {
  private readonly bootstrap: readonly HostPort[];
  private readonly connections = new Map<string, Promise<VersionedConnection>>();
  private readonly addresses = new Map<number, HostPort>();
  private readonly coordinators = new Map<string, number>();
  private controller: number | null = null;
  private readonly leaders = new Map<string, number>();
  private closed = false;

  /** @throws Error when the bootstrap addresses cannot be read */
  constructor(private readonly options: ClusterClientOptions) {
    this.bootstrap = parseBootstrapServers(options.bootstrapServers);
  }

  get timeoutMs(): number {
    return this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** Metadata of some topics, or of all when `topics` is null; remembers brokers, controller and leaders. */
  async metadata(topics: readonly string[] | null, allowAutoTopicCreation = false): Promise<MetadataResponse> {
    const wanted = topics?.map((name) => ({ name, topicId: ZERO_UUID })) ?? null;
    const answer = await this.any((broker) =>
      broker.send(metadata, {
        // Version 0 has no null: there an empty list means all topics.
        topics: wanted ?? (broker.versionOf(metadata) === 0 ? [] : null),
        allowAutoTopicCreation,
      }),
    );
    this.remember(answer);
    return answer;
  }

  /** Runs `use` with a connection to any broker that can be reached. */
  any<T>(use: (broker: VersionedConnection) => Promise<T>): Promise<T> {
    return this.retrying(async () => use(await this.anyBroker()));
  }

  /** Sends to any broker. */
  toAny<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    body: InputOf<MessageOf<Q>>,
    options: SendOptions = {},
  ): Promise<MessageOf<S>> {
    return this.any((broker) => broker.send(api, body, options));
  }

  /** Sends to one broker by its id. */
  toBroker<Q extends Fields, S extends Fields>(
    brokerId: number,
    api: Api<Q, S>,
    body: InputOf<MessageOf<Q>>,
    options: SendOptions = {},
  ): Promise<MessageOf<S>> {
    return this.retrying(async () => (await this.broker(brokerId)).send(api, body, options));
  }

  /**
   * Sends to the controller, and again to its successor when the broker asked is not the controller any more.
   * @param errorOf the error in an answer that would be NOT_CONTROLLER
   */
  toController<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    body: InputOf<MessageOf<Q>>,
    errorOf: (answer: MessageOf<S>) => number,
    options: SendOptions = {},
  ): Promise<MessageOf<S>> {
    return this.retrying(async () => {
      if (this.controller === null) await this.metadata([]);
      if (this.controller === null)
        throw new KafkaError('NOT_CONTROLLER', 'The cluster has no controller at the moment');
      const answer = await (await this.broker(this.controller)).send(api, body, options);
      if (errorOf(answer) !== Errors.NOT_CONTROLLER.code) return answer;
      this.controller = null;
      throw new KafkaError('NOT_CONTROLLER');
    });
  }

  /** Sends to the coordinator of a consumer group, looking it up again when `errorOf` says that it has moved. */
  toCoordinator<Q extends Fields, S extends Fields>(
    groupId: string,
    api: Api<Q, S>,
    body: InputOf<MessageOf<Q>>,
    errorOf: (answer: MessageOf<S>) => number,
    options: SendOptions = {},
  ): Promise<MessageOf<S>> {
    return this.retrying(async () => {
      const coordinator = this.coordinators.get(groupId) ?? (await this.findCoordinator(groupId));
      const answer = await (await this.broker(coordinator)).send(api, body, options);
      const error = errorForCode(errorOf(answer));
      if (!isCoordinatorMoving(error)) return answer;
      this.coordinators.delete(groupId);
      throw new KafkaError(error);
    });
  }

  /** The broker that leads a partition. @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE */
  async leaderOf(topicPartition: TopicPartition): Promise<number> {
    const key = `${topicPartition.topic}-${topicPartition.partition}`;
    if (!this.leaders.has(key)) await this.metadata([topicPartition.topic]);
    const leader = this.leaders.get(key);
    if (leader === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `Unknown topic or partition: ${key}`);
    if (leader < 0) {
      this.leaders.delete(key);
      throw new KafkaError('LEADER_NOT_AVAILABLE', `Partition ${key} has no leader`);
    }
    return leader;
  }

  /** Forgets who leads a partition, after an answer that says it has moved. */
  forgetLeader(topicPartition: TopicPartition): void {
    this.leaders.delete(`${topicPartition.topic}-${topicPartition.partition}`);
  }

  /** The broker that coordinates a group. */
  async findCoordinator(groupId: string): Promise<number> {
    const answer = await this.any((broker) => {
      const batched = (broker.versionOf(findCoordinator) ?? 0) >= FIRST_BATCHED_FIND_COORDINATOR;
      return broker.send(findCoordinator, batched ? { coordinatorKeys: [groupId] } : { key: groupId });
    });
    const found = answer.coordinators[0] ?? answer;
    if (found.errorCode !== 0) throw new KafkaError(errorForCode(found.errorCode), found.errorMessage ?? undefined);
    this.addresses.set(found.nodeId, { host: found.host, port: found.port });
    this.coordinators.set(groupId, found.nodeId);
    return found.nodeId;
  }

  /** A connection to one broker. */
  async broker(brokerId: number): Promise<VersionedConnection> {
    if (!this.addresses.has(brokerId)) await this.metadata([]);
    const address = this.addresses.get(brokerId);
    if (!address) throw new ConnectionError(`broker ${brokerId} is not part of the cluster`);
    return this.connectionTo(address);
  }

  /** Tries again on lost connections and retriable errors until the time is up, then throws the last error. */
  async retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const { clock } = this.options;
    const deadlineMs = clock.monotonicMs() + this.timeoutMs;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const mayRetry = error instanceof ConnectionError || (error instanceof KafkaError && error.error.retriable);
        if (!mayRetry || this.closed || clock.monotonicMs() + RETRY_BACKOFF_MS >= deadlineMs) throw error;
        if (error instanceof ConnectionError) this.controller = null;
        await sleep(clock, RETRY_BACKOFF_MS);
      }
    }
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    this.closed = true;
    const open = await Promise.allSettled(this.connections.values());
    for (const result of open) if (result.status === 'fulfilled') result.value.close();
  }

  private async anyBroker(): Promise<VersionedConnection> {
    // One that has answered before is asked first: another may hang, and would be waited for.
    const all = [...this.addresses.values(), ...this.bootstrap];
    const known = [...all.filter((address) => this.connections.has(keyOf(address))), ...all];
    let lastError: unknown;
    for (const address of known) {
      try {
        return await this.connectionTo(address);
      } catch (error) {
        lastError = error;
      }
    }
    throw lastError;
  }

  private connectionTo(address: HostPort): Promise<VersionedConnection> {
    const key = keyOf(address);
    const existing = this.connections.get(key);
    if (existing) return existing;
    const opened = VersionedConnection.open({
      ...address,
      clientId: this.options.clientId,
      clock: this.options.clock,
      connectTimeoutMs: Math.min(this.timeoutMs, this.options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS),
      requestTimeoutMs: this.timeoutMs,
    });
    this.connections.set(key, opened);
    const forget = (): void => {
      if (this.connections.get(key) === opened) this.connections.delete(key);
    };
    opened.then(({ connection }) => connection.onClose(forget), forget);
    return opened;
  }

  private remember(answer: MetadataResponse): void {
    this.addresses.clear();
    for (const broker of answer.brokers) this.addresses.set(broker.nodeId, { host: broker.host, port: broker.port });
    this.controller = answer.controllerId >= 0 ? answer.controllerId : null;
    for (const topic of answer.topics) {
      for (const partition of topic.partitions) {
        this.leaders.set(`${topic.name}-${partition.partitionIndex}`, partition.leaderId);
      }
    }
  }
}

const keyOf = ({ host, port }: HostPort): string => `${host}:${port}`;

function isCoordinatorMoving(error: WireError): boolean {
  return (
    error === Errors.NOT_COORDINATOR ||
    error === Errors.COORDINATOR_NOT_AVAILABLE ||
    error === Errors.COORDINATOR_LOAD_IN_PROGRESS
  );
}
