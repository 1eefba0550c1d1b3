/**
 * The flight recorder: every change of a znode, kept on disk within a bound. Reads ZooKeeper's transaction log where it can,
 * listens to watches elsewhere. Runs for as long as the coordinator's tasks do.
 */
import { join } from 'node:path';
import { sleep } from '../../runtime/clock';
import { isDiskError, systemDisk } from '../../runtime/disk';
import type { Logger } from '../../runtime/logger';
import { parseConnectString } from '../../zookeeper';
import type { EventHub, FlightRecorder, Ground, OwnerOf, ZnodeTree } from '../parts';
import type { ZnodeHistory } from '../schemas';
import { ChangeLog } from './change-log';
import { Recorder } from './recorder';
import { TransactionLogSource } from './transaction-log-source';
import { WatchSource } from './watch-source';

export { payloadOf, withoutSecrets } from './payload';
export { meaningOf } from './znode-meaning';

export interface RecorderParts {
  tree: ZnodeTree;
  events: EventHub;
  ownerOf: OwnerOf;
}

/** So long a transaction log is waited for, e.g. that of a ZooKeeper that starts together with the coordinator. */
const LOG_PATIENCE_MS = 10_000;
const LOOK_MS = 200;

/** Starts to record at once; what is asked before the history has been opened finds none. */
export function createRecorder(ground: Ground, { tree, events, ownerOf }: RecorderParts): FlightRecorder {
  const { clock, tasks, metrics } = ground;
  const logger = ground.logger.for('gregor.coordinator.Recorder', '[FlightRecorder] ');
  const recorder = new Recorder({ clock, logger, events, ownerOf });
  metrics.gauge(
    'gregor_coordinator_recorder_sequence',
    'Number of the newest znode change recorded',
    () => recorder.lastSequence,
  );
  metrics.gauge('gregor_coordinator_recorder_bytes', 'Disk space of the flight recorder', () => recorder.bytes);
  const running = new Running(ground, logger, recorder, tree);
  tasks.run('flight recorder', (signal) => running.run(signal));
  return recorder;
}

/** Chooses the source, and opens the log that belongs to it: histories of different sources are kept apart. */
class Running {
  private readonly directory: string;
  private readonly transactionLogs: string;
  private readonly chroot: string;

  constructor(
    private readonly ground: Ground,
    private readonly logger: Logger,
    private readonly recorder: Recorder,
    private readonly tree: ZnodeTree,
  ) {
    const { config } = ground;
    this.directory = join(config['data.dir'], 'recorder');
    this.transactionLogs = config['zookeeper.transaction.log.dir'];
    this.chroot = parseConnectString(config['zookeeper.connect']).chroot;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.transactionLogs !== '' && (await this.logAppears(signal))) {
      if (await this.readTransactionLog(signal)) return;
    }
    if (signal.aborted) return;
    await this.withLog('watch', (log) => this.watchSource(log).run(signal));
  }

  private watchSource(log: ChangeLog): WatchSource {
    const { tree, recorder, chroot } = this;
    return new WatchSource({ clock: this.ground.clock, chroot, tree, log, recorder });
  }

  /** False when watches have to do instead. */
  private async readTransactionLog(signal: AbortSignal): Promise<boolean> {
    const { tree, recorder, chroot, logger, transactionLogs: directory } = this;
    this.logger.info(`Reading ZooKeeper's transaction log in ${directory}`);
    try {
      return await this.withLog('transaction-log', async (log) => {
        for (;;) {
          const options = {
            disk: systemDisk,
            clock: this.ground.clock,
            logger,
            directory,
            chroot,
            tree,
            log,
            recorder,
          };
          const end = await new TransactionLogSource(options).run(signal);
          if (end !== 'replaced') return end === 'stopped';
          this.logger.warn(`The transaction log in ${directory} is another one now`);
        }
      });
    } catch (error) {
      if (!isDiskError(error)) throw error;
      this.logger.error(`The transaction log in ${directory} cannot be read; watches are used instead`, error);
      return false;
    }
  }

  private async withLog<T>(source: ZnodeHistory['source'], use: (log: ChangeLog) => Promise<T>): Promise<T> {
    const { config, clock } = this.ground;
    const log = await ChangeLog.open({
      disk: systemDisk,
      clock,
      logger: this.logger,
      directory: join(this.directory, source),
      maxBytes: config['recorder.max.bytes'],
      segmentBytes: config['recorder.segment.bytes'],
    });
    this.recorder.use(log, source);
    try {
      return await use(log);
    } finally {
      await log.close();
    }
  }

  private async logAppears(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.ground;
    const deadlineMs = clock.monotonicMs() + LOG_PATIENCE_MS;
    for (;;) {
      try {
        if (TransactionLogSource.isThere(systemDisk, this.transactionLogs)) return true;
      } catch (error) {
        this.logger.warn(`${this.transactionLogs} cannot be read; watches are used instead`, error);
        return false;
      }
      if (clock.monotonicMs() >= deadlineMs && this.tree.ready) break;
      await sleep(clock, LOOK_MS, signal);
    }
    this.logger.warn(`There is no transaction log in ${this.transactionLogs}; watches are used instead`);
    return false;
  }
}
