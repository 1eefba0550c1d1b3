/** Checks and makes new topics (kafka.server.ZkAdminManager, kafka.zk.AdminZkClient): configuration first, then the assignment. */
import { invalidTopicName, KafkaError, topicNamesCollide } from '../../../protocol';
import type { Logger } from '../../../runtime/logger';
import type { Random } from '../../../runtime/random';
import type { BrokerConfig } from '../../../settings/broker-config';
import { checkTopicConfigs } from '../../../settings/topic-config';
import type { ZooKeeperOperations } from '../../../zookeeper';
import { isZkError } from '../../../zookeeper/errors';
import * as znodes from '../../../zookeeper/znodes';
import type { MetadataCache } from '../../metadata/metadata-cache';
import { uuidText } from '../topic-id';
import { writeEntityConfig } from './entity-configs';
import { placeReplicas, randomStart } from './replica-placement';

export interface TopicWish {
  readonly name: string;
  /** -1: num.partitions */
  readonly partitions: number;
  /** -1: default.replication.factor */
  readonly replicationFactor: number;
  /** By partition; null lets the broker place the replicas. */
  readonly assignments: ReadonlyMap<number, readonly number[]> | null;
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

export interface PlannedTopic {
  readonly name: string;
  readonly assignments: ReadonlyMap<number, readonly number[]>;
  readonly configs: ReadonlyMap<string, string>;
}

export interface TopicCreationParts {
  readonly zk: ZooKeeperOperations;
  readonly config: BrokerConfig;
  readonly random: Random;
  readonly logger: Logger;
  readonly metadata: MetadataCache;
}

export class TopicCreation {
  constructor(private readonly parts: TopicCreationParts) {}

  /** @throws KafkaError, ConfigException that say what is wrong */
  async plan(wish: TopicWish): Promise<PlannedTopic> {
    const { metadata, config } = this.parts;
    const { name } = wish;
    if (metadata.partitions(name)) throw topicExists(`Topic '${name}' already exists.`);
    const nulls = wish.configs.filter(({ value }) => value === null);
    if (nulls.length > 0) {
      const names = nulls.map((entry) => entry.name).join(',');
      throw new KafkaError('INVALID_CONFIG', `Null value not supported for topic configs: ${names}`);
    }
    if (wish.assignments && (wish.partitions !== -1 || wish.replicationFactor !== -1)) {
      const text =
        'Both numPartitions or replicationFactor and replicasAssignments were set. Both cannot be used at the same time.';
      throw new KafkaError('INVALID_REQUEST', text);
    }
    const assignments = wish.assignments ?? this.place(wish);
    const configs = new Map(wish.configs.map((entry) => [entry.name, entry.value ?? '']));
    await this.checkName(name);
    checkAssignments(assignments);
    checkTopicConfigs(config, configs);
    return { name, assignments, configs };
  }

  /** @returns the new topic's id */
  async create({ name, assignments, configs }: PlannedTopic): Promise<string> {
    const { zk, random, logger } = this.parts;
    const shown = [...configs].map(([key, value]) => `${key}=${value}`).join(', ');
    const placed = assignments.size > 20 ? `${assignments.size} partitions` : describeAssignments(assignments);
    logger.info(`Creating topic ${name} with configuration {${shown}} and initial partition assignment ${placed}`);
    await writeEntityConfig(zk, znodes.topicConfigEntity(name), configs);
    const topicId = uuidText(random);
    const partitions = new Map(
      [...assignments].map(([partition, replicas]) => [
        partition,
        { replicas: [...replicas], addingReplicas: [], removingReplicas: [] },
      ]),
    );
    try {
      await zk.createRecursive(znodes.topicPath(name), znodes.encodeTopicAssignment({ topicId, partitions }));
    } catch (error) {
      if (isZkError(error, 'NODE_EXISTS')) throw topicExists(`Topic '${name}' already exists.`);
      throw error;
    }
    return topicId;
  }

  private place({ partitions, replicationFactor }: TopicWish): Map<number, number[]> {
    const { metadata, config, random } = this.parts;
    const brokers = [...metadata.liveBrokers.values()].sort((one, other) => one.id - other.id);
    return placeReplicas(brokers, {
      partitions: partitions === -1 ? config.numPartitions : partitions,
      replicationFactor: replicationFactor === -1 ? config.defaultReplicationFactor : replicationFactor,
      ...randomStart(brokers.length, random),
      firstPartition: 0,
    });
  }

  private async checkName(topic: string): Promise<void> {
    const { zk } = this.parts;
    const invalid = invalidTopicName(topic);
    if (invalid !== null) throw new KafkaError('INVALID_TOPIC_EXCEPTION', invalid);
    if (await zk.exists(znodes.deleteTopicPath(topic))) throw topicExists(`Topic '${topic}' is marked for deletion.`);
    if (await zk.exists(znodes.topicPath(topic))) throw topicExists(`Topic '${topic}' already exists.`);
    if (!/[._]/.test(topic)) return;
    const { children } = await zk.getChildren(znodes.TOPICS_PATH);
    const colliding = children.filter((other) => topicNamesCollide(topic, other));
    if (colliding.includes(topic)) throw topicExists(`Topic '${topic}' already exists.`);
    if (colliding.length > 0) {
      const text = `Topic '${topic}' collides with existing topics: ${colliding.join(', ')}`;
      throw new KafkaError('INVALID_TOPIC_EXCEPTION', text);
    }
  }
}

function topicExists(text: string): KafkaError {
  return new KafkaError('TOPIC_ALREADY_EXISTS', text);
}

/** @throws KafkaError INVALID_REPLICA_ASSIGNMENT */
function checkAssignments(assignments: ReadonlyMap<number, readonly number[]>): void {
  const lists = [...assignments.values()];
  const invalid = (text: string): never => {
    throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', text);
  };
  if (new Set(lists.map((list) => list.length)).size !== 1)
    invalid('All partitions should have the same number of replicas');
  if (lists.some((list) => new Set(list).size < list.length)) {
    invalid(`Duplicate replica assignment found: ${describeAssignments(assignments)}`);
  }
  const indexes = [...assignments.keys()].sort((a, b) => a - b);
  if (indexes.some((partition, index) => partition !== index)) {
    invalid('partitions should be a consecutive 0-based integer sequence');
  }
}

/** As Kafka prints it. */
function describeAssignments(assignments: ReadonlyMap<number, readonly number[]>): string {
  const entries = [...assignments].map(
    ([partition, replicas]) => `${partition} -> ArrayBuffer(${replicas.join(', ')})`,
  );
  return `HashMap(${entries.join(', ')})`;
}
