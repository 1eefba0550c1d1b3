/** Serves AlterPartition (key 56, versions 0-3): writes the ISRs that leaders ask for and tells every broker. */
import { Errors, errorForCode, type InputOf, type WireError } from '../../../protocol';
import type { AlterPartitionRequest, AlterPartitionResponse } from '../../../protocol/apis';
import { decideIsr, type IsrWish } from './alter-partition';
import type { ControllerCore } from './controller-core';
import type { PartitionEntry } from './controller-context';
import type { StateUpdate } from './controller-store';
import type { Leadership } from './leadership';

type ResponseTopic = NonNullable<InputOf<AlterPartitionResponse>['topics']>[number];
type ResponsePartition = NonNullable<ResponseTopic['partitions']>[number];

/** First version that names topics by their ids. */
const FIRST_WITH_TOPIC_IDS = 2;
/** First version whose ISR carries broker epochs. */
const FIRST_WITH_EPOCHS = 3;

export interface IsrChanges {
  readonly response: InputOf<AlterPartitionResponse>;
  /** Partitions whose ISR is now as was asked. */
  readonly successful: readonly PartitionEntry[];
}

interface Asked {
  readonly index: number;
  readonly partition: PartitionEntry | null;
  readonly wish: IsrWish;
}

/** @throws ControllerMovedError */
export async function alterIsr(
  core: ControllerCore,
  request: AlterPartitionRequest,
  version: number,
): Promise<IsrChanges> {
  const { context, logger } = core;
  const epoch = context.brokers.get(request.brokerId)?.epoch;
  if (epoch === undefined || epoch !== request.brokerEpoch) {
    logger.info(
      `Ignoring AlterPartition from broker ${request.brokerId} with epoch ${request.brokerEpoch}; its registered epoch is ${epoch ?? 'unknown'}`,
    );
    return { response: { errorCode: Errors.STALE_BROKER_EPOCH.code }, successful: [] };
  }
  const topics: ResponseTopic[] = [];
  const told: PartitionEntry[] = [];
  const successful: PartitionEntry[] = [];
  for (const topic of request.topics) {
    const name = version >= FIRST_WITH_TOPIC_IDS ? context.topicName(topic.topicId) : topic.topicName;
    const header = { topicId: topic.topicId, topicName: topic.topicName };
    if (name === null) {
      const errorCode = Errors.UNKNOWN_TOPIC_ID.code;
      topics.push({
        ...header,
        partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
      });
      continue;
    }
    const asked = topic.partitions.map((partition) => toAsked(core, request.brokerId, name, partition, version));
    const results = await decideAndWrite(core, asked, version);
    for (const { partition } of asked) if (partition) told.push(partition);
    topics.push({ ...header, partitions: asked.map((item) => toResponse(item, results.get(item))) });
    for (const item of asked) {
      if (item.partition && isLeadership(results.get(item))) successful.push(item.partition);
    }
  }
  if (told.length > 0) core.sendUpdateMetadata(told);
  return { response: { errorCode: 0, topics }, successful };
}

function toAsked(
  { context }: ControllerCore,
  leader: number,
  topic: string,
  asked: AlterPartitionRequest['topics'][number]['partitions'][number],
  version: number,
): Asked {
  const { partitionIndex: index, leaderEpoch, partitionEpoch, leaderRecoveryState } = asked;
  const isr = version >= FIRST_WITH_EPOCHS ? asked.newIsrWithEpochs.map(({ brokerId }) => brokerId) : asked.newIsr;
  const partition = context.partition({ topic, partition: index });
  return { index, partition, wish: { leader, leaderEpoch, partitionEpoch, isr, leaderRecoveryState } };
}

type IsrResult = Leadership | WireError;

function isLeadership(result: IsrResult | undefined): result is Leadership {
  return result !== undefined && 'leader' in result;
}

async function decideAndWrite(
  core: ControllerCore,
  asked: readonly Asked[],
  version: number,
): Promise<Map<Asked, IsrResult>> {
  const { context, store, logger } = core;
  const results = new Map<Asked, IsrResult>();
  const accepted: Asked[] = [];
  const updates: StateUpdate[] = [];
  for (const item of asked) {
    const { partition, wish } = item;
    const current = partition?.leadership ?? null;
    const verdict = decideIsr(current, wish, (id) => context.isLive(id), version);
    if (verdict.kind === 'refused') results.set(item, verdict.error);
    else if (verdict.kind === 'unchanged') results.set(item, current as Leadership);
    else {
      const { isr, leaderRecoveryState } = wish;
      const next = { ...(current as Leadership), isr, leaderRecoveryState, controllerEpoch: context.epoch };
      accepted.push(item);
      updates.push({ partition: partition as PartitionEntry, next });
    }
  }
  for (const [position, change] of (await store.updateStates(updates)).entries()) {
    const item = accepted[position] as Asked;
    const { partition } = updates[position] as StateUpdate;
    if (change.kind === 'done') {
      partition.leadership = change.leadership;
      results.set(item, change.leadership);
    } else {
      logger.info(`Failed to update ISR to ${item.wish.isr.join(',')} for partition ${partition.key}: ${change.kind}`);
      results.set(item, change.kind === 'conflict' ? Errors.INVALID_UPDATE_VERSION : Errors.UNKNOWN_SERVER_ERROR);
      // Somebody else wrote the node: what is there is what counts for the next request.
      partition.leadership = (await store.leadership(partition.topicPartition)) ?? partition.leadership;
    }
  }
  return results;
}

function toResponse({ index: partitionIndex }: Asked, result: IsrResult | undefined): ResponsePartition {
  if (!isLeadership(result)) {
    return { partitionIndex, errorCode: (result ?? errorForCode(-1)).code };
  }
  const { leader: leaderId, leaderEpoch, isr, leaderRecoveryState, partitionEpoch } = result;
  return { partitionIndex, errorCode: 0, leaderId, leaderEpoch, isr, leaderRecoveryState, partitionEpoch };
}
