/**
 * The controller of a broker: takes part in the election, and leads the cluster while it has won. Everything happens in
 * one queue, one event after the other (kafka.controller.KafkaController). States: idle → standing by ↔ active → stopped;
 * active ends when /controller is gone or another's, when a guarded write is refused, or when the session expires.
 * Owns the queue and, through the core, all that the active controller knows.
 */
import type { Clock, TimerHandle } from '../../../runtime/clock';
import { EventDropped, EventQueue } from '../../../runtime/event-queue';
import type { Logger } from '../../../runtime/logger';
import type { Random } from '../../../runtime/random';
import type { BrokerConfig } from '../../../settings/broker-config';
import type { ZooKeeperClient } from '../../../zookeeper';
import { isZkError } from '../../../zookeeper/errors';
import { CONTROLLER_PATH } from '../../../zookeeper/znodes';
import { orNull } from '../zk-reads';
import type { ControlResponse, OpenConnection } from './broker-channels';
import * as brokerChanges from './broker-changes';
import { electController, readControllerId } from './controller-election';
import { ControllerCore } from './controller-core';
import { ControllerWatches, WatchEvents } from './controller-watches';
import { takeOver } from './failover';
import { ControllerMovedError } from './guarded-writer';
import { electOnOldRequest, rebalanceLeaders } from './leader-elections';
import { resumeReassignments, startOldReassignments } from './reassignment-requests';
import * as topicChanges from './topic-changes';

export interface ZooKeeperControllerOptions {
  readonly brokerId: number;
  readonly client: ZooKeeperClient;
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Puts this broker's registration back after its session expired. */
  readonly registerAgain: () => Promise<void>;
  readonly onElected?: (epoch: number) => void;
  /** Left out: real connections to the brokers. */
  readonly open?: OpenConnection;
}

const FIRST_REBALANCE_MS = 5000;
/** How long a broker waits before it tries again to register after its session expired. */
const REGISTER_AGAIN_MS = 5000;

export class ZooKeeperController {
  readonly core: ControllerCore;
  private readonly queue: EventQueue;
  private readonly waiting = new Set<string>();
  private readonly hooks: (() => void)[] = [];
  private readonly logger: Logger;
  private timer: TimerHandle | null = null;
  private retry: TimerHandle | null = null;
  private controllerId = -1;
  private active = false;

  constructor(private readonly options: ZooKeeperControllerOptions) {
    const { brokerId, config, clock, logger, client, open } = options;
    this.queue = new EventQueue(`controller ${brokerId}`);
    const watches = new ControllerWatches((name) => this.put(name));
    const onResponse = (response: ControlResponse): void => this.onResponse(response);
    this.core = new ControllerCore({ brokerId, config, clock, logger, zk: client.session, watches, onResponse, open });
    this.logger = this.core.logger;
  }

  get isActive(): boolean {
    return this.active;
  }

  /** Id in /controller as last seen; -1 for none. */
  get activeControllerId(): number {
    return this.controllerId;
  }

  /** Events that wait. */
  get queuedEvents(): number {
    return this.queue.size;
  }

  /** Begins to take part in elections. */
  startup(): void {
    const { client } = this.options;
    this.hooks.push(client.beforeNewSession(() => this.expire()));
    this.hooks.push(client.afterNewSession(() => this.put('RegisterBrokerAndReelect')));
    this.put('Startup');
  }

  /** Ends what runs and forgets the cluster; /controller goes with the session. */
  async shutdown(): Promise<void> {
    for (const removeHook of this.hooks.splice(0)) removeHook();
    this.retry?.cancel();
    this.core.channels.stop();
    await this.queue.close('the controller is shutting down');
    this.resign();
  }

  /** The configuration of this broker now allows unclean elections; or that of a topic does. */
  uncleanElectionEnabled(topic?: string): void {
    if (this.active)
      this.put(topic === undefined ? 'UncleanLeaderElectionEnable' : `TopicUncleanLeaderElectionEnable:${topic}`);
  }

  /**
   * Runs a request inside the queue, if this broker is the active controller.
   * @param inactive what to answer when it is not, or stops being it while the request waits
   */
  async request<T>(name: string, run: () => Promise<T>, inactive: () => T): Promise<T> {
    try {
      return await this.queue.enqueue(name, async () => {
        if (!this.active) return inactive();
        try {
          return await run();
        } catch (error) {
          const lost = isZkError(error, 'SESSION_EXPIRED') || isZkError(error, 'CLOSED');
          if (!lost && !(error instanceof ControllerMovedError)) throw error;
          await this.onEventError(name, error);
          return inactive();
        }
      });
    } catch (error) {
      if (error instanceof EventDropped) return inactive();
      throw error;
    }
  }

