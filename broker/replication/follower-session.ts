/**
 * The follower's side of a fetch session (KIP-227): which partitions the leader knows, and what the next request has to
 * tell it. Only partitions that changed are looked at, so idle ones cost nothing. Owned by one fetcher.
 */
import { Errors, ZERO_UUID, type InputOf } from '../../protocol';
import type { FetchRequest, FetchResponse } from '../../protocol/apis';
import { FINAL_EPOCH, INITIAL_EPOCH, INVALID_SESSION_ID, nextEpoch } from './fetch-session-cache';
import type { FollowedPartition } from './followed-partition';

const VERSION_WITH_TOPIC_IDS = 17;
const VERSION_WITHOUT_TOPIC_IDS = 12;

type RequestTopics = NonNullable<InputOf<FetchRequest>['topics']>;
type ForgottenTopics = NonNullable<InputOf<FetchRequest>['forgottenTopicsData']>;

export interface SessionRequest {
  readonly version: number;
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: RequestTopics;
  readonly forgottenTopicsData: ForgottenTopics;
}

interface Known {
  readonly topic: string;
  readonly topicId: string | null;
  readonly partition: number;
}

export class FollowerSession {
  private sessionId = INVALID_SESSION_ID;
  private epoch = INITIAL_EPOCH;
  private usesTopicIds = true;
  private readonly known = new Map<string, FollowedPartition>();
  /** Removed here, but the leader's session still has them. */
  private readonly toForget: Known[] = [];

  constructor(private readonly partitionMaxBytes: number) {}

  /** The next request; null when there is nothing to ask for. */
  build(all: Iterable<FollowedPartition>, changed: ReadonlySet<FollowedPartition>): SessionRequest | null {
    const isFull = this.epoch === INITIAL_EPOCH || this.epoch === FINAL_EPOCH;
    if (!isFull && this.usesTopicIds && lacksTopicId(changed)) {
      this.restart(true);
      return this.build(all, changed);
    }
    return isFull ? this.buildFull(all) : this.buildIncremental(changed);
  }

  /** The partition that an answer is for; null when it has been removed since. */
  partitionOf(topic: string, topicId: string, partition: number): FollowedPartition | null {
    return this.known.get(this.usesTopicIds ? `${topicId}:${partition}` : `${topic}:${partition}`) ?? null;
  }

  remove(partition: FollowedPartition): void {
    if (!partition.inSession) return;
    partition.inSession = false;
    const { topic, partition: index } = partition.topicPartition;
    this.known.delete(this.keyOf(partition));
    this.toForget.push({ topic, topicId: partition.topicId, partition: index });
  }

  /** Takes over what an answer says about the session; false when the answer carries nothing else. */
  accept(response: FetchResponse): boolean {
    if (response.errorCode !== Errors.NONE.code) {
      this.restart(response.errorCode !== Errors.FETCH_SESSION_ID_NOT_FOUND.code);
      return false;
    }
    if (response.sessionId === INVALID_SESSION_ID) {
      // None granted, or closed because nothing was left in it.
      this.sessionId = INVALID_SESSION_ID;
      this.epoch = INITIAL_EPOCH;
    } else {
      this.sessionId = response.sessionId;
      this.epoch = nextEpoch(this.epoch === FINAL_EPOCH ? INITIAL_EPOCH : this.epoch);
    }
    return true;
  }

  /** Begins anew with the next request. @param closesOld the leader may still hold the old session */
  restart(closesOld: boolean): void {
    if (!closesOld) this.sessionId = INVALID_SESSION_ID;
    this.epoch = INITIAL_EPOCH;
  }

  private buildFull(all: Iterable<FollowedPartition>): SessionRequest | null {
    this.toForget.length = 0;
    for (const partition of this.known.values()) partition.inSession = false;
    this.known.clear();
    const ready: FollowedPartition[] = [];
    for (const partition of all) if (partition.isReady) ready.push(partition);
    if (ready.length === 0) return null;
    this.usesTopicIds = ready.every((partition) => partition.topicId !== null);
    return this.request(ready, []);
  }

  private buildIncremental(changed: ReadonlySet<FollowedPartition>): SessionRequest | null {
    const send: FollowedPartition[] = [];
    for (const partition of changed) {
      if (partition.isReady) send.push(partition);
      else this.remove(partition);
    }
    const forget = this.toForget.splice(0);
    if (send.length === 0 && forget.length === 0 && this.known.size === 0) return null;
    return this.request(send, forget);
  }

  private request(send: readonly FollowedPartition[], forget: readonly Known[]): SessionRequest {
    const topics = new Map<
      string,
      { topic: string; topicId: string; partitions: ReturnType<FollowerSession['ask']>[] }
    >();
    for (const partition of send) {
      const { topic } = partition.topicPartition;
      let group = topics.get(topic);
      if (!group) {
        group = { topic, topicId: partition.topicId ?? ZERO_UUID, partitions: [] };
        topics.set(topic, group);
      }
      group.partitions.push(this.ask(partition));
      partition.inSession = true;
      this.known.set(this.keyOf(partition), partition);
    }
    return {
      version: this.usesTopicIds ? VERSION_WITH_TOPIC_IDS : VERSION_WITHOUT_TOPIC_IDS,
      sessionId: this.sessionId,
      sessionEpoch: this.epoch,
      topics: [...topics.values()],
      // A leader forgets after it has added: one that follows again in the same request must not be forgotten.
      forgottenTopicsData: forgotten(forget.filter((partition) => !this.known.has(this.keyOfKnown(partition)))),
    };
  }

  private ask(partition: FollowedPartition) {
    const { logStartOffset } = partition.log;
    partition.sentLogStartOffset = logStartOffset;
    return {
      partition: partition.topicPartition.partition,
      currentLeaderEpoch: partition.leaderEpoch,
      fetchOffset: partition.fetchOffset,
      lastFetchedEpoch: partition.lastFetchedEpoch,
      logStartOffset,
      partitionMaxBytes: this.partitionMaxBytes,
    };
  }

  private keyOfKnown({ topic, topicId, partition }: Known): string {
    return `${this.usesTopicIds ? topicId : topic}:${partition}`;
  }

  private keyOf({ topicId, topicPartition }: FollowedPartition): string {
    return `${this.usesTopicIds ? topicId : topicPartition.topic}:${topicPartition.partition}`;
  }
}

function lacksTopicId(partitions: Iterable<FollowedPartition>): boolean {
  for (const partition of partitions) if (partition.topicId === null) return true;
  return false;
}

function forgotten(partitions: readonly Known[]): ForgottenTopics {
  const topics = new Map<string, { topic: string; topicId: string; partitions: number[] }>();
  for (const { topic, topicId, partition } of partitions) {
    const key = `${topic}:${topicId}`;
    let group = topics.get(key);
    if (!group) {
      group = { topic, topicId: topicId ?? ZERO_UUID, partitions: [] };
      topics.set(key, group);
    }
    group.partitions.push(partition);
  }
  return [...topics.values()];
}
