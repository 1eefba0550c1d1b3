/** Creates topics that clients asked for without creating them: by whichever broker was asked, written directly (AutoTopicCreationManager). */
import {
  Errors,
  GROUP_METADATA_TOPIC,
  invalidTopicName,
  KafkaError,
  TRANSACTION_STATE_TOPIC,
  type WireError,
} from '../../../protocol';
import type { BrokerConfig } from '../../../settings/broker-config';
import type { Logger } from '../../../runtime/logger';
import { outcomeOf } from './admin-error';
import type { TopicCreation, TopicWish } from './topic-creation';

export class AutoTopicCreation {
  private readonly underWay = new Set<string>();

  constructor(
    private readonly creation: TopicCreation,
    private readonly config: BrokerConfig,
    private readonly logger: Logger,
  ) {}

  /** Gives what the client is to see: LEADER_NOT_AVAILABLE when the topic is there now. */
  async create(topic: string): Promise<WireError> {
    if (invalidTopicName(topic) !== null) return Errors.INVALID_TOPIC_EXCEPTION;
    if (this.underWay.has(topic)) return Errors.UNKNOWN_TOPIC_OR_PARTITION;
    this.underWay.add(topic);
    try {
      await this.creation.create(await this.creation.plan(this.wish(topic)));
      return Errors.LEADER_NOT_AVAILABLE;
    } catch (error) {
      if (error instanceof KafkaError && error.error === Errors.TOPIC_ALREADY_EXISTS)
        return Errors.LEADER_NOT_AVAILABLE;
      const { error: wireError, text } = outcomeOf(error);
      this.logger.info(`Topic ${topic} was not created: ${wireError.name} ${text ?? ''}`);
      return wireError;
    } finally {
      this.underWay.delete(topic);
    }
  }

  private wish(name: string): TopicWish {
    const { config } = this;
    if (name === GROUP_METADATA_TOPIC) {
      return {
        name,
        partitions: config.int('offsets.topic.num.partitions'),
        replicationFactor: config.int('offsets.topic.replication.factor'),
        assignments: null,
        configs: toEntries({
          'cleanup.policy': 'compact',
          // The group coordinator compresses by itself; the topic keeps what it is given.
          'compression.type': 'producer',
          'segment.bytes': config.int('offsets.topic.segment.bytes'),
        }),
      };
    }
    if (name === TRANSACTION_STATE_TOPIC) {
      return {
        name,
        partitions: config.int('transaction.state.log.num.partitions'),
        replicationFactor: config.int('transaction.state.log.replication.factor'),
        assignments: null,
        configs: toEntries({
          'unclean.leader.election.enable': 'false',
          'compression.type': 'uncompressed',
          'cleanup.policy': 'compact',
          'min.insync.replicas': config.int('transaction.state.log.min.isr'),
          'segment.bytes': config.int('transaction.state.log.segment.bytes'),
        }),
      };
    }
    return { name, partitions: -1, replicationFactor: -1, assignments: null, configs: [] };
  }
}

function toEntries(configs: Record<string, string | number>): TopicWish['configs'] {
  return Object.entries(configs).map(([name, value]) => ({ name, value: String(value) }));
}
