/** What this broker changes in the cluster: through requests to the controller, or directly in ZooKeeper where Kafka does so. */
import { errorForCode, Errors, KafkaError, type TopicPartition, type WireError } from '../../protocol';
import { allocateProducerIds } from '../../protocol/apis';
import type { Logger } from '../../runtime/logger';
import type { ZooKeeperOperations } from '../../zookeeper';
import * as znodes from '../../zookeeper/znodes';
import type { ClusterChange, IsrDecision, IsrProposal, ProducerIdBlock } from '../cluster/cluster-change';
import type { AutoTopicCreation } from './admin/auto-topic-creation';
import type { ControllerChannel } from './controller-channel';
import type { IsrProposals } from './isr-proposals';
import { orNull } from './zk-reads';

export interface ZkClusterChangeOptions {
  readonly zk: ZooKeeperOperations;
  readonly logger: Logger;
  readonly brokerId: number;
  readonly proposals: IsrProposals;
  /** Its own, so that ISR changes never wait for producer ids. */
  readonly producerIdChannel: ControllerChannel;
  readonly autoCreation: AutoTopicCreation;
  brokerEpoch(): number;
}

export class ZkClusterChange implements ClusterChange {
  constructor(private readonly options: ZkClusterChangeOptions) {}

  get brokerEpoch(): number {
    return this.options.brokerEpoch();
  }

  alterPartition(proposal: IsrProposal): Promise<IsrDecision> {
    return this.options.proposals.propose(proposal);
  }

  async allocateProducerIds(): Promise<ProducerIdBlock> {
    const { brokerId, producerIdChannel } = this.options;
    const build = (): { brokerId: number; brokerEpoch: number } => ({ brokerId, brokerEpoch: this.brokerEpoch });
    const { response } = await producerIdChannel.send(allocateProducerIds, 0, build);
    if (response.errorCode !== 0) throw new KafkaError(errorForCode(response.errorCode));
    return { firstId: response.producerIdStart, length: response.producerIdLen };
  }

  async topicConfig(topic: string): Promise<Record<string, string>> {
    const entity = znodes.topicConfigEntity(topic);
    const node = await orNull(this.options.zk.getData(znodes.configPath(entity)));
    return znodes.decodeEntityConfig(entity, node?.data ?? null);
  }

  async partitionCount(topic: string): Promise<number | null> {
    const node = await orNull(this.options.zk.getData(znodes.topicPath(topic)));
    return node && znodes.decodeTopicAssignment(topic, node.data).partitions.size;
  }

  async autoCreateTopic(topic: string): Promise<WireError> {
    try {
      return await this.options.autoCreation.create(topic);
    } catch (error) {
      this.options.logger.error(`Topic ${topic} could not be created`, error);
      return error instanceof KafkaError ? error.error : Errors.UNKNOWN_SERVER_ERROR;
    }
  }

  async reportLogDirFailure(): Promise<void> {
    const data = znodes.encodeLogDirEvent(this.options.brokerId);
    await this.options.zk.create(znodes.LOG_DIR_EVENT_CREATE_PATH, data, 'persistent-sequential');
  }

  async consumerOffset(groupId: string, { topic, partition }: TopicPartition): Promise<number | null> {
    const node = await orNull(this.options.zk.getData(znodes.consumerOffsetPath(groupId, topic, partition)));
    return node && znodes.decodeConsumerOffset(node.data);
  }

  async storeConsumerOffset(groupId: string, { topic, partition }: TopicPartition, offset: number): Promise<void> {
    const { zk } = this.options;
    const path = znodes.consumerOffsetPath(groupId, topic, partition);
    const data = znodes.encodeConsumerOffset(offset);
    if ((await orNull(zk.setData(path, data, -1))) === null) await zk.createRecursive(path, data);
  }
}
