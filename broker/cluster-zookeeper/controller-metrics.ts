/** The controller's metrics, under the names that Kafka's JMX exporter gives. They are 0 on brokers that are not the active controller. */
import type { Metrics } from '../../runtime/metrics';
import type { ZooKeeperController } from './controller/zookeeper-controller';
import type { PartitionEntry } from './controller/controller-context';

export function registerControllerMetrics(metrics: Metrics, controller: ZooKeeperController): void {
  const { context, channels } = controller.core;
  const count = (isCounted: (partition: PartitionEntry) => boolean): number => {
    let total = 0;
    for (const partition of context.partitions()) if (isCounted(partition)) total++;
    return total;
  };
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.gauge(`kafka_controller_kafkacontroller_${name}`, help, read);
  gauge('globaltopiccount', 'Topics of the cluster', () => context.topicNames.length);
  gauge('globalpartitioncount', 'Partitions of the cluster that have had a leader', () =>
    count((p) => p.leadership !== null),
  );
  gauge('offlinepartitionscount', 'Partitions without a leader', () =>
    count((p) => p.state === 'offline' && !context.topicsWithDeletionStarted.has(p.topicPartition.topic)),
  );
  gauge('preferredreplicaimbalancecount', 'Partitions that are not led by their preferred replica', () =>
    count((p) => p.leadership !== null && p.leadership.leader !== p.assignment.replicas[0]),
  );
  gauge('topicstodeletecount', 'Topics that are being deleted', () => context.topicsToBeDeleted.size);
  gauge(
    'topicsineligibletodeletecount',
    'Topics whose deletion is halted',
    () => context.topicsIneligibleForDeletion.size,
  );
  metrics.gauge(
    'kafka_controller_controllereventmanager_eventqueuesize',
    'Events that wait in the controller',
    () => controller.queuedEvents,
  );
  metrics.gauge(
    'kafka_controller_controllerchannelmanager_totalqueuesize',
    'Requests that wait for brokers',
    () => channels.queued,
  );
}
