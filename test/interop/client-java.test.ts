/**
 * Apache Kafka's Java clients against three brokers, in what its command line tools do not use of them. The scenarios are
 * in test/support/java/*Scenarios.java; what they tell is the same against Apache Kafka's own brokers.
 */
import { startBrokers, type BrokersUnderTest } from '../support/brokers-under-test';
import { startJava, type AnsweringProcess } from '../support/answering-process';

const TIMEOUT_MS = 100_000;

let brokers: BrokersUnderTest;
let java: AnsweringProcess;

beforeAll(async () => {
  brokers = await startBrokers({
    brokers: 3,
    settings: {
      'auto.leader.rebalance.enable': false,
      // else a client's refresh of its metadata makes a deleted topic anew before the scenario does
      'auto.create.topics.enable': false,
      'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    },
    settingsFor: (brokerId) => ({ 'broker.rack': `rack${brokerId}` }),
  });
  java = await startJava(
    ['Scenarios', 'ClientScenarios', 'AdminScenarios', 'HardScenarios', 'TrafficScenarios'],
    brokers.bootstrap,
  );
}, 180_000);

afterAll(async () => {
  await java?.close();
  await brokers?.close();
}, 60_000);

/** Plays a scenario; each fact is some words. */
async function facts(scenario: string): Promise<string[]> {
  const answer = await java.ask(scenario);
  if (answer.startsWith('!')) throw new Error(answer.slice(1).replaceAll('\\n', '\n'));
  return answer.split('\t');
}

describe('a producer', () => {
  test(
    'writes with every codec, idempotent and with five requests under way, over all partitions and in order',
    async () => {
      expect(await facts('ClientScenarios.codecs')).toEqual(
        ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => `${codec} 2000 6 2000 true`),
      );
    },
    TIMEOUT_MS,
  );

  test(
    'learns where its record went or why it did not, and its headers and time come back',
    async () => {
      expect(await facts('ClientScenarios.sendAndReceive')).toEqual([
        '1 0 1234567 3 5',
        '3',
        'none',
        'InvalidTopicException: Invalid topics: [bad topic]',
        'RecordTooLargeException: The request included a message larger than the max message size the server will accept.',
        'key value 1234567 CreateTime Optional[0]',
        'h 1',
        'h null',
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'with a transactional id is told at once that there are no transactions yet',
    async () => {
      const [error, soon] = await facts('ClientScenarios.transactions');
      expect(soon).toBe('true');
      if (!brokers.apache) expect(error).toMatch(/^KafkaException: .*This broker does not support transactions yet$/);
    },
    TIMEOUT_MS,
  );
});

describe('a consumer', () => {
  test(
    'seeks, looks up offsets by time, commits with metadata, and reads committed records',
    async () => {
      expect(await facts('ClientScenarios.positions')).toEqual([
        'NoOffsetForPartitionException: Undefined offset with no reset policy for partitions: [java-positions-0]',
        '5',
        '5 5 10',
        'OptionalLong[0]',
        '0',
        '10',
        '{java-positions-0=0} {java-positions-0=10}',
        '3 1000003 Optional[0]',
        'null',
        "OffsetAndMetadata{offset=7, leaderEpoch=0, metadata='seven'}",
        'OffsetOutOfRangeException',
        'true 3 3',
        '10',
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'with the cooperative assignor gives up only what another one gets',
    async () => {
      expect(await facts('ClientScenarios.cooperativeRebalance')).toEqual([
        '+6',
        '-3 true',
        '30 30',
        'Stable Classic cooperative-sticky 2 true',
        '+3',
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'with an instance id comes back without a rebalance, and fences its twin',
    async () => {
      expect(await facts('ClientScenarios.staticMembers')).toEqual([
        'true  true',
        'FencedInstanceIdException ',
        '[0, 1, 2, 3]',
      ]);
    },
    TIMEOUT_MS,
  );
});

describe('the admin client', () => {
  test(
    'creates topics, finds them by id, gives them partitions, and deletes them by id',
    async () => {
      expect(await facts('AdminScenarios.adminTopics')).toEqual([
        '3 2',
        'ConfigEntry(name=retention.ms, value=86400000, source=DYNAMIC_TOPIC_CONFIG, isSensitive=false, ' +
          'isReadOnly=false, synonyms=[], type=null, documentation=null)',
        "InvalidTopicException: Topic name is invalid: 'a/b' contains one or more characters other than " +
          "ASCII alphanumerics, '.', '_' and '-'",
        'java-admin false 3 2',
        'true null',
        '[READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS]',
        'UnknownTopicIdException: TopicId AAAAAAAAAAEAAAAAAAAAAg not found.',
        "TopicExistsException: Topic 'java-admin' already exists.",
        'InvalidPartitionsException: Topic currently has 3 partitions, which is higher than the requested 2.',
        '[2, 0]',
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'describes the cluster and its features, and is told what is switched off',
    async () => {
      expect(await facts('AdminScenarios.adminCluster')).toEqual([
        '[0, 1, 2] 22',
        'true [CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE]',
        '{} {} Optional[0]',
        '{}',
        'SecurityDisabledException: No Authorizer is configured on the broker',
        'UnsupportedByAuthenticationException: Delegation Token requests are not allowed on PLAINTEXT/1-way SSL ' +
          'channels and on delegation token authenticated channels.',
        'UnsupportedVersionException: The node does not support DESCRIBE_QUORUM',
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'changes configurations of topics and brokers step by step',
    async () => {
      expect(await facts('AdminScenarios.adminConfigs')).toEqual([
        "InvalidConfigurationException: Invalid config value for resource ConfigResource(type=TOPIC, name='java-configs'): " +
          'Invalid value 1 for configuration segment.bytes: Value must be at least 14',
        'InvalidConfigurationException: Unknown topic config name: no.such.key',
        'DYNAMIC_TOPIC_CONFIG INT false false true',
        '[segment.bytes=1048576 DYNAMIC_TOPIC_CONFIG, log.segment.bytes=1073741824 DEFAULT_CONFIG]',
        'DYNAMIC_DEFAULT_BROKER_CONFIG',
        'InvalidRequestException: Cannot update these configs dynamically: Set(log.dirs)',
        'UnknownTopicOrPartitionException: ',
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'sets the log levels of one broker while it runs, and hears why not',
    async () => {
      const source = 'DYNAMIC_BROKER_LOGGER_CONFIG';
      const name = 'kafka.controller.KafkaController';
      expect(await facts('AdminScenarios.adminLoggers')).toEqual([
        `[INFO ${source}, INFO ${source}]`,
        `[DEBUG ${source}, WARN ${source}]`,
        `[INFO ${source}, INFO ${source}]`,
        `[WARN ${source}, WARN ${source}]`,
        `InvalidConfigurationException: Cannot set the log level of ${name} to LOUD as it is not a supported log level. ` +
          'Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN',
        'InvalidConfigurationException: Logger no.such.Logger does not exist!',
        'InvalidRequestException: APPEND operation is not allowed for the BROKER_LOGGER resource',
        'InvalidRequestException: Removing the log level of the root logger is not allowed',
        `[INFO ${source}, INFO ${source}]`,
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'finds offsets of every kind, deletes records, and looks at producers and log directories',
    async () => {
      expect(await facts('AdminScenarios.adminOffsets')).toEqual([
        'earliest 0 -1 Optional[0]',
        'latest 9 -1 Optional[0]',
        'max 7 1000007 Optional[0]',
        'time 4 1000004 Optional[0]',
        'local 0 -1 Optional[0]',
        'tiered -1 -1 Optional.empty',
        '[0 0 OptionalLong.empty, 0 7 OptionalLong.empty]',
        '4',
        '4',
        'OffsetOutOfRangeException: The requested offset is not within the range of offsets maintained by the server.',
        'null true 0 false',
        'true true',
        'true',
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    "sets and deletes a group's offsets, but not under the feet of its members",
    async () => {
      const answers = await facts('AdminScenarios.adminGroups');
      const denied = answers.splice(4, 1)[0] ?? '';
      expect(denied).toMatch(/^UnknownMemberIdException: Failed altering consumer group offsets/);
      expect(answers).toEqual([
        "{0=OffsetAndMetadata{offset=2, leaderEpoch=null, metadata='two'}, " +
          "1=OffsetAndMetadata{offset=0, leaderEpoch=null, metadata=''}}",
        '[java-groups-0]',
        '[2, 3, 4]',
        'GroupSubscribedToTopicException: Deleting offsets of a topic is forbidden while the consumer group is ' +
          'actively subscribed to it.',
        'GroupNotEmptyException: The group is not empty.',
        '[Optional[Stable] Optional[Classic] false]',
        '{}',
        'GroupIdNotFoundException: The group id does not exist.',
        'Dead',
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'elects the preferred leader when it is back',
    async () => {
      expect(await facts('AdminScenarios.electionTopic')).toEqual([
        'ElectionNotNeededException: Leader election not needed for topic partition.',
      ]);
      await brokers.stop(1);
      await brokers.start(1);
      expect(await facts('AdminScenarios.electLeaders')).toEqual(['0']); // and broker 1 leads in the end
    },
    TIMEOUT_MS,
  );
});

describe('where it gets difficult', () => {
  test(
    'a record larger than the limits of a fetch comes all the same, and from the replica in the same rack',
    async () => {
      expect(await facts('HardScenarios.fetchLimits')).toEqual(['3', '3', 'true']);
    },
    TIMEOUT_MS,
  );

  test(
    "a topic's configuration refuses records, or stamps them with the broker's time",
    async () => {
      expect(await facts('HardScenarios.refusals')).toEqual(['1000', 'true', '[CreateTime, LogAppendTime]']);
    },
    TIMEOUT_MS,
  );

  test(
    'clients get on with a topic that is deleted and made anew',
    async () => {
      expect(await facts('HardScenarios.madeAnew')).toEqual(['0', 'null', '[after]']);
    },
    TIMEOUT_MS,
  );

  test(
    'every broker is restarted under traffic: no send fails, nothing is lost, doubled or out of order',
    async () => {
      await facts('TrafficScenarios.start');
      for (const { id } of brokers.brokers) {
        await brokers.stop(id);
        await brokers.start(id);
      }
      expect(await facts('TrafficScenarios.stop')).toEqual(['[]', '[]']);
    },
    TIMEOUT_MS,
  );
});
