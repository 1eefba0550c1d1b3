/**
 * Membership in a consumer group (classic protocol): joining, the leader's assignment, heartbeats, leaving.
 *
 * unjoined -> (JoinGroup, SyncGroup) -> joined -> (rebalance or lost membership) -> unjoined
 *
 * It talks over connections of its own, as a JoinGroup may wait long and would hold up fetches. Owns the member id
 * and the generation.
 */
import { type ClusterClient, ConnectionError } from '../../client';
import { errorForCode, KafkaError, type TopicPartition } from '../../protocol';
import { heartbeat, joinGroup, type JoinGroupResponse, leaveGroup, syncGroup } from '../../protocol/apis';
import {
  CONSUMER_PROTOCOL_TYPE,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../protocol/internal';
import type { Clock, TimerHandle } from '../../runtime/clock';
import { groupByTopic, type Membership } from '../groups/committed-offsets';
import { assignRanges } from './assignor';
import type { ConsumerConfig } from './config';

const PROTOCOL = 'range';
const SUBSCRIPTION_VERSION = 1;
const EXTRA_WAIT_MS = 5_000;

export class GroupMember {
  private memberId = '';
  private generationId = -1;
  private timer: TimerHandle | null = null;
  private joined = false;

  constructor(
    private readonly cluster: ClusterClient,
    private readonly groupId: string,
    private readonly config: ConsumerConfig,
    private readonly clock: Clock,
    /** Partition counts of topics, for the member that becomes leader. */
    private readonly partitionCounts: (topics: readonly string[]) => Promise<ReadonlyMap<string, number>>,
  ) {}

  /** False when the group rebalances and `join` is due. */
  get isJoined(): boolean {
    return this.joined;
  }

  get membership(): Membership {
    return {
      memberId: this.memberId,
      generationId: this.generationId,
      groupInstanceId: this.config.groupInstanceId,
    };
  }

  /** Joins the group, again if need be; gives the partitions that this member is to read. */
  async join(topics: readonly string[]): Promise<TopicPartition[]> {
    this.stopHeartbeats();
    for (;;) {
      const answer = await this.sendJoin(topics);
      const error = errorForCode(answer.errorCode);
      if (error.name === 'MEMBER_ID_REQUIRED') {
        this.memberId = answer.memberId;
      } else if (error.name === 'UNKNOWN_MEMBER_ID') {
        this.memberId = '';
      } else if (answer.errorCode !== 0) {
        throw new KafkaError(error, `Joining group ${this.groupId} failed: ${error.meaning}`);
      } else {
        const assigned = await this.sync(answer);
        if (assigned) return assigned;
      }
    }
  }

  /** Leaves the group, so that the others need not wait for the session to expire. Static members stay. */
  async leave(): Promise<void> {
    this.stopHeartbeats();
    if (this.memberId === '' || this.config.groupInstanceId !== null) return;
    const member = { memberId: this.memberId, groupInstanceId: null, reason: 'the consumer is being closed' };
    await this.cluster
      .toCoordinator(
        this.groupId,
        leaveGroup,
        { groupId: this.groupId, members: [member] },
        ({ errorCode }) => errorCode,
      )
      .catch(ignoreNetworkProblem);
    this.memberId = '';
  }

  stopHeartbeats(): void {
    this.joined = false;
    this.timer?.cancel();
    this.timer = null;
  }

  private identity() {
    return { groupId: this.groupId, memberId: this.memberId, groupInstanceId: this.config.groupInstanceId };
  }

  private sendJoin(topics: readonly string[]): Promise<JoinGroupResponse> {
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.config;
    return this.cluster.toCoordinator(
      this.groupId,
      joinGroup,
      {
        ...this.identity(),
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        protocolType: CONSUMER_PROTOCOL_TYPE,
        protocols: [{ name: PROTOCOL, metadata: encodeSubscription({ topics: [...topics] }, SUBSCRIPTION_VERSION) }],
        reason: 'a command line consumer joins',
      },
      ({ errorCode }) => errorCode,
      { timeoutMs: rebalanceTimeoutMs + EXTRA_WAIT_MS },
    );
  }

  /** Null when the group started over meanwhile. */
  private async sync(joinAnswer: JoinGroupResponse): Promise<TopicPartition[] | null> {
    this.memberId = joinAnswer.memberId;
    this.generationId = joinAnswer.generationId;
    const isLeader = joinAnswer.leader === joinAnswer.memberId;
    const answer = await this.cluster.toCoordinator(
      this.groupId,
      syncGroup,
      {
        ...this.identity(),
        generationId: this.generationId,
        protocolType: CONSUMER_PROTOCOL_TYPE,
        protocolName: joinAnswer.protocolName ?? PROTOCOL,
        assignments: isLeader ? await this.assign(joinAnswer) : [],
      },
      ({ errorCode }) => errorCode,
      { timeoutMs: this.config.rebalanceTimeoutMs + EXTRA_WAIT_MS },
    );
    const error = errorForCode(answer.errorCode);
    if (error.name === 'UNKNOWN_MEMBER_ID') this.memberId = '';
    if (['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'].includes(error.name)) return null;
    if (answer.errorCode !== 0) throw new KafkaError(error, `Joining group ${this.groupId} failed: ${error.meaning}`);
    this.joined = true;
    this.scheduleHeartbeat();
    return decodeAssignment(answer.assignment).assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
  }

  private async assign(joinAnswer: JoinGroupResponse) {
    const members = joinAnswer.members.map(({ memberId, groupInstanceId, metadata }) => ({
      memberId,
      groupInstanceId,
      topics: decodeSubscription(metadata).topics,
    }));
    const counts = await this.partitionCounts([...new Set(members.flatMap(({ topics }) => topics))]);
    return [...assignRanges(members, counts)].map(([memberId, partitions]) => ({
      memberId,
      assignment: encodeAssignment(
        { assignedPartitions: groupByTopic(partitions).map(([topic, its]) => ({ topic, partitions: its })) },
        SUBSCRIPTION_VERSION,
      ),
    }));
  }

  private scheduleHeartbeat(): void {
    this.timer = this.clock.after(this.config.heartbeatIntervalMs, () => void this.beat());
  }

  private async beat(): Promise<void> {
    const { generationId } = this;
    try {
      const answer = await this.cluster.toCoordinator(
        this.groupId,
        heartbeat,
        { ...this.identity(), generationId },
        ({ errorCode }) => errorCode,
      );
      if (!this.joined || generationId !== this.generationId) return;
      const error = errorForCode(answer.errorCode);
      if (error.name === 'UNKNOWN_MEMBER_ID') this.memberId = '';
      if (answer.errorCode !== 0) this.joined = false;
    } catch (error) {
      ignoreNetworkProblem(error);
      // The coordinator could not be reached in time: the membership is probably lost, joining will tell.
      if (generationId === this.generationId) this.joined = false;
    }
    if (this.joined) this.scheduleHeartbeat();
  }
}

/** Leaving is a courtesy: when the coordinator cannot be reached, the session ends by itself. */
function ignoreNetworkProblem(error: unknown): void {
  if (!(error instanceof KafkaError || error instanceof ConnectionError)) throw error;
}