  /** Puts an event into the queue, unless one of that name waits there already: events read again what they are about. */
  put(name: string): void {
    if (this.waiting.has(name)) return;
    this.waiting.add(name);
    this.enqueue(name, () => {
      this.waiting.delete(name);
      return this.process(name);
    });
  }

  private enqueue(name: string, run: () => Promise<void>): void {
    const event = async (): Promise<void> => {
      try {
        await run();
      } catch (error) {
        await this.onEventError(name, error);
      }
    };
    this.queue.enqueue(name, event).catch(() => {
      // Dropped: the session expired or the broker stops, and everything is read again if need be.
      this.waiting.delete(name);
    });
  }

  private async onEventError(name: string, error: unknown): Promise<void> {
    if (isZkError(error, 'SESSION_EXPIRED') || isZkError(error, 'CLOSED')) {
      this.logger.info(`Event ${name} was cut short: ${(error as Error).message}`);
      return;
    }
    if (!(error instanceof ControllerMovedError)) {
      this.logger.error(`Error processing event ${name}`, error);
      return;
    }
    this.logger.info(`Controller moved to another broker when processing ${name}: ${error.message}`);
    try {
      await this.maybeResign();
    } catch (again) {
      this.logger.error('Error while resigning', again);
    }
    if (!this.active) return;
    // Somebody else has changed the epoch and /controller still names us: only a new election makes the two agree.
    this.resign();
    this.put(WatchEvents.reelect);
  }

  private async process(name: string): Promise<void> {
    const [kind = name, subject = ''] = splitName(name);
    switch (kind) {
      case 'Startup':
        await this.readController();
        return this.elect();
      case WatchEvents.reelect:
        await this.maybeResign();
        return this.elect();
      case 'RegisterBrokerAndReelect':
        return this.registerAndReelect();
      case WatchEvents.controllerChange:
        return this.maybeResign();
      default:
        if (this.active) await this.processActive(kind, subject);
    }
  }

  private processActive(kind: string, subject: string): Promise<unknown> {
    const { core } = this;
    switch (kind) {
      case WatchEvents.brokerChange:
        return brokerChanges.onBrokerChange(core);
      case WatchEvents.brokerModifications:
        return brokerChanges.onBrokerModification(core, Number(subject));
      case WatchEvents.topicChange:
        return topicChanges.onTopicChange(core, this.options.random);
      case WatchEvents.partitionModifications:
        return topicChanges.onPartitionModifications(core, subject);
      case WatchEvents.topicDeletion:
        return topicChanges.onTopicDeletion(core);
      case WatchEvents.logDirEvent:
        return brokerChanges.onLogDirEvents(core);
      case WatchEvents.isrChange:
        return brokerChanges.onIsrChanges(core);
      case WatchEvents.preferredElection:
        return electOnOldRequest(core);
      case WatchEvents.reassignment:
        return startOldReassignments(core);
      case 'AutoPreferredReplicaLeaderElection':
        return this.rebalance();
      case 'UncleanLeaderElectionEnable':
        return core.partitions.triggerOnline();
      case 'TopicUncleanLeaderElectionEnable':
        return core.partitions.triggerOnline(subject);
      default:
        throw new Error(`unknown controller event ${kind}`);
    }
  }

  private onResponse(response: ControlResponse): void {
    const { core } = this;
    const run = responseHandler(core, response);
    if (run === null) return;
    this.enqueue(`${response.kind}ResponseReceived`, async () => {
      if (this.active) await run();
    });
  }

  // Election

  private async readController(): Promise<void> {
    this.controllerId = await readControllerId(this.options.client.session, this.core.watches.controller);
  }

  private async elect(): Promise<void> {
    const { client, brokerId, clock } = this.options;
    await this.readController();
    if (this.controllerId === brokerId && !this.active && (await this.removeLeftOver())) this.controllerId = -1;
    if (this.controllerId !== -1) {
      this.logger.debug(
        `Broker ${this.controllerId} has been elected as the controller, so stopping the election process.`,
      );
      return;
    }
    try {
      const { epoch, epochZkVersion } = await electController(client.session, brokerId, clock.nowMs());
      this.core.context.epoch = epoch;
      this.core.context.epochZkVersion = epochZkVersion;
      this.controllerId = brokerId;
      this.active = true;
      this.logger.info(
        `${brokerId} successfully elected as the controller. Epoch incremented to ${epoch} and epoch zk version is now ${epochZkVersion}`,
      );
      this.options.onElected?.(epoch);
      await this.takeOver();
    } catch (error) {
      await this.onElectionError(error);
    }
  }

