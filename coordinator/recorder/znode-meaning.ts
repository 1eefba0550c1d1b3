/** What each znode of a Kafka cluster is for: who writes it, and why. In short; docs/znodes.md has the whole. */
import type { ZnodeMeaning } from '../schemas';

const directories = 'znodes.md#directories';
const whoIsThere = 'znodes.md#who-is-there';
const topics = 'znodes.md#topics-and-partitions';
const settings = 'znodes.md#settings';
const errands = 'znodes.md#errands';
const gregor = 'znodes.md#gregors-own';
const notThere = 'znodes.md#what-is-not-there-yet';

const everyBroker = 'every broker, when it starts and the node is missing';

type Row = [pattern: string, writtenBy: string, why: string, document: string | null];

/** The first that fits counts. `<…>` stands for one name, `…` at the end for anything below. */
const rows: readonly Row[] = [
  ['/', 'ZooKeeper', 'The root of the tree, or the folder of this cluster below it.', null],
  ['/zookeeper…', 'ZooKeeper', 'ZooKeeper’s own: quotas and its configuration.', directories],
  [
    '/cluster/id',
    'the first broker ever',
    'Names the cluster. A broker whose log directories belong to another one refuses to start.',
    whoIsThere,
  ],
  ['/cluster', 'the first broker ever', 'Holds the cluster’s id.', whoIsThere],
  [
    '/brokers/ids/<id>',
    'the broker itself, at its start and after a lost session',
    'Says that this broker is alive and where it listens. It vanishes with the broker’s session; the zxid of its creation is the broker epoch.',
    whoIsThere,
  ],
  ['/brokers/ids', everyBroker, 'The controller watches its children to see brokers come and go.', directories],
  [
    '/brokers/seqid',
    'a broker without broker.id',
    'Its version is a counter from which ids of brokers are made.',
    whoIsThere,
  ],
  [
    '/brokers/topics/<topic>/partitions/<partition>/state',
    'the controller',
    'Who leads the partition, which replicas are in sync, and the epochs that fence out who is behind. Its version is the partition epoch.',
    topics,
  ],
  ['/brokers/topics/<topic>/partitions/<partition>', 'the controller', 'Holds the state of one partition.', topics],
  ['/brokers/topics/<topic>/partitions', 'the controller', 'Holds the partitions of one topic.', topics],
  [
    '/brokers/topics/<topic>',
    'the broker that creates the topic; the controller during a reassignment',
    'Which brokers hold a replica of which partition. The first of a list is the preferred leader.',
    topics,
  ],
  ['/brokers/topics', everyBroker, 'The controller watches its children to see topics come and go.', directories],
  ['/brokers', everyBroker, 'Holds brokers and topics.', directories],
  [
    '/controller',
    'whoever wins the election',
    'Names the one broker that manages partitions and replicas. When it vanishes all brokers try to create it anew, and one succeeds.',
    whoIsThere,
  ],
  [
    '/controller_epoch',
    'the new controller, in the same step as /controller',
    'Rises with each election, so that orders of a deposed controller are refused.',
    whoIsThere,
  ],
  ['/feature', 'the first controller', 'Versions of features that the whole cluster may use.', whoIsThere],
  [
    '/config/topics/<topic>',
    'the broker that creates or alters the topic',
    'The settings of one topic that differ from the brokers’ defaults.',
    settings,
  ],
  [
    '/config/brokers/<id>',
    'a broker, for AlterConfigs',
    'Settings of one broker, or of all for <default>, that were changed while running.',
    settings,
  ],
  ['/config/clients/<client>', 'an Apache Kafka broker, for kafka-configs', 'Quotas of one client id.', settings],
  [
    '/config/users/<user>…',
    'an Apache Kafka broker, for kafka-configs',
    'Quotas and credentials of one user.',
    settings,
  ],
  ['/config/ips/<ip>', 'an Apache Kafka broker, for kafka-configs', 'Limit of connections from one address.', settings],
  [
    '/config/changes/<notification>',
    'whoever changed a setting, after its node',
    'Tells all brokers which settings to read again. Deleted after 15 minutes.',
    settings,
  ],
  ['/config/<type>', everyBroker, 'Holds settings of one kind.', directories],
  ['/config', everyBroker, 'Holds settings that were changed while running.', directories],
  [
    '/admin/delete_topics/<topic>',
    'the broker that handles DeleteTopics',
    'Asks the controller to delete the topic; it goes when the topic is gone.',
    errands,
  ],
  ['/admin/delete_topics', everyBroker, 'The controller watches its children.', directories],
  ['/admin/reassign_partitions', 'tools of old', 'Asks the controller to move replicas to other brokers.', errands],
  [
    '/admin/preferred_replica_election',
    'tools of old',
    'Asks the controller to give leadership back to the preferred replicas.',
    errands,
  ],
  ['/admin', everyBroker, 'Holds errands for the controller.', directories],
  [
    '/isr_change_notification/<notification>',
    'brokers before 2.7',
    'Tells the controller that a leader has changed its ISR.',
    errands,
  ],
  ['/isr_change_notification', everyBroker, 'The controller watches its children.', directories],
  [
    '/log_dir_event_notification/<notification>',
    'a broker whose log directory has failed',
    'Tells the controller that replicas on this broker are offline.',
    errands,
  ],
  ['/log_dir_event_notification', everyBroker, 'The controller watches its children.', directories],
  [
    '/latest_producer_id_block',
    'the controller',
    'The block of producer ids given out last; idempotent producers get theirs from it.',
    errands,
  ],
  ['/consumers…', everyBroker, 'Only consumers before 0.9 stored offsets here; it stays empty today.', errands],
  [
    '/gregor/sessions/<id>',
    'each Gregor broker, together with its registration',
    'Lets the other brokers close its session at once when they agree that it is dead.',
    gregor,
  ],
  [
    '/gregor/suspects/<question or vote>',
    'a Gregor broker that was refused by another',
    'Asks whether anybody still reaches that broker, or votes that nobody does.',
    gregor,
  ],
  ['/gregor/fences/<id>', 'the broker that closes the session', 'When this broker was fenced last.', gregor],
  ['/gregor…', 'Gregor brokers', 'The fast fence; Apache Kafka passes over it.', gregor],
  ['/kafka-acl…', 'Kafka’s authorizer', 'Who may do what.', notThere],
  ['/delegation_token…', 'Apache Kafka brokers', 'Delegation tokens.', notThere],
  ['/migration', 'a KRaft controller', 'How far the move to KRaft has come.', notThere],
];

const meanings = rows.map(([pattern, writtenBy, why, document]) => ({
  expression: expressionOf(pattern),
  meaning: { pattern, writtenBy, why, document } satisfies ZnodeMeaning,
}));

/** All that are known, for the test that their documents exist. */
export const znodeMeanings: readonly ZnodeMeaning[] = meanings.map(({ meaning }) => meaning);

/** Null for a node that is none of Kafka's. */
export function meaningOf(path: string): ZnodeMeaning | null {
  return meanings.find(({ expression }) => expression.test(path))?.meaning ?? null;
}

function expressionOf(pattern: string): RegExp {
  const whole = pattern.endsWith('…');
  const text = (whole ? pattern.slice(0, -1) : pattern).replace(/<[^>]+>/g, '[^/]+');
  return new RegExp(`^${text}${whole ? '(/.*)?' : ''}$`);
}
