/** kafka-topics --create */
import type { ClusterClient } from '../../client';
import { Errors } from '../../protocol';
import { createTopics } from '../../protocol/apis';
import { BrokerConfig, checkTopicConfigs, ConfigException } from '../../settings';
import { CommandError } from '../command';
import type { TopicsOptions } from './options';
import { kafkaError } from './names';

const SHORT_MAX = 32_767;
const TIMEOUT_MS = 30_000;

export async function createTopic(
  cluster: ClusterClient,
  given: TopicsOptions,
  print: (line: string) => void,
): Promise<void> {
  const name = given.text('topic') ?? '';
  const partitions = given.number('partitions');
  const replicationFactor = given.number('replication-factor');
  const assignment = parseAssignment(given.text('replica-assignment') ?? '');
  const configs = parseConfigs(given.texts('config'));
  if (name.includes('.') || name.includes('_')) {
    print(
      "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. " +
        'To avoid issues it is best to use either, but not both.',
    );
  }
  if (replicationFactor !== null && (replicationFactor < 1 || replicationFactor > SHORT_MAX)) {
    throw new CommandError(`The replication factor must be between 1 and ${SHORT_MAX} inclusive`);
  }
  if (partitions !== null && partitions < 1) throw new CommandError('The partitions must be greater than 0');
  const answer = await cluster.toController(
    createTopics,
    {
      topics: [
        {
          name,
          numPartitions: assignment.length > 0 ? -1 : (partitions ?? -1),
          replicationFactor: assignment.length > 0 ? -1 : (replicationFactor ?? -1),
          assignments: assignment.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
          configs: [...configs].map(([key, value]) => ({ name: key, value })),
        },
      ],
      timeoutMs: Math.min(cluster.timeoutMs, TIMEOUT_MS),
      validateOnly: false,
    },
    (response) => response.topics[0]?.errorCode ?? 0,
  );
  const result = answer.topics[0];
  if (result === undefined || result.errorCode === 0) {
    print(`Created topic ${name}.`);
  } else if (!(result.errorCode === Errors.TOPIC_ALREADY_EXISTS.code && given.has('if-not-exists'))) {
    throw kafkaError(result.errorCode, result.errorMessage);
  }
}

/** `0:1,1:2` into brokers by partition. @throws CommandError */
export function parseAssignment(text: string): number[][] {
  if (text === '') return [];
  const partitions = text.split(',').map((part) => part.split(':').map((id) => parseBrokerId(id.trim())));
  for (const [index, brokers] of partitions.entries()) {
    const duplicates = brokers.filter((id, at) => brokers.indexOf(id) !== at);
    if (duplicates.length > 0) {
      throw new CommandError(`Partition replica lists may not contain duplicate entries: ${duplicates.join(',')}`);
    }
    if (brokers.length !== partitions[0]?.length) {
      throw new CommandError(`Partition ${index} has different replication factor: [${brokers.join(', ')}]`);
    }
  }
  return partitions;
}

function parseBrokerId(text: string): number {
  if (!/^-?\d+$/.test(text))
    throw new CommandError(`For input string: "${text}" (--replica-assignment takes broker ids)`);
  return Number(text);
}

/** `name=value` pairs, checked as far as that goes without the broker. */
function parseConfigs(pairs: readonly string[]): Map<string, string> {
  const configs = new Map<string, string>();
  for (const pair of pairs) {
    const parts = pair.split(/\s*=\s*/);
    if (parts.length !== 2) {
      throw new CommandError(
        'requirement failed: Invalid topic config: all configs to be added must be in the format "key=val".',
      );
    }
    configs.set((parts[0] as string).trim(), (parts[1] as string).trim());
  }
  const anyBroker = BrokerConfig.parse({ 'broker.id': '0', 'zookeeper.connect': 'unused:2181' });
  try {
    checkTopicConfigs(anyBroker, configs);
  } catch (error) {
    throw error instanceof ConfigException ? new CommandError(error.message) : error;
  }
  return configs;
}
