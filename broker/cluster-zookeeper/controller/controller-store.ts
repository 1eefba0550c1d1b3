/**
 * What the controller reads from ZooKeeper and writes to it, in terms of brokers, topics and partitions. All writes are
 * guarded by the controller epoch, except those that Kafka leaves unguarded. Holds no state of its own.
 */
import type { TopicPartition } from '../../../protocol';
import type { Clock } from '../../../runtime/clock';
import type { Watch, ZooKeeperOperations } from '../../../zookeeper';
import { ZkError } from '../../../zookeeper/errors';
import * as znodes from '../../../zookeeper/znodes';
import { orNull } from '../zk-reads';
import type { LiveBrokerEntry, PartitionEntry } from './controller-context';
import { GuardedWriter, type WriteOutcome, type WriteUnit } from './guarded-writer';
import { toPartitionState, type Leadership } from './leadership';
import { toNodeAssignment, type ReplicaAssignment } from './replica-assignment';
import { deleteTreeGuarded } from './tree-deletion';

/** How a conditional change of a partition's state ended. */
export type StateChange =
  | { readonly kind: 'done'; readonly leadership: Leadership }
  /** The node had another version: it has been changed since it was read. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed'; readonly error: Error };

export interface StateUpdate {
  readonly partition: PartitionEntry;
  /** `partitionEpoch` is the version that the node must have. */
  readonly next: Leadership;
}

export class ControllerStore {
  private readonly writer: GuardedWriter;

  constructor(
    readonly zk: ZooKeeperOperations,
    epochZkVersion: () => number,
    clock: Clock,
  ) {
    this.writer = new GuardedWriter(zk, epochZkVersion, clock);
  }

  // Brokers

  /** All registered brokers with their epochs; those that vanish meanwhile, or whose node cannot be read, are left out. */
  async brokers(watch: Watch): Promise<Map<number, LiveBrokerEntry>> {
    const { children } = await this.zk.getChildren(znodes.BROKER_IDS_PATH, watch);
    const ids = children.map(Number).filter(Number.isInteger);
    const entries = await Promise.all(ids.map(async (id) => [id, await this.broker(id)] as const));
    return new Map(entries.flatMap(([id, entry]) => (entry ? [[id, entry] as const] : [])));
  }

  async broker(brokerId: number): Promise<LiveBrokerEntry | null> {
    const node = await orNull(this.zk.getData(znodes.brokerPath(brokerId)));
    if (!node || node.data === null) return null;
    return { registration: znodes.decodeBrokerRegistration(brokerId, node.data), epoch: Number(node.stat.czxid) };
  }

  // Topics

  async topics(watch: Watch): Promise<string[]> {
    return (await this.zk.getChildren(znodes.TOPICS_PATH, watch)).children;
  }

  /** Null when the topic does not exist. */
  async assignment(topic: string, watch?: Watch): Promise<znodes.TopicAssignment | null> {
    const node = await orNull(this.zk.getData(znodes.topicPath(topic), watch));
    return node && znodes.decodeTopicAssignment(topic, node.data);
  }

  async setAssignments(
    topic: string,
    topicId: string | null,
    assignments: ReadonlyMap<number, ReplicaAssignment>,
  ): Promise<void> {
    const partitions = new Map([...assignments].map(([index, assignment]) => [index, toNodeAssignment(assignment)]));
    const data = znodes.encodeTopicAssignment({ topicId, partitions });
    await this.writer.write({ op: 'setData', path: znodes.topicPath(topic), data, version: -1 });
  }

  /** Removes a topic for good, in Kafka's order: its nodes, its configuration, the wish to delete it. */
  async deleteTopic(topic: string): Promise<void> {
    await deleteTreeGuarded(this.zk, this.writer, znodes.topicPath(topic));
    await deleteTreeGuarded(this.zk, this.writer, znodes.configPath(znodes.topicConfigEntity(topic)));
    await this.deleteTopicDeletions([topic]);
  }

  async topicDeletions(watch: Watch): Promise<string[]> {
    return (await this.zk.getChildren(znodes.DELETE_TOPICS_PATH, watch)).children;
  }

