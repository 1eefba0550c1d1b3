/**
 * The connection of one fetcher to its leader. Opened on first use and after every failure, without an ApiVersions
 * exchange, as between Kafka's brokers; versions follow from inter.broker.protocol.version.
 */
import { Connection, ConnectionError, type Connect, type PeerConnection } from '../../client/connection';
import { errorForCode, Errors, KafkaError, type InputOf, type TopicPartition } from '../../protocol';
import { fetch, listOffsets, type FetchRequest, type FetchResponse } from '../../protocol/apis';
import type { Clock } from '../../runtime/clock';
import type { Endpoint } from '../metadata/metadata-cache';

const LIST_OFFSETS_VERSION = 9;

/** What a fetcher asks of its leader. */
export interface LeaderEndpoint {
  fetch(version: number, request: InputOf<FetchRequest>): Promise<FetchResponse>;
  /** First (-2) or next (-1) offset of the leader's log; KafkaError with the leader's error. */
  offsetAt(timestamp: bigint, topicPartition: TopicPartition, leaderEpoch: number): Promise<number>;
  /** Gives up the request that waits for its answer: it rejects. The next request is sent as ever. */
  interrupt(): void;
  close(): void;
}

export interface LeaderEndpointOptions {
  readonly brokerId: number;
  readonly leaderId: number;
  readonly clientId: string;
  readonly socketTimeoutMs: number;
  readonly clock: Clock;
  /** Left out: real connections. */
  readonly connect?: Connect;
  /** Where the leader is now; null when it is not live. */
  endpoint(): Endpoint | null;
}

export class RemoteLeader implements LeaderEndpoint {
  private connection: PeerConnection | null = null;
  private closed = false;

  constructor(private readonly options: LeaderEndpointOptions) {}

  async fetch(version: number, request: InputOf<FetchRequest>): Promise<FetchResponse> {
    const connection = await this.connect();
    return connection.send(fetch, version, request);
  }

  async offsetAt(timestamp: bigint, topicPartition: TopicPartition, leaderEpoch: number): Promise<number> {
    const connection = await this.connect();
    const partition = { partitionIndex: topicPartition.partition, currentLeaderEpoch: leaderEpoch, timestamp };
    const response = await connection.send(listOffsets, LIST_OFFSETS_VERSION, {
      replicaId: this.options.brokerId,
      topics: [{ name: topicPartition.topic, partitions: [partition] }],
    });
    const answer = response.topics[0]?.partitions[0];
    if (!answer) throw new ConnectionError('the leader did not answer for the partition that was asked for');
    const error = errorForCode(answer.errorCode);
    if (error !== Errors.NONE) throw new KafkaError(error);
    return answer.offset;
  }

  interrupt(): void {
    // What comes on the old connection later could not be told from the answer to the next request.
    this.connection?.close();
    this.connection = null;
  }

  close(): void {
    this.closed = true;
    this.connection?.close();
    this.connection = null;
  }

  private async connect(): Promise<PeerConnection> {
    if (this.connection && !this.connection.closed) return this.connection;
    const { options } = this;
    const endpoint = options.endpoint();
    if (endpoint === null) throw new ConnectionError(`broker ${options.leaderId} is not live`);
    const connect = options.connect ?? Connection.open;
    const connection = await connect({
      host: endpoint.host,
      port: endpoint.port,
      clientId: options.clientId,
      connectTimeoutMs: options.socketTimeoutMs,
      requestTimeoutMs: options.socketTimeoutMs,
      clock: options.clock,
    });
    if (this.closed) {
      connection.close();
      throw new ConnectionError('the fetcher was closed');
    }
    this.connection = connection;
    return connection;
  }
}
