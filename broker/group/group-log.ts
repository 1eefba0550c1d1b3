/**
 * Writes groups and offsets to `__consumer_offsets`: one batch per change, acknowledged by
 * offsets.commit.required.acks. Knows how a failed append is to be told to a member or to a committing client.
 */
import { Errors, GROUP_METADATA_TOPIC, type TopicPartition, type WireError } from '../../protocol';
import { buildBatch, type NewRecord } from '../../protocol/records';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { AppendResult, ReplicaAppender } from '../replication/types';
import type { GroupConfig } from './group-config';
import type { CommittedOffset } from './group-offsets';
import { encodeGroupKey, encodeGroupValue, encodeOffsetKey, encodeOffsetValue } from './group-records';
import type { GroupSnapshot } from './step';

/** What became of a batch. `baseOffset` is -1 on error. */
export interface Stored {
  readonly error: WireError;
  readonly baseOffset: number;
}

/** So many tombstones go into one batch, which keeps it well below message.max.bytes. */
const TOMBSTONES_PER_BATCH = 2000;

/** Kafka builds these batches as if for a transactional producer, so that they count from 0 also without one. */
const COMMIT_BASE_SEQUENCE = 0;

export class GroupLog {
  constructor(
    private readonly replicas: ReplicaAppender,
    private readonly config: GroupConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Stores a group's generation; the error is one that its members understand. */
  async storeGroup(partition: number, groupId: string, snapshot: GroupSnapshot): Promise<WireError> {
    const record = this.record(encodeGroupKey(groupId), encodeGroupValue(snapshot));
    const { error } = await this.append(partition, [record], this.config.commitRequiredAcks);
    const answer = told(TOLD_TO_MEMBERS, error);
    if (answer === Errors.UNKNOWN_SERVER_ERROR) {
      this.logger.error(`Generation ${snapshot.generation} of group ${groupId} could not be stored: ${error.name}`);
    }
    return answer;
  }

  /** Stores committed offsets; the error is one that committing clients understand. */
  async storeOffsets(partition: number, groupId: string, offsets: readonly CommittedOffset[]): Promise<Stored> {
    const records = offsets.map((offset) =>
      this.record(encodeOffsetKey(groupId, offset.topicPartition), encodeOffsetValue(offset)),
    );
    const { error, baseOffset } = await this.append(
      partition,
      records,
      this.config.commitRequiredAcks,
      COMMIT_BASE_SEQUENCE,
    );
    return { error: told(TOLD_TO_COMMITTERS, error), baseOffset };
  }

  /**
   * Writes tombstones for offsets, and for the group itself if asked to. Nobody waits for them: one that gets lost is
   * written again when the offset expires again after the next load.
   */
  async bury(partition: number, groupId: string, offsets: readonly CommittedOffset[], group: boolean): Promise<void> {
    const records = offsets.map((offset) => this.record(encodeOffsetKey(groupId, offset.topicPartition), null));
    if (group) records.push(this.record(encodeGroupKey(groupId), null));
    for (let at = 0; at < records.length; at += TOMBSTONES_PER_BATCH) {
      const { error } = await this.append(partition, records.slice(at, at + TOMBSTONES_PER_BATCH), 0);
      if (error === Errors.NONE) continue;
      this.logger.error(`Tombstones of group ${groupId} could not be written: ${error.name}`);
      return;
    }
  }

  private record(key: Buffer, value: Buffer | null): NewRecord {
    return { timestamp: BigInt(this.clock.nowMs()), key, value };
  }

  private async append(
    partition: number,
    records: readonly NewRecord[],
    requiredAcks: number,
    baseSequence?: number,
  ): Promise<Stored> {
    const topicPartition = offsetsPartition(partition);
    if (this.replicas.logOf(topicPartition) === null) return { error: Errors.NOT_COORDINATOR, baseOffset: -1 };
    try {
      const [result] = (await this.replicas.append({
        requiredAcks,
        timeoutMs: this.config.commitTimeoutMs,
        origin: 'coordinator',
        internalTopicsAllowed: true,
        entries: [
          { topicPartition, records: buildBatch(records, { compression: this.config.compression, baseSequence }) },
        ],
      })) as [AppendResult];
      return { error: result.error, baseOffset: result.baseOffset };
    } catch (error) {
      this.logger.error(`Append to ${GROUP_METADATA_TOPIC}-${partition} failed`, error);
      return { error: Errors.UNKNOWN_SERVER_ERROR, baseOffset: -1 };
    }
  }
}

export function offsetsPartition(partition: number): TopicPartition {
  return { topic: GROUP_METADATA_TOPIC, partition };
}

type Translation = ReadonlyMap<WireError, WireError>;

const TOO_LARGE = [Errors.MESSAGE_TOO_LARGE, Errors.RECORD_LIST_TOO_LARGE, Errors.INVALID_FETCH_SIZE];

/** What a failed append means to whoever asked for it: errors that are not here are told as they are. */
const TOLD_TO_ALL: Translation = new Map<WireError, WireError>([
  [Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.COORDINATOR_NOT_AVAILABLE],
  [Errors.NOT_ENOUGH_REPLICAS, Errors.COORDINATOR_NOT_AVAILABLE],
  [Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND, Errors.COORDINATOR_NOT_AVAILABLE],
  [Errors.NOT_LEADER_OR_FOLLOWER, Errors.NOT_COORDINATOR],
  [Errors.KAFKA_STORAGE_ERROR, Errors.NOT_COORDINATOR],
]);

/** GroupMetadataManager.storeGroup */
const TOLD_TO_MEMBERS: Translation = new Map<WireError, WireError>([
  ...TOLD_TO_ALL,
  [Errors.REQUEST_TIMED_OUT, Errors.REBALANCE_IN_PROGRESS],
  ...TOO_LARGE.map((error) => [error, Errors.UNKNOWN_SERVER_ERROR] as const),
]);

/** GroupMetadataManager.maybeConvertOffsetCommitError */
const TOLD_TO_COMMITTERS: Translation = new Map<WireError, WireError>([
  ...TOLD_TO_ALL,
  [Errors.NETWORK_EXCEPTION, Errors.COORDINATOR_LOAD_IN_PROGRESS],
  ...TOO_LARGE.map((error) => [error, Errors.INVALID_COMMIT_OFFSET_SIZE] as const),
]);

function told(translation: Translation, error: WireError): WireError {
  return translation.get(error) ?? error;
}