  async deleteTopicDeletions(topics: readonly string[]): Promise<void> {
    await this.deleteAll(topics.map((topic) => znodes.deleteTopicPath(topic)));
  }

  /** The text of unclean.leader.election.enable for each topic that overrides it. */
  async uncleanElectionOverrides(topics: readonly string[]): Promise<Map<string, boolean>> {
    const overrides = new Map<string, boolean>();
    await Promise.all(
      topics.map(async (topic) => {
        const entity = znodes.topicConfigEntity(topic);
        const node = await orNull(this.zk.getData(znodes.configPath(entity)));
        const text = znodes.decodeEntityConfig(entity, node?.data ?? null)['unclean.leader.election.enable'];
        if (text !== undefined) overrides.set(topic, text.trim().toLowerCase() === 'true');
      }),
    );
    return overrides;
  }

  // Partition states

  /** Null for partitions that have no state node. */
  async leadership({ topic, partition }: TopicPartition): Promise<Leadership | null> {
    const node = await orNull(this.zk.getData(znodes.partitionStatePath(topic, partition)));
    if (!node) return null;
    return { ...znodes.decodePartitionState(topic, partition, node.data), partitionEpoch: node.stat.version };
  }

  /** Creates the nodes of new partitions. The outcome is that of the state node. */
  async createStates(updates: readonly StateUpdate[]): Promise<StateChange[]> {
    const topics = new Set(updates.map(({ partition }) => partition.topicPartition.topic));
    // The directory is there already when partitions are added to a topic.
    await this.writer.writeAll([...topics].map((topic) => [created(znodes.partitionsPath(topic), null)]));
    const outcomes = await this.writer.writeAll(unitsOf(updates, creationOf));
    return Promise.all(outcomes.map((outcome, index) => this.createdState(updates[index] as StateUpdate, outcome)));
  }

  /** Changes state nodes, each on condition that it has the version that `next.partitionEpoch` says. */
  async updateStates(updates: readonly StateUpdate[]): Promise<StateChange[]> {
    const outcomes = await this.writer.writeAll(unitsOf(updates, changeOf));
    return outcomes.map((outcome, index) => {
      const { partition, next } = updates[index] as StateUpdate;
      if (outcome.ok) {
        return { kind: 'done', leadership: { ...next, partitionEpoch: outcome.results[0]?.stat?.version ?? -1 } };
      }
      if (outcome.code === 'BAD_VERSION') return { kind: 'conflict' };
      return { kind: 'failed', error: new ZkError(outcome.code, partition.key) };
    });
  }

  private async createdState(update: StateUpdate, outcome: WriteOutcome): Promise<StateChange> {
    const { partition, next } = update;
    if (outcome.ok) return { kind: 'done', leadership: next };
    if (outcome.code !== 'NODE_EXISTS') return { kind: 'failed', error: new ZkError(outcome.code, partition.key) };
    const [existing] = creationOf(update);
    if (outcome.failedIndex === 0 && existing) {
      const [again] = await this.writer.writeAll([creationOf(update).slice(1)]);
      return this.createdState(update, again?.ok === false ? { ...again, failedIndex: 1 } : (again as WriteOutcome));
    }
    // Either the answer to our own write was lost, or the partition had a state before: what is there counts.
    const leadership = await this.leadership(partition.topicPartition);
    if (leadership === null) return { kind: 'failed', error: new ZkError('NO_NODE', partition.key) };
    return { kind: 'done', leadership };
  }

  // Notifications and requests that lie in ZooKeeper

  async logDirEvents(watch: Watch): Promise<{ names: string[]; brokerIds: number[] }> {
    const { children: names } = await this.zk.getChildren(znodes.LOG_DIR_EVENT_NOTIFICATION_PATH, watch);
    const datas = await this.readAll(names.map((name) => `${znodes.LOG_DIR_EVENT_NOTIFICATION_PATH}/${name}`));
    return { names, brokerIds: [...new Set(datas.map(znodes.decodeLogDirEvent))] };
  }

  async deleteLogDirEvents(names: readonly string[]): Promise<void> {
    await this.deleteAll(names.map((name) => `${znodes.LOG_DIR_EVENT_NOTIFICATION_PATH}/${name}`));
  }

