/**
 * Elections that somebody asks for: an administrator by ElectLeaders, an old tool by /admin/preferred_replica_election,
 * or the controller itself when too many partitions are not led by their preferred replica.
 */
import { Errors, partitionKey, wireErrorOf, type TopicPartition, type WireError } from '../../../protocol';
import { NO_LEADER } from '../../../zookeeper/znodes';
import type { ControllerContext, PartitionEntry } from './controller-context';
import type { ControllerCore } from './controller-core';
import { endsControllership } from './guarded-writer';
import { StateChangeFailed } from './partition-state-machine';

export type ElectionType = 'preferred' | 'unclean';

export type ElectionOutcome =
  | { readonly topicPartition: TopicPartition; readonly leader: number }
  | { readonly topicPartition: TopicPartition; readonly error: WireError; readonly text: string | null };

/** For an administrator: one outcome per partition. */
export async function electOnRequest(
  core: ControllerCore,
  wanted: readonly TopicPartition[],
  type: ElectionType,
): Promise<ElectionOutcome[]> {
  const { context } = core;
  const outcomes: ElectionOutcome[] = [];
  const electable: PartitionEntry[] = [];
  for (const topicPartition of wanted) {
    const partition = context.partition(topicPartition);
    const refusal = refusalOf(context, partition, type);
    if (refusal) outcomes.push({ topicPartition, ...refusal });
    else electable.push(partition as PartitionEntry);
  }
  // Only an administrator may have a leader elected outside the ISR.
  const strategy =
    type === 'preferred' ? ({ kind: 'preferred' } as const) : ({ kind: 'offline', allowUnclean: true } as const);
  const results = await core.partitions.handleStateChanges(electable, 'online', strategy);
  for (const partition of electable) {
    const { topicPartition } = partition;
    const result = results.get(partition);
    if (result && !(result instanceof Error)) outcomes.push({ topicPartition, leader: result.leader });
    else outcomes.push({ topicPartition, ...failureOf(result, type) });
  }
  return outcomes;
}

function refusalOf(
  context: ControllerContext,
  partition: PartitionEntry | null,
  type: ElectionType,
): { error: WireError; text: string | null } | null {
  if (!partition?.leadership)
    return { error: Errors.UNKNOWN_TOPIC_OR_PARTITION, text: 'The partition does not exist.' };
  if (context.isQueuedForDeletion(partition.topicPartition.topic)) {
    return { error: Errors.INVALID_TOPIC_EXCEPTION, text: 'The topic is being deleted' };
  }
  const { leader } = partition.leadership;
  const needed =
    type === 'preferred'
      ? leader !== partition.assignment.replicas[0]
      : leader === NO_LEADER || !context.isLive(leader);
  return needed ? null : { error: Errors.ELECTION_NOT_NEEDED, text: 'Leader election not needed for topic partition.' };
}

function failureOf(result: Error | undefined, type: ElectionType): { error: WireError; text: string | null } {
  if (!(result instanceof StateChangeFailed)) return { error: wireErrorOf(result), text: null };
  const error = type === 'preferred' ? Errors.PREFERRED_LEADER_NOT_AVAILABLE : Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE;
  return { error, text: result.message };
}

/** Does what /admin/preferred_replica_election asks for, if it is there, and deletes it. */
export async function electOnOldRequest(core: ControllerCore): Promise<void> {
  const { store, watches, logger } = core;
  const wanted = await store.requestedPreferredElections(watches.preferredElections);
  if (wanted === null) return;
  logger.info(
    `Starting replica leader election (PREFERRED) for partitions ${wanted.map(partitionKey).join(',')} triggered by ZkTriggered`,
  );
  try {
    await electOnRequest(core, wanted, 'preferred');
  } catch (error) {
    if (endsControllership(error)) throw error;
    logger.error('Error completing replica leader election (PREFERRED)', error);
  }
  await store.deleteRequestedPreferredElections();
  // The next request is told by a watch on a node that does not exist yet.
  const next = await store.requestedPreferredElections(watches.preferredElections);
  if (next !== null) await electOnOldRequest(core);
}

/**
 * Per preferred leader: the partitions it should lead but does not, if they are too large a share of those it should.
 * Pure.
 * @param tolerated share in percent up to which nothing is done (leader.imbalance.per.broker.percentage)
 */
export function imbalancedPartitions(context: ControllerContext, tolerated: number): PartitionEntry[] {
  const preferred = new Map<number, { total: number; elsewhere: PartitionEntry[] }>();
  for (const partition of context.partitions()) {
    const [first] = partition.assignment.replicas;
    if (first === undefined || context.isQueuedForDeletion(partition.topicPartition.topic)) continue;
    const share = preferred.get(first) ?? { total: 0, elsewhere: [] };
    share.total++;
    if (partition.leadership && partition.leadership.leader !== first) share.elsewhere.push(partition);
    preferred.set(first, share);
  }
  const imbalanced = [...preferred.values()].filter(
    ({ total, elsewhere }) => elsewhere.length / total > tolerated / 100,
  );
  return imbalanced.flatMap(({ elsewhere }) => elsewhere).filter((partition) => canPreferredLead(context, partition));
}

function canPreferredLead(context: ControllerContext, partition: PartitionEntry): boolean {
  const [first] = partition.assignment.replicas;
  if (first === undefined || !context.isReplicaOnline(first, partition)) return false;
  return partition.leadership?.isr.includes(first) ?? false;
}

export async function rebalanceLeaders(core: ControllerCore): Promise<void> {
  const { context, config, logger, partitions } = core;
  logger.info('Processing automatic preferred replica leader election');
  const wanted = imbalancedPartitions(context, config.int('leader.imbalance.per.broker.percentage'));
  if (wanted.length === 0) return;
  logger.info(
    `Starting replica leader election (PREFERRED) for partitions ${wanted.map(({ key }) => key).join(',')} triggered by AutoTriggered`,
  );
  await partitions.handleStateChanges(wanted, 'online', { kind: 'preferred' });
}
