/**
 * Looks at all replicas after every step of a simulation. What must always hold:
 *
 * - one leader: no two brokers ever lead a partition in the same leader epoch;
 * - no way back: while a broker leads in one epoch its high watermark never falls, and what any leader has once shown below
 *   its high watermark, which is what consumers see, stays as it was at that offset, for ever;
 * - nothing committed is lost: each record below a leader's high watermark, and each that a producer had acknowledged with
 *   acks=all, is in the log of every leader of a later epoch;
 * - agreement: below their own high watermarks all replicas hold the same records.
 */
import { batch } from '../../../protocol/records';
import type { Partition } from '../../../broker/replication/partition';
import type { InMemoryDisk } from '../../support/in-memory-disk';
import type { SimulatedBroker } from './simulated-broker';

export class InvariantViolation extends Error {
  constructor(
    readonly invariant: 'one leader' | 'no way back' | 'nothing lost' | 'agreement' | 'whole again',
    text: string,
  ) {
    super(`${invariant}: ${text}`);
    this.name = 'InvariantViolation';
  }
}

export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

/** A record is known by the number its producer gave to its batch, its place in the batch and the epoch it was written in. */
type Identity = number;

const PLACES = 8;
const EPOCHS = 1024;

export function identityOf(batchNumber: number, place: number, leaderEpoch: number): Identity {
  return (batchNumber * PLACES + place) * EPOCHS + leaderEpoch;
}

function describe(identity: Identity | undefined): string {
  if (identity === undefined) return 'nothing';
  const record = Math.floor(identity / EPOCHS);
  return `record ${Math.floor(record / PLACES)}.${record % PLACES} of epoch ${identity % EPOCHS}`;
}

/** What the checker has read of one replica's log, in one life of its broker. */
interface Mirror {
  readonly log: object;
  truncations: number;
  endOffset: number;
  bytes: number;
  records: Identity[];
  /** How far the records were compared with what is committed, for the high watermark and as a leader. */
  agreed: number;
  led: { epoch: number; highWatermark: number; checked: number } | null;
}

interface Committed {
  readonly identity: Identity;
  /** The epoch of the leader that committed it. */
  readonly epoch: number;
}

interface History {
  readonly leaders: Map<number, number>;
  latest: { epoch: number; leader: number } | null;
  readonly committed: Committed[];
}

export class Checker {
  private readonly mirrors = new Map<string, Mirror>();
  private readonly histories = new Map<string, History>();
  /** Times that a partition got another leader. */
  elections = 0;
  /** Truncations that removed records. */
  truncations = 0;
  steps = 0;

  constructor(
    private readonly partitions: readonly PartitionName[],
    private readonly disks: ReadonlyMap<number, InMemoryDisk>,
  ) {}

  /** Looks at everything that may have changed. @throws InvariantViolation */
  check(brokers: Iterable<SimulatedBroker>): void {
    this.steps++;
    for (const broker of brokers) {
      if (!broker.isAlive()) continue;
      for (const name of this.partitions) {
        const partition = broker.partition(name.topic, name.partition);
        if (partition?.log) this.checkReplica(broker, partition, name);
      }
    }
  }

  /** A producer got its acknowledgement. The records must be committed by then. */
  acknowledged(name: PartitionName, baseOffset: number, batchNumber: number, count: number): void {
    const { committed } = this.historyOf(name);
    for (let place = 0; place < count; place++) {
      const there = committed[baseOffset + place]?.identity;
      if (there === undefined || Math.floor(there / EPOCHS) !== batchNumber * PLACES + place) {
        const text = `${textOf(name)}: record ${batchNumber}.${place} was acknowledged at offset ${baseOffset + place}, where ${describe(there)} is committed`;
        throw new InvariantViolation('nothing lost', text);
      }
    }
  }

  /** A consumer got a record. */
  consumed(name: PartitionName, offset: number, identity: Identity): void {
    const there = this.historyOf(name).committed[offset]?.identity;
    if (there !== identity) {
      throw new InvariantViolation(
        'no way back',
        `${textOf(name)}: a consumer got ${describe(identity)} at offset ${offset}, where ${describe(there)} is committed`,
      );
    }
  }

  committedCount(name: PartitionName): number {
    return this.historyOf(name).committed.length;
  }

  private checkReplica(broker: SimulatedBroker, partition: Partition, name: PartitionName): void {
    const log = partition.log as NonNullable<Partition['log']> & { truncations: number };
    const mirror = this.mirrorOf(broker, name, log);
    if (mirror.truncations !== log.truncations || mirror.endOffset !== log.logEndOffset)
      this.readAgain(mirror, broker, name, log);
    if (partition.isLeader) this.checkLeader(broker, partition, name, mirror, log.highWatermark);
    else mirror.led = null;
    this.checkAgreement(broker, name, mirror, log.highWatermark);
  }

