/**
 * How the rest of the broker changes the cluster, or asks about what only the coordination service knows.
 * Implemented over ZooKeeper and inter-broker requests in cluster-zookeeper/; another implementation may follow.
 */
import type { TopicPartition, WireError } from '../../protocol';

/** A leader's wish to change its partition's ISR (KIP-497). */
export interface IsrProposal {
  readonly topicPartition: TopicPartition;
  readonly topicId: string;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly newIsr: readonly number[];
  /** 0 RECOVERED, 1 RECOVERING */
  readonly leaderRecoveryState: number;
}

/** The controller's answer for one partition. */
export type IsrDecision =
  | {
      readonly accepted: true;
      readonly leader: number;
      readonly leaderEpoch: number;
      readonly isr: readonly number[];
      readonly leaderRecoveryState: number;
      readonly partitionEpoch: number;
    }
  | { readonly accepted: false; readonly error: WireError };

export interface ProducerIdBlock {
  readonly firstId: number;
  readonly length: number;
}

export interface ClusterChange {
  /** This broker's epoch: the czxid of its registration; -1 before it is registered. */
  readonly brokerEpoch: number;

  /** Sends an ISR change to the controller and retries until it has answered for this partition. */
  alterPartition(proposal: IsrProposal): Promise<IsrDecision>;

  /** A fresh block of producer ids from the controller; KafkaError when it cannot be had now. */
  allocateProducerIds(): Promise<ProducerIdBlock>;

  /** The overrides in /config/topics/<topic>; empty when there are none. */
  topicConfig(topic: string): Promise<Record<string, string>>;

  /** Number of partitions of an existing topic, null when the topic does not exist. */
  partitionCount(topic: string): Promise<number | null>;

  /**
   * Creates a topic on behalf of a client that asked for it by Metadata or FindCoordinator: written directly, without
   * waiting for its partitions. Gives the error the client is to see, LEADER_NOT_AVAILABLE when all went well
   * (AutoTopicCreationManager).
   */
  autoCreateTopic(topic: string): Promise<WireError>;

  /** Tells the controller that a log directory of this broker has failed. */
  reportLogDirFailure(): Promise<void>;

  /**
   * The offset that a consumer committed to ZooKeeper (OffsetFetch version 0), null when there is none. Left out where
   * the cluster has no such place.
   */
  consumerOffset?(groupId: string, topicPartition: TopicPartition): Promise<number | null>;

  /** Commits an offset to ZooKeeper (OffsetCommit version 0). Left out where the cluster has no such place. */
  storeConsumerOffset?(groupId: string, topicPartition: TopicPartition, offset: number): Promise<void>;
}