  private async onElectionError(error: unknown): Promise<void> {
    if (error instanceof ControllerMovedError) {
      await this.maybeResign();
      if (this.controllerId !== -1) this.logger.debug(`Broker ${this.controllerId} was elected as controller instead`);
      else
        this.logger.warn(
          'A controller has been elected but just resigned, this will result in another round of election',
        );
      return;
    }
    if (isZkError(error, 'SESSION_EXPIRED') || isZkError(error, 'CLOSED')) throw error;
    this.logger.error(
      `Error while electing or becoming controller on broker ${this.options.brokerId}. Trigger controller movement immediately`,
      error,
    );
    await this.moveController();
  }

  private async takeOver(): Promise<void> {
    const { core } = this;
    await takeOver(core, this.options.random);
    await resumeReassignments(core);
    await core.deletion.resume();
    await electOnOldRequest(core);
    if (core.config.boolean('auto.leader.rebalance.enable')) this.scheduleRebalance(FIRST_REBALANCE_MS);
  }

  /** A /controller of this very session although nobody here is active: an election that went wrong half-way. */
  private async removeLeftOver(): Promise<boolean> {
    const { session } = this.options.client;
    const node = await orNull(session.getData(CONTROLLER_PATH));
    if (!node) return true;
    if (!node.stat.ephemeralOwner.equals(session.sessionId)) return false;
    try {
      await session.delete(CONTROLLER_PATH, node.stat.version);
    } catch (error) {
      if (!isZkError(error, 'NO_NODE')) throw error;
    }
    return true;
  }

  /** Gives the controllership up, so that another election takes place. */
  private async moveController(): Promise<void> {
    await this.readController();
    if (!this.active) return;
    const { store } = this.core;
    try {
      await store.deleteController();
    } catch (error) {
      if (!(error instanceof ControllerMovedError)) throw error;
      this.logger.warn('Controller has already moved when trying to trigger controller movement');
    } finally {
      this.controllerId = -1;
      this.resign();
    }
  }

  private async maybeResign(): Promise<void> {
    await this.readController();
    if (this.active && this.controllerId !== this.options.brokerId) this.resign();
  }

  private resign(): void {
    this.timer?.cancel();
    this.timer = null;
    const wasActive = this.active;
    this.active = false;
    this.core.reset();
    if (wasActive) this.logger.info('Resigned');
  }

  // Session

  /** Runs before a new session is opened: whatever waits is answered, whatever runs ends, and the controller resigns. */
  private async expire(): Promise<void> {
    this.queue.clear('the ZooKeeper session has expired');
    await this.queue
      .enqueue('Expire', () => {
        this.controllerId = -1;
        this.resign();
      })
      .catch(() => undefined);
  }

  private async registerAndReelect(): Promise<void> {
    try {
      await this.options.registerAgain();
    } catch (error) {
      if (isZkError(error, 'SESSION_EXPIRED') || isZkError(error, 'CLOSED')) throw error;
      this.logger.error('This broker could not register again and is not part of the cluster', error);
      this.retry = this.options.clock.after(REGISTER_AGAIN_MS, () => this.put('RegisterBrokerAndReelect'));
      return;
    }
    await this.maybeResign();
    await this.elect();
  }

  // Leader balance

  private scheduleRebalance(delayMs: number): void {
    this.timer = this.options.clock.after(delayMs, () => this.put('AutoPreferredReplicaLeaderElection'));
  }

  private async rebalance(): Promise<void> {
    try {
      await rebalanceLeaders(this.core);
    } finally {
      if (this.active) this.scheduleRebalance(this.core.config.long('leader.imbalance.check.interval.seconds') * 1000);
    }
  }
}

function splitName(name: string): [string, string] {
  const colon = name.indexOf(':');
  return colon === -1 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** What to do about a broker's answer; null for one that changes nothing. */
function responseHandler(core: ControllerCore, response: ControlResponse): (() => Promise<void>) | null {
  switch (response.kind) {
    case 'LeaderAndIsr':
      if (!brokerChanges.concernsLogDirs(core, response)) return null;
      return () => brokerChanges.onLeaderAndIsrResponse(core, response);
    case 'StopReplica':
      return () => brokerChanges.onStopReplicaResponse(core, response);
    case 'UpdateMetadata':
      if (response.body.errorCode !== 0) {
        core.logger.error(
          `Received error ${response.body.errorCode} in UpdateMetadata response from broker ${response.brokerId}`,
        );
      }
      return null;
  }
}
