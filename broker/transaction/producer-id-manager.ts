/**
 * Hands out producer ids from blocks that the controller gives to this broker. Owns the current and the next block. A
 * block is asked for when the first id is needed, and again ahead of time when nine tenths of one are used; whoever
 * comes while there is none is told to try again soon (kafka.coordinator.transaction.RPCProducerIdManager, KIP-730).
 */
import { Errors, KafkaError, wireErrorOf } from '../../protocol';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { ClusterChange, ProducerIdBlock } from '../cluster/cluster-change';

export interface ProducerIdManagerOptions {
  readonly brokerId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cluster: Pick<ClusterChange, 'allocateProducerIds'>;
}

const PREFETCH_FRACTION = 0.9;
const RETRY_BACKOFF_MS = 50;

export class ProducerIdManager {
  private readonly clock: Clock;
  private readonly logger: Logger;
  private current: ProducerIdBlock = { firstId: 0, length: 0 };
  /** How many ids of the current block are used. */
  private used = 0;
  private next: ProducerIdBlock | null = null;
  private requested = false;
  private notBeforeMs = 0;

  constructor(private readonly options: ProducerIdManagerOptions) {
    this.clock = options.clock;
    const prefix = `[ProducerIdManager ${options.brokerId}]: `;
    this.logger = options.logger.for('kafka.coordinator.transaction.RPCProducerIdManager', prefix);
  }

  /**
   * A producer id that no other producer of the cluster has.
   * @throws KafkaError COORDINATOR_LOAD_IN_PROGRESS while a block is on its way: all clients retry on that
   */
  generate(): number {
    if (this.used === this.current.length && this.next !== null) {
      this.current = this.next;
      this.next = null;
      this.used = 0;
    }
    if (this.used === this.current.length) {
      this.requestBlock();
      throw new KafkaError('COORDINATOR_LOAD_IN_PROGRESS', 'Producer ids are used up; the next block is on its way');
    }
    const id = this.current.firstId + this.used;
    if (this.used === Math.floor(this.current.length * PREFETCH_FRACTION)) this.requestBlock();
    this.used += 1;
    return id;
  }

  private requestBlock(): void {
    if (this.requested || this.next !== null || this.clock.monotonicMs() < this.notBeforeMs) return;
    this.requested = true;
    this.options.cluster
      .allocateProducerIds()
      .then((block) => this.received(block))
      .catch((error: unknown) => this.failed(error))
      .finally(() => (this.requested = false));
  }

  private received(block: ProducerIdBlock): void {
    const lastGiven = this.current.firstId + this.current.length - 1;
    if (block.firstId < 0 || block.length <= 0 || block.firstId <= lastGiven) {
      throw new Error(`the block of ${block.length} ids from ${block.firstId} does not lie after ${lastGiven}`);
    }
    this.next = block;
    this.logger.info(`Producer ids ${block.firstId} to ${block.firstId + block.length - 1} belong to this broker`);
  }

  private failed(error: unknown): void {
    this.notBeforeMs = this.clock.monotonicMs() + RETRY_BACKOFF_MS;
    if (wireErrorOf(error) === Errors.UNKNOWN_SERVER_ERROR) {
      this.logger.error('The controller gave no usable block of producer ids', error);
    } else this.logger.warn(`The controller gave no producer ids, will ask again: ${(error as Error).message}`);
  }
}
