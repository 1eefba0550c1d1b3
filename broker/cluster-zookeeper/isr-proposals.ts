/**
 * Sends ISR changes of this broker's partitions to the controller (KIP-497, kafka.server.DefaultAlterPartitionManager):
 * what comes while a request is under way goes together into the next one. Owns the proposals that wait.
 */
import { errorForCode, Errors, partitionKey, type InputOf } from '../../protocol';
import { alterPartition, type AlterPartitionRequest, type AlterPartitionResponse } from '../../protocol/apis';
import { sleep, type Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { IsrDecision, IsrProposal } from '../cluster/cluster-change';
import type { ControllerChannel } from './controller-channel';

const NEWEST_VERSION = 3;
const FIRST_WITH_TOPIC_IDS = 2;
const FIRST_WITH_EPOCHS = 3;
const RETRY_MS = 50;
/** What a broker says of the epoch of its ISR's members; a ZooKeeper controller does not look at it. */
const UNKNOWN_BROKER_EPOCH = -1;

interface Waiting {
  readonly proposal: IsrProposal;
  readonly resolve: (decision: IsrDecision) => void;
  readonly reject: (reason: Error) => void;
}

export interface IsrProposalsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly brokerId: number;
  readonly channel: ControllerChannel;
  /** This broker's epoch at the moment of sending. */
  brokerEpoch(): number;
}

export class IsrProposals {
  private readonly waiting = new Map<string, Waiting>();
  private sending = false;
  private stopped = false;

  constructor(private readonly options: IsrProposalsOptions) {}

  /** A partition has one proposal at a time; a second is refused with OPERATION_NOT_ATTEMPTED. */
  propose(proposal: IsrProposal): Promise<IsrDecision> {
    const key = partitionKey(proposal.topicPartition);
    if (this.stopped || this.waiting.has(key))
      return Promise.resolve({ accepted: false, error: Errors.OPERATION_NOT_ATTEMPTED });
    return new Promise((resolve, reject) => {
      this.waiting.set(key, { proposal, resolve, reject });
      // Proposals made in the same turn of the event loop share a request.
      if (!this.sending) queueMicrotask(() => void this.sendAll());
    });
  }

  stop(): void {
    this.stopped = true;
    for (const { resolve } of this.waiting.values())
      resolve({ accepted: false, error: Errors.OPERATION_NOT_ATTEMPTED });
    this.waiting.clear();
  }

  private async sendAll(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      while (this.waiting.size > 0 && !this.stopped) {
        if (!(await this.sendOnce([...this.waiting.values()]))) await sleep(this.options.clock, RETRY_MS);
      }
    } catch (error) {
      // Only a stopped channel rejects.
      if (!this.stopped) this.options.logger.error('ISR changes can no longer be sent', error);
      this.stop();
    } finally {
      this.sending = false;
    }
  }

  /** False when all that was sent has to be sent again. */
  private async sendOnce(sent: readonly Waiting[]): Promise<boolean> {
    const { channel, logger } = this.options;
    const { version, response } = await channel.send(alterPartition, NEWEST_VERSION, (v) => this.build(sent, v));
    if (response.errorCode !== 0) {
      const { name } = errorForCode(response.errorCode);
      logger.warn(`The controller refused AlterPartition with ${name}; asking again in ${RETRY_MS} ms`);
      return false;
    }
    const decisions = decisionsOf(response, version);
    let missing = 0;
    for (const item of sent) {
      const { topicPartition, topicId } = item.proposal;
      const topic = version >= FIRST_WITH_TOPIC_IDS ? topicId : topicPartition.topic;
      const decision = decisions.get(`${topic}-${topicPartition.partition}`);
      if (!decision) {
        missing++;
        continue;
      }
      this.waiting.delete(partitionKey(topicPartition));
      item.resolve(decision);
    }
    return missing === 0;
  }

  private build(items: readonly Waiting[], version: number): InputOf<AlterPartitionRequest> {
    const topics = new Map<string, IsrProposal[]>();
    for (const { proposal } of items) {
      const group = topics.get(proposal.topicPartition.topic);
      if (group) group.push(proposal);
      else topics.set(proposal.topicPartition.topic, [proposal]);
    }
    return {
      brokerId: this.options.brokerId,
      brokerEpoch: this.options.brokerEpoch(),
      topics: [...topics].map(([topicName, proposals]) => ({
        topicName,
        topicId: proposals[0]?.topicId,
        partitions: proposals.map((proposal) => ({
          partitionIndex: proposal.topicPartition.partition,
          leaderEpoch: proposal.leaderEpoch,
          partitionEpoch: proposal.partitionEpoch,
          leaderRecoveryState: version >= 1 ? proposal.leaderRecoveryState : undefined,
          ...isrOf(proposal, version),
        })),
      })),
    };
  }
}

function isrOf(
  { newIsr }: IsrProposal,
  version: number,
): { newIsr?: number[]; newIsrWithEpochs?: { brokerId: number; brokerEpoch: number }[] } {
  if (version < FIRST_WITH_EPOCHS) return { newIsr: [...newIsr] };
  return { newIsrWithEpochs: newIsr.map((brokerId) => ({ brokerId, brokerEpoch: UNKNOWN_BROKER_EPOCH })) };
}

/** By `<topic name or id>-<partition>`. */
function decisionsOf(response: AlterPartitionResponse, version: number): Map<string, IsrDecision> {
  const decisions = new Map<string, IsrDecision>();
  for (const topic of response.topics) {
    const name = version >= FIRST_WITH_TOPIC_IDS ? topic.topicId : topic.topicName;
    for (const partition of topic.partitions) {
      const { errorCode, leaderId: leader, leaderEpoch, isr, leaderRecoveryState, partitionEpoch } = partition;
      const decision: IsrDecision =
        errorCode === 0
          ? { accepted: true, leader, leaderEpoch, isr, leaderRecoveryState, partitionEpoch }
          : { accepted: false, error: errorForCode(errorCode) };
      decisions.set(`${name}-${partition.partitionIndex}`, decision);
    }
  }
  return decisions;
}
