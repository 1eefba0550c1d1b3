/** Hands out blocks of producer ids: /latest_producer_id_block holds the last one (KIP-730, kafka ZkProducerIdManager). */
import { KafkaError } from '../../../protocol';
import type { ZooKeeperOperations } from '../../../zookeeper';
import { isZkError } from '../../../zookeeper/errors';
import * as znodes from '../../../zookeeper/znodes';
import type { ProducerIdBlock } from '../../cluster/cluster-change';
import type { ControllerCore } from './controller-core';

/** @throws KafkaError BROKER_ID_NOT_REGISTERED, STALE_BROKER_EPOCH */
export async function allocateProducerIds(
  core: ControllerCore,
  brokerId: number,
  brokerEpoch: number,
): Promise<ProducerIdBlock> {
  const { context, logger, store } = core;
  const known = context.brokers.get(brokerId);
  if (!known) throw new KafkaError('BROKER_ID_NOT_REGISTERED');
  if (known.epoch !== brokerEpoch) {
    logger.warn(`Ignoring AllocateProducerIds due to stale broker epoch ${brokerEpoch} for broker ${brokerId}`);
    throw new KafkaError('STALE_BROKER_EPOCH');
  }
  return nextProducerIdBlock(store.zk, brokerId);
}

/** Takes the next block for a broker; others may take blocks at the same time. */
export async function nextProducerIdBlock(zk: ZooKeeperOperations, brokerId: number): Promise<ProducerIdBlock> {
  let attempted: number | null = null;
  for (;;) {
    const { data, stat } = await zk.getData(znodes.PRODUCER_ID_BLOCK_PATH);
    const last = znodes.decodeProducerIdBlock(data);
    if (attempted !== null && last?.firstProducerId === attempted && last.brokerId === brokerId) {
      // The answer to the write was lost, the write was not.
      return { firstId: attempted, length: znodes.PRODUCER_ID_BLOCK_SIZE };
    }
    const firstProducerId: number = last ? last.lastProducerId + 1 : 0;
    const lastProducerId = firstProducerId + znodes.PRODUCER_ID_BLOCK_SIZE - 1;
    if (!Number.isSafeInteger(lastProducerId))
      throw new KafkaError('UNKNOWN_SERVER_ERROR', 'all producer ids are used up');
    try {
      const block = znodes.encodeProducerIdBlock({ brokerId, firstProducerId, lastProducerId });
      await zk.setData(znodes.PRODUCER_ID_BLOCK_PATH, block, stat.version);
      return { firstId: firstProducerId, length: znodes.PRODUCER_ID_BLOCK_SIZE };
    } catch (error) {
      if (!isZkError(error, 'BAD_VERSION')) throw error;
      attempted = firstProducerId;
    }
  }
}