  private checkLeader(
    broker: SimulatedBroker,
    partition: Partition,
    name: PartitionName,
    mirror: Mirror,
    highWatermark: number,
  ): void {
    const history = this.historyOf(name);
    const epoch = partition.leaderEpoch;
    if (mirror.led?.epoch !== epoch) {
      this.leadershipBegan(history, broker, name, epoch);
      mirror.led = { epoch, highWatermark, checked: 0 };
    }
    const { led } = mirror;
    if (highWatermark < led.highWatermark) {
      const text = `${textOf(name)}: the high watermark of leader ${broker.address} in epoch ${epoch} went from ${led.highWatermark} to ${highWatermark}`;
      throw new InvariantViolation('no way back', text);
    }
    led.highWatermark = highWatermark;
    for (let offset = history.committed.length; offset < highWatermark; offset++) {
      const identity = mirror.records[offset];
      if (identity === undefined)
        throw new InvariantViolation(
          'agreement',
          `${textOf(name)}: leader ${broker.address} has no record at offset ${offset} below its high watermark ${highWatermark}`,
        );
      history.committed.push({ identity, epoch });
    }
    for (; led.checked < history.committed.length; led.checked++) {
      const { identity, epoch: committedIn } = history.committed[led.checked] as Committed;
      // A leader that was deposed and does not know it yet is not to have what its successors committed.
      if (committedIn > epoch) break;
      const own = mirror.records[led.checked];
      if (own === identity) continue;
      const text = `${textOf(name)}: leader ${broker.address} of epoch ${epoch} has ${describe(own)} at offset ${led.checked}, where ${describe(identity)} was committed in epoch ${committedIn}`;
      throw new InvariantViolation('nothing lost', text);
    }
  }

  private leadershipBegan(history: History, broker: SimulatedBroker, name: PartitionName, epoch: number): void {
    const { leaders } = history;
    const other = leaders.get(epoch);
    if (other !== undefined && other !== broker.address) {
      throw new InvariantViolation(
        'one leader',
        `${textOf(name)}: brokers ${other} and ${broker.address} both lead in epoch ${epoch}`,
      );
    }
    leaders.set(epoch, broker.address);
    if (history.latest && epoch < history.latest.epoch) return;
    if (history.latest && history.latest.leader !== broker.address) this.elections++;
    history.latest = { epoch, leader: broker.address };
  }

  private checkAgreement(broker: SimulatedBroker, name: PartitionName, mirror: Mirror, highWatermark: number): void {
    const { committed } = this.historyOf(name);
    for (; mirror.agreed < highWatermark; mirror.agreed++) {
      const own = mirror.records[mirror.agreed];
      const expected = committed[mirror.agreed]?.identity;
      if (own === expected && own !== undefined) continue;
      const text = `${textOf(name)}: broker ${broker.address} has ${describe(own)} at offset ${mirror.agreed} below its high watermark ${highWatermark}, where ${describe(expected)} is committed`;
      throw new InvariantViolation('agreement', text);
    }
  }

  private mirrorOf(broker: SimulatedBroker, name: PartitionName, log: { truncations: number }): Mirror {
    const key = `${broker.address} ${textOf(name)}`;
    const known = this.mirrors.get(key);
    if (known?.log === log) return known;
    const fresh: Mirror = {
      log,
      truncations: log.truncations,
      endOffset: -1,
      bytes: 0,
      records: [],
      agreed: 0,
      led: null,
    };
    this.mirrors.set(key, fresh);
    return fresh;
  }

  private readAgain(
    mirror: Mirror,
    broker: SimulatedBroker,
    name: PartitionName,
    log: { truncations: number; logEndOffset: number },
  ): void {
    const wasCut = mirror.truncations !== log.truncations;
    const before = mirror.records;
    if (wasCut) Object.assign(mirror, { truncations: log.truncations, bytes: 0, records: [], agreed: 0 });
    const disk = this.disks.get(broker.address) as InMemoryDisk;
    const bytes = disk.contentOf(`/logs/${textOf(name)}/00000000000000000000.log`) ?? Buffer.alloc(0);
    let at = mirror.bytes;
    while (at + batch.BATCH_HEADER_BYTES <= bytes.length && mirror.records.length < log.logEndOffset) {
      const epoch = batch.partitionLeaderEpoch(bytes, at);
      for (let place = 0; place <= batch.lastOffsetDelta(bytes, at); place++) {
        mirror.records.push(identityOf(Number(batch.baseTimestamp(bytes, at)), place, epoch));
      }
      at += batch.batchSizeBytes(bytes, at);
    }
    mirror.bytes = at;
    mirror.endOffset = log.logEndOffset;
    if (mirror.records.length !== log.logEndOffset) {
      throw new Error(
        `read ${mirror.records.length} records of ${textOf(name)} on broker ${broker.address}, which ends at ${log.logEndOffset}`,
      );
    }
    if (wasCut && before.some((identity, offset) => mirror.records[offset] !== identity)) this.truncations++;
    if (wasCut && mirror.led) mirror.led.checked = 0;
  }

  private historyOf(name: PartitionName): History {
    const key = textOf(name);
    let history = this.histories.get(key);
    if (!history) {
      history = { leaders: new Map(), latest: null, committed: [] };
      this.histories.set(key, history);
    }
    return history;
  }
}

export function textOf({ topic, partition }: PartitionName): string {
  return `${topic}-${partition}`;
}
