/**
 * Every finding that the coordinator knows: its stable name, how grave it is, what it says in one sentence, and where it
 * is explained. The judgements of the subjects pick from here and nowhere else.
 */
import type { Reason } from '../schemas';

type Severity = Reason['severity'];
type Kind = Reason['subject']['kind'];

interface Definition<F> {
  readonly severity: Severity;
  /** What several subjects of this finding have in common, to be followed by their names. */
  readonly title: string;
  readonly help: string | null;
  readonly text: (facts: F) => string;
}

/** Partitions that a sentence is about: one by its name, or some of a topic's. */
export interface PartitionsFact {
  /** `Partition orders-0`, or `3 of 6 partitions (0, 2, 5)` */
  readonly what: string;
  readonly plural: boolean;
}

const has = ({ plural }: PartitionsFact): string => (plural ? 'have' : 'has');
const is = ({ plural }: PartitionsFact): string => (plural ? 'are' : 'is');

function define<F>(severity: Severity, title: string, help: string | null, text: (facts: F) => string): Definition<F> {
  return { severity, title, help, text };
}

const DIES = 'failover.md#what-happens';
const WHO_IS_THERE = 'znodes.md#who-is-there';
const ISR = 'replication.md#the-isr-shrinks-and-grows';
const ACKS = 'replication.md#a-produce-with-acksall';
const GROUPS = 'concepts.md#consumer-group';
const ZOOKEEPER = 'concepts.md#zookeepers-role';

const ms = (value: number | null): string => (value === null ? 'an unknown time' : `${Math.round(value)} ms`);
const count = (value: number, noun: string): string => `${value.toLocaleString('en')} ${noun}${value === 1 ? '' : 's'}`;

