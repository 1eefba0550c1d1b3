/**
 * The parts of the controller, tied together: the context, the store, the channels, the state machines. One object per
 * broker, in use while the broker is the active controller. What happens in it happens inside the event queue.
 */
import type { Clock } from '../../../runtime/clock';
import type { Logger } from '../../../runtime/logger';
import type { BrokerConfig } from '../../../settings/broker-config';
import type { ZooKeeperOperations } from '../../../zookeeper';
import { BrokerChannels, type ControlResponse, type OpenConnection } from './broker-channels';
import { ControllerContext, type PartitionEntry } from './controller-context';
import { ControllerStore } from './controller-store';
import type { ControllerWatches } from './controller-watches';
import { PartitionStateMachine } from './partition-state-machine';
import { Reassignment } from './reassignment';
import { ReplicaStateMachine } from './replica-state-machine';
import { RequestBatch } from './request-batch';
import { TopicDeletion } from './topic-deletion';

export interface ControllerCoreOptions {
  readonly brokerId: number;
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly zk: ZooKeeperOperations;
  readonly watches: ControllerWatches;
  readonly onResponse: (response: ControlResponse) => void;
  /** Left out: real connections. */
  readonly open?: OpenConnection;
}

export class ControllerCore {
  readonly context = new ControllerContext();
  readonly store: ControllerStore;
  readonly channels: BrokerChannels;
  readonly partitions: PartitionStateMachine;
  readonly replicas: ReplicaStateMachine;
  readonly deletion: TopicDeletion;
  readonly reassignment: Reassignment;
  readonly brokerId: number;
  readonly config: BrokerConfig;
  readonly logger: Logger;
  readonly watches: ControllerWatches;
  readonly clock: Clock;

  constructor(options: ControllerCoreOptions) {
    const { brokerId, config, clock, zk, open, onResponse, watches } = options;
    const controllerId = brokerId;
    const prefix = `[Controller id=${brokerId}] `;
    this.brokerId = brokerId;
    this.config = config;
    this.clock = clock;
    this.watches = watches;
    this.logger = options.logger.for('kafka.controller.KafkaController', prefix);
    const stateLogger = options.logger.for('state.change.logger', prefix);
    const { context } = this;
    this.store = new ControllerStore(zk, () => context.epochZkVersion, clock);
    const listenerName = config.stringOrNull('control.plane.listener.name') ?? config.interBrokerListenerName;
    const connectTimeoutMs = config.int('controller.socket.timeout.ms');
    const { requestTimeoutMs } = config;
    const channelLogger = options.logger.for(
      'kafka.controller.RequestSendThread',
      `[RequestSendThread controllerId=${brokerId}] `,
    );
    this.channels = new BrokerChannels({
      clock,
      logger: channelLogger,
      controllerId,
      listenerName,
      requestTimeoutMs,
      connectTimeoutMs,
      onResponse,
      open,
    });
    const newBatch = (): RequestBatch => this.newBatch();
    const send = (batch: RequestBatch): void => this.send(batch);
    const sendUpdateMetadata = (partitions: readonly PartitionEntry[]): void => this.sendUpdateMetadata(partitions);
    const uncleanElectionByDefault = (): boolean => config.boolean('unclean.leader.election.enable');
    const machine = {
      context,
      store: this.store,
      logger: stateLogger,
      controllerId,
      newBatch,
      send,
      uncleanElectionByDefault,
      clock,
    };
    this.partitions = new PartitionStateMachine(machine);
    this.replicas = new ReplicaStateMachine(machine);
    this.deletion = new TopicDeletion({
      context,
      store: this.store,
      partitions: this.partitions,
      replicas: this.replicas,
      logger: options.logger.for('kafka.controller.TopicDeletionManager', `[Topic Deletion Manager ${brokerId}] `),
      enabled: () => config.deleteTopicEnable,
      sendUpdateMetadata,
    });
    this.reassignment = new Reassignment({
      context,
      store: this.store,
      partitions: this.partitions,
      replicas: this.replicas,
      deletion: this.deletion,
      logger: this.logger,
      newBatch,
      send,
      sendUpdateMetadata,
    });
  }

  newBatch(): RequestBatch {
    return new RequestBatch(this.context, {
      controllerId: this.brokerId,
      interBrokerListenerName: this.config.interBrokerListenerName,
      interBrokerProtocolVersion: this.config.string('inter.broker.protocol.version'),
    });
  }

  send(batch: RequestBatch): void {
    this.channels.send(batch.build());
  }

  /** @param brokerIds all live brokers when left out */
  sendUpdateMetadata(
    partitions: readonly PartitionEntry[],
    brokerIds: readonly number[] = this.context.liveOrShuttingDownBrokerIds,
  ): void {
    const batch = this.newBatch();
    batch.addUpdateMetadata(brokerIds, partitions);
    this.send(batch);
  }

  /** Forgets everything and closes the channels: another broker is the controller, or none. */
  reset(): void {
    this.channels.stop();
    this.context.clear();
  }
}
