/** A broker says that it wants to stop: its leaderships move to others first, and it leaves the ISRs (ControlledShutdown). */
import { KafkaError, type TopicPartition } from '../../../protocol';
import type { ControllerCore } from './controller-core';

/** -1 comes from brokers that know no broker epochs (before KIP-380). */
const UNKNOWN_BROKER_EPOCH = -1;

/**
 * @returns the partitions that the broker still leads; it may stop when there are none
 * @throws KafkaError STALE_BROKER_EPOCH, BROKER_NOT_AVAILABLE; ControllerMovedError
 */
export async function prepareShutdown(
  core: ControllerCore,
  brokerId: number,
  brokerEpoch: number,
): Promise<TopicPartition[]> {
  const { context, logger } = core;
  const known = context.brokers.get(brokerId);
  if (!known) throw new KafkaError('BROKER_NOT_AVAILABLE', `Broker id ${brokerId} does not exist.`);
  if (brokerEpoch !== UNKNOWN_BROKER_EPOCH && brokerEpoch < known.epoch) {
    const text = `Received controlled shutdown request from an old broker epoch ${brokerEpoch} for broker ${brokerId}. Current broker epoch is ${known.epoch}.`;
    logger.info(text);
    throw new KafkaError('STALE_BROKER_EPOCH', text);
  }
  logger.info(`Shutting down broker ${brokerId}`);
  context.shuttingDownBrokerIds.add(brokerId);
  const concerned = context
    .partitionsOnBroker(brokerId)
    .filter(({ assignment, leadership }) => assignment.replicas.length > 1 && leadership !== null)
    .filter(({ topicPartition }) => !context.isQueuedForDeletion(topicPartition.topic));
  const led = concerned.filter(({ leadership }) => leadership?.leader === brokerId);
  const followed = concerned.filter(({ leadership }) => leadership?.leader !== brokerId);
  await core.partitions.handleStateChanges(led, 'online', { kind: 'controlledShutdown' });
  const batch = core.newBatch();
  for (const partition of followed) batch.addStopReplica(brokerId, partition, false);
  core.send(batch);
  await core.replicas.handleStateChanges(
    followed.map((partition) => ({ partition, brokerId })),
    'offline',
  );
  return context.partitionsLedBy(brokerId).map(({ topicPartition }) => topicPartition);
}