const definitions = {
  NOT_READ_YET: define<object>(
    'unknown',
    'Not known yet',
    'health.md#the-cluster',
    () => 'The coordinator has not read the cluster from ZooKeeper yet.',
  ),
  NO_BROKERS: define<{ nothingAt: string | null }>(
    'critical',
    'No broker is registered',
    WHO_IS_THERE,
    ({ nothingAt }) =>
      nothingAt === null
        ? 'No broker is registered in ZooKeeper: nobody can write or read anything.'
        : `ZooKeeper has nothing at ${nothingAt}: no broker has ever started there, or zookeeper.connect names the wrong path.`,
  ),

  BROKER_NOT_REGISTERED: define<{ id: number; replicas: number; answers: boolean }>(
    'critical',
    'Brokers without a registration',
    DIES,
    ({ id, replicas, answers }) =>
      answers
        ? `Broker ${id} answers but has no registration in ZooKeeper: its session has ended, so the others take it for dead.`
        : `Broker ${id} is not registered in ZooKeeper: for the cluster it does not exist${replicas > 0 ? `, though ${count(replicas, 'replica')} should be on it` : ''}.`,
  ),
  BROKER_STARTING: define<{ id: number }>(
    'unknown',
    'Brokers that are just starting',
    'startup-sequence.md#the-first-broker-of-a-new-cluster',
    ({ id }) => `Broker ${id} has registered and does not listen yet: it is starting.`,
  ),
  BROKER_SILENT: define<{ id: number; timeoutMs: number }>(
    'critical',
    'Brokers that do not answer',
    DIES,
    ({ id, timeoutMs }) => `Broker ${id} takes connections but did not answer within ${ms(timeoutMs)}: it hangs.`,
  ),
  BROKER_REFUSES: define<{ id: number; address: string }>(
    'critical',
    'Brokers that take no connections',
    DIES,
    ({ id, address }) => `Broker ${id} is registered, but nothing listens on ${address}.`,
  ),
  BROKER_UNREACHABLE: define<{ id: number; address: string; error: string }>(
    'critical',
    'Brokers that cannot be reached',
    DIES,
    ({ id, address, error }) => `Broker ${id} cannot be reached at ${address} from here: ${error}.`,
  ),
  BROKER_SLOW: define<{ id: number; latencyMs: number | null; slowMs: number }>(
    'warning',
    'Slow brokers',
    'health.md#brokers',
    ({ id, latencyMs, slowMs }) => `Broker ${id} took ${ms(latencyMs)} to answer; more than ${ms(slowMs)} is slow.`,
  ),
  BROKER_NOT_PROBED: define<{ id: number; why: string }>(
    'unknown',
    'Brokers that were not asked',
    'health.md#brokers',
    ({ id, why }) => `Whether broker ${id} answers is not known: ${why}.`,
  ),
  BROKER_SEES_OTHER_CONTROLLER: define<{ id: number; sees: number | null; controller: number | null }>(
    'warning',
    'Brokers that see another controller',
    'failover.md#the-fast-fence',
    ({ id, sees, controller }) =>
      `Broker ${id} takes ${sees === null ? 'nobody' : `broker ${sees}`} for the controller, but in ZooKeeper it is ${controller === null ? 'nobody' : `broker ${controller}`}: its view is stale.`,
  ),
  BROKER_SEES_OTHER_BROKERS: define<{ id: number; missing: readonly number[]; extra: readonly number[] }>(
    'warning',
    'Brokers that see other brokers',
    'failover.md#the-fast-fence',
    ({ id, missing, extra }) => {
      const parts = [
        missing.length > 0 ? `does not know of ${missing.join(', ')}` : '',
        extra.length > 0 ? `still counts ${extra.join(', ')} as alive` : '',
      ];
      return `Broker ${id} ${parts.filter((part) => part !== '').join(' and ')}, unlike ZooKeeper: its view is stale.`;
    },
  ),
  BROKER_OTHER_CLUSTER: define<{ id: number; sees: string; clusterId: string }>(
    'critical',
    'Brokers of another cluster',
    'health.md#brokers',
    ({ id, sees, clusterId }) => `What answers as broker ${id} belongs to cluster ${sees}, not to ${clusterId}.`,
  ),

  NO_CONTROLLER: define<object>(
    'critical',
    'No controller',
    'startup-sequence.md#the-controllers-death',
    () => 'No broker is the controller: no leader is elected and no topic made until one is.',
  ),
  CONTROLLER_NOT_REGISTERED: define<{ id: number }>(
    'critical',
    'The controller is not registered',
    'startup-sequence.md#a-lost-session',
    ({ id }) => `Broker ${id} holds /controller but is not registered as a broker.`,
  ),
  CONTROLLER_DOES_NOT_ANSWER: define<{ id: number }>(
    'critical',
    'The controller does not answer',
    'startup-sequence.md#the-controllers-death',
    ({ id }) =>
      `Broker ${id} is the controller but does not answer: until its session ends, no leader is elected and no topic made.`,
  ),

  ZOOKEEPER_UNREACHABLE: define<{ ageMs: number | null; connected: boolean }>(
    'critical',
    'ZooKeeper cannot be reached',
    ZOOKEEPER,
    ({ ageMs, connected }) =>
      `${connected ? 'ZooKeeper has stopped answering' : 'The coordinator has no connection to ZooKeeper'}; what is shown is ${ageMs === null ? 'not known' : `${Math.round(ageMs / 1000)} s old`}. Brokers go on serving, but nothing can be elected or created while ZooKeeper is away.`,
  ),
  ZOOKEEPER_SERVER_AWAY: define<{ address: string; error: string }>(
    'warning',
    'ZooKeeper servers that do not answer',
    ZOOKEEPER,
    ({ address, error }) => `The ZooKeeper server ${address} does not answer: ${error}.`,
  ),
  ZOOKEEPER_NOT_OK: define<{ address: string }>(
    'critical',
    'ZooKeeper servers that do not serve',
    ZOOKEEPER,
    ({ address }) => `The ZooKeeper server ${address} runs but does not say that it is ok.`,
  ),
  ZOOKEEPER_NO_LEADER: define<object>(
    'critical',
    'ZooKeeper has no leader',
    ZOOKEEPER,
    () => 'None of the ZooKeeper servers leads the others: nothing can be written until they have elected a leader.',
  ),
  ZOOKEEPER_SLOW: define<{ address: string; averageMs: number }>(
    'warning',
    'Slow ZooKeeper servers',
    ZOOKEEPER,
    ({ address, averageMs }) =>
      `The ZooKeeper server ${address} takes ${ms(averageMs)} for an answer: sessions of brokers may end without need.`,
  ),
  ZOOKEEPER_OUTSTANDING: define<{ address: string; requests: number }>(
    'warning',
    'ZooKeeper servers that lag behind',
    ZOOKEEPER,
    ({ address, requests }) => `${count(requests, 'request')} wait at the ZooKeeper server ${address}.`,
  ),
  ZOOKEEPER_FIGURES_UNKNOWN: define<{ address: string }>(
    'info',
    'ZooKeeper servers that tell no figures',
    ZOOKEEPER,
    ({ address }) => `The ZooKeeper server ${address} does not allow to ask for its figures (4lw.commands.whitelist).`,
  ),

  PARTITION_OFFLINE: define<PartitionsFact & { waitsFor: readonly number[] }>(
    'critical',
    'Partitions without a leader',
    DIES,
    (facts) =>
      `${facts.what} ${has(facts)} no leader: nobody can write or read until ${facts.waitsFor.length > 0 ? `one of the brokers ${facts.waitsFor.join(', ')} is back` : 'the controller has elected one'}.`,
  ),
  PARTITION_NEW: define<PartitionsFact>(
    'info',
    'Partitions that are just being made',
    'startup-sequence.md#a-topic-is-created',
    (facts) => `${facts.what} ${is(facts)} new: the controller is about to elect the first leader.`,
  ),
  UNDER_MIN_ISR: define<PartitionsFact & { minIsr: number }>(
    'critical',
    'Partitions under their min.insync.replicas',
    ACKS,
    (facts) =>
      `${facts.what} ${has(facts)} fewer than ${count(facts.minIsr, 'replica')} in sync (min.insync.replicas): producers with acks=all are refused.`,
  ),
  UNDER_REPLICATED: define<PartitionsFact & { away: readonly number[] }>(
    'warning',
    'Partitions with replicas out of sync',
    ISR,
    (facts) =>
      `${facts.what} ${has(facts)} replicas that are not in sync${facts.away.length > 0 ? ` (on ${facts.away.length === 1 ? 'broker' : 'brokers'} ${facts.away.join(', ')})` : ''}: fewer copies than asked for.`,
  ),
  AT_MIN_ISR: define<PartitionsFact & { minIsr: number }>(
    'warning',
    'Partitions at their min.insync.replicas',
    ACKS,
    (facts) =>
      `${facts.what} ${has(facts)} just the ${count(facts.minIsr, 'replica')} in sync that min.insync.replicas asks for: one more lost, and producers with acks=all are refused.`,
  ),
  LEADER_NOT_PREFERRED: define<PartitionsFact>(
    'info',
    'Partitions that another than the preferred replica leads',
    'failover.md#what-happens',
    (facts) =>
      `${facts.what} ${is(facts)} not led by the preferred replica, the first one assigned. No harm, but uneven work: by default the controller looks every five minutes and moves the leaders of a broker back, once more than a tenth of them are elsewhere.`,
  ),
  LEADER_SKEW: define<{ topic: string; broker: number; leads: number; of: number; brokers: number }>(
    'info',
    'Topics whose leaders are not spread evenly',
    'health.md#topics-and-partitions',
    ({ topic, broker, leads, of, brokers }) =>
      `Broker ${broker} leads ${leads} of ${of} partitions of ${topic}, though ${count(brokers, 'broker')} could share them.`,
  ),
  TOPIC_BEING_DELETED: define<{ topic: string }>(
    'info',
    'Topics that are being deleted',
    'znodes.md#errands',
    ({ topic }) => `Topic ${topic} is being deleted.`,
  ),

  GROUP_LAG: define<{ group: string; lag: number; before: number; overMs: number }>(
    'warning',
    'Groups that fall behind',
    GROUPS,
    ({ group, lag, before, overMs }) =>
      `Group ${group} falls behind: its lag grew from ${before.toLocaleString('en')} to ${count(lag, 'record')} within ${Math.round(overMs / 1000)} s.`,
  ),
  GROUP_EMPTY: define<{ group: string; lag: number; growing: boolean }>(
    'info',
    'Groups with lag and without members',
    GROUPS,
    ({ group, lag, growing }) =>
      `Group ${group} has no members, and ${count(lag, 'record')} that it has not read${growing ? '; their number grows' : ''}.`,
  ),
  GROUP_DEAD: define<{ group: string }>(
    'warning',
    'Dead groups',
    'concepts.md#group-coordinator',
    ({ group }) => `Group ${group} is dead: its coordinator is about to forget it.`,
  ),
  GROUP_REBALANCES: define<{ group: string; rebalances: number; minutes: number }>(
    'warning',
    'Groups that rebalance often',
    GROUPS,
    ({ group, rebalances, minutes }) =>
      `Group ${group} has rebalanced ${rebalances} times within ${minutes} minutes: meanwhile its members mostly wait.`,
  ),
  GROUP_COORDINATOR_AWAY: define<{ group: string; coordinator: number | null }>(
    'unknown',
    'Groups whose coordinator does not answer',
    'concepts.md#group-coordinator',
    ({ group, coordinator }) =>
      `What group ${group} does is not known: ${coordinator === null ? 'it has no coordinator at the moment' : `its coordinator, broker ${coordinator}, does not answer`}.`,
  ),
} as const;

export type ReasonCode = keyof typeof definitions;
type FactsOf<C extends ReasonCode> = (typeof definitions)[C] extends Definition<infer F> ? F : never;

/** All codes, the table's order. */
export const reasonCodes = Object.keys(definitions) as ReasonCode[];

/** How grave a finding is, unless circumstances change that. */
export function severityOf(code: ReasonCode): Severity {
  return definitions[code].severity;
}

/** Where a finding is explained, relative to docs/; null for one that explains itself. */
export function helpOf(code: ReasonCode): string | null {
  return definitions[code].help;
}

/** What several subjects of a finding have in common. */
export function titleOf(code: string): string {
  return (definitions as Record<string, Definition<never>>)[code]?.title ?? code;
}

/**
 * One finding about one subject.
 * @param severity instead of the table's, where the circumstances make it graver or lighter
 */
export function reason<C extends ReasonCode>(
  code: C,
  subject: { kind: Kind; id: string },
  facts: FactsOf<C>,
  severity?: Severity,
): Reason {
  const definition = definitions[code] as unknown as Definition<FactsOf<C>>;
  return {
    code,
    severity: severity ?? definition.severity,
    subject,
    text: definition.text(facts),
    help: definition.help,
  };
}
