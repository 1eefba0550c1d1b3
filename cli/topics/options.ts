/** The options of kafka-topics. */
import { topicKeys } from '../../settings';
import { commonOptions, flag, value, type ParsedOptions } from '../options';

export const topicsOptions = {
  ...commonOptions,
  'bootstrap-server': value('server to connect to', 'REQUIRED: host:port of a broker of the cluster.'),
  'command-config': value('config property file', 'File with properties for the connection to the cluster.'),
  create: flag('Create a topic.'),
  list: flag('List the names of topics.'),
  describe: flag('Show partitions, leaders, replicas and configuration of topics.'),
  alter: flag('Give a topic more partitions. (Its configuration is changed with kafka-configs.)'),
  delete: flag('Delete topics.'),
  topic: value('topic', 'The topic. A regular expression for everything but --create.'),
  'topic-id': value('topic-id', 'The topic by its id, for --describe.'),
  partitions: value(
    '# of partitions',
    'How many partitions; the default of the cluster when left out of --create. More partitions later change which partition a key goes to.',
    { type: 'Integer' },
  ),
  'replication-factor': value(
    'replication factor',
    'How many copies of each partition; the default of the cluster when left out.',
    { type: 'Integer' },
  ),
  'replica-assignment': value(
    'broker1:broker2,broker3:broker4,...',
    'The brokers of each partition, by hand: partitions separated by commas, brokers of a partition by colons, the preferred leader first.',
  ),
  config: value(
    'name=value',
    `A setting of the topic to create; may be given several times. One of ${[...topicKeys.keys()].toSorted().join(', ')}.`,
  ),
  'delete-config': value('name', 'No longer supported here; use kafka-configs.'),
  'if-exists': flag('Do nothing, without an error, where there is no such topic.'),
  'if-not-exists': flag('Do nothing, without an error, where there is such a topic already.'),
  'exclude-internal': flag('Leave out internal topics.'),
  'topics-with-overrides': flag('Describe only topics that have settings of their own.'),
  'under-replicated-partitions': flag('Describe only partitions with fewer in-sync replicas than replicas.'),
  'under-min-isr-partitions': flag('Describe only partitions with fewer in-sync replicas than min.insync.replicas.'),
  'at-min-isr-partitions': flag('Describe only partitions with exactly min.insync.replicas in sync.'),
  'unavailable-partitions': flag('Describe only partitions without a leader that is alive.'),
  'partition-size-limit-per-response': value(
    'maximum number of partitions in one response',
    'Accepted, and without effect on a cluster with ZooKeeper.',
    { type: 'Integer' },
  ),
};

export type TopicsOptions = ParsedOptions<typeof topicsOptions>;