  async isrChanges(watch: Watch): Promise<{ names: string[]; partitions: TopicPartition[] }> {
    const { children: names } = await this.zk.getChildren(znodes.ISR_CHANGE_NOTIFICATION_PATH, watch);
    const datas = await this.readAll(names.map((name) => `${znodes.ISR_CHANGE_NOTIFICATION_PATH}/${name}`));
    return { names, partitions: datas.flatMap(znodes.decodeIsrChange) };
  }

  async deleteIsrChanges(names: readonly string[]): Promise<void> {
    await this.deleteAll(names.map((name) => `${znodes.ISR_CHANGE_NOTIFICATION_PATH}/${name}`));
  }

  /** Null when no old tool has asked for one; the watch is set either way. */
  async requestedPreferredElections(watch: Watch): Promise<TopicPartition[] | null> {
    if (!(await this.zk.exists(znodes.PREFERRED_REPLICA_ELECTION_PATH, watch))) return null;
    const node = await orNull(this.zk.getData(znodes.PREFERRED_REPLICA_ELECTION_PATH));
    return node && znodes.decodePreferredReplicaElection(node.data);
  }

  async deleteRequestedPreferredElections(): Promise<void> {
    await this.deleteAll([znodes.PREFERRED_REPLICA_ELECTION_PATH]);
  }

  /** Null when no old tool has asked for one; the watch, if given, is set either way. */
  async requestedReassignments(watch?: Watch): Promise<znodes.RequestedReassignment[] | null> {
    if (!(await this.zk.exists(znodes.REASSIGN_PARTITIONS_PATH, watch))) return null;
    const node = await orNull(this.zk.getData(znodes.REASSIGN_PARTITIONS_PATH));
    return node && znodes.decodeReassignPartitions(node.data);
  }

  async setRequestedReassignments(requests: readonly znodes.RequestedReassignment[]): Promise<void> {
    const path = znodes.REASSIGN_PARTITIONS_PATH;
    if (requests.length === 0) await this.deleteAll([path]);
    else await this.writer.write({ op: 'setData', path, data: znodes.encodeReassignPartitions(requests), version: -1 });
  }

  /** Deletes /controller, so that a new controller is elected. */
  async deleteController(): Promise<void> {
    await this.deleteAll([znodes.CONTROLLER_PATH]);
  }

  private async deleteAll(paths: readonly string[]): Promise<void> {
    const outcomes = await this.writer.writeAll(paths.map((path) => [{ op: 'delete', path, version: -1 }]));
    for (const [index, outcome] of outcomes.entries()) {
      if (!outcome.ok && outcome.code !== 'NO_NODE') throw new ZkError(outcome.code, paths[index]);
    }
  }

  private async readAll(paths: readonly string[]): Promise<(Buffer | null)[]> {
    const nodes = await Promise.all(paths.map((path) => orNull(this.zk.getData(path))));
    return nodes.flatMap((node) => (node ? [node.data] : []));
  }
}

function created(path: string, data: Buffer | null): WriteUnit[number] {
  return { op: 'create', path, data, mode: 'persistent' };
}

/** Encoded one by one as they are written: thousands at once would hold everything else up. */
function* unitsOf(updates: readonly StateUpdate[], unitOf: (update: StateUpdate) => WriteUnit): Generator<WriteUnit> {
  for (const update of updates) yield unitOf(update);
}

function changeOf({ partition: { topicPartition }, next }: StateUpdate): WriteUnit {
  const path = znodes.partitionStatePath(topicPartition.topic, topicPartition.partition);
  const data = znodes.encodePartitionState(toPartitionState(next));
  return [{ op: 'setData', path, data, version: next.partitionEpoch }];
}

function creationOf({ partition: { topicPartition }, next }: StateUpdate): WriteUnit {
  const { topic, partition } = topicPartition;
  return [
    created(znodes.partitionPath(topic, partition), null),
    created(znodes.partitionStatePath(topic, partition), znodes.encodePartitionState(toPartitionState(next))),
  ];
}
