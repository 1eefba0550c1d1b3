/**
 * One schedule: what goes wrong, and when, in one simulated cluster, all of it from the seed. A schedule has three parts:
 * some seconds of random faults under load; a leader that is cut off from its followers while it is written to and is then
 * killed, so that there is an election and, on its return, a truncation; and the end, when everything is mended and the
 * cluster has to become whole.
 */
import type { Logger } from '../../../runtime/logger';
import type { PartitionName } from './checker';
import { LAG_TIME_MS, SESSION_TIMEOUT_MS } from './simulated-broker';
import { BROKER_IDS, SimulatedCluster } from './simulated-cluster';

export interface ScheduleResult {
  readonly elections: number;
  readonly truncations: number;
  readonly acknowledged: number;
  readonly consumed: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly faults: readonly string[];
}

const MOST_CUTS = 4;
const WHOLE_AGAIN_MS = 60_000;

/** Runs the schedule of a seed. @throws InvariantViolation */
export async function runSchedule(seed: number, logger?: Logger): Promise<ScheduleResult> {
  const cluster = new SimulatedCluster({ seed, logger });
  const faults = new Faults(cluster);
  try {
    await cluster.start();
    const { random } = cluster;
    const producer = new Load(cluster);
    producer.start();
    const count = 2 + random.below(5);
    for (let i = 0; i < count; i++) {
      await cluster.run(50 + random.below(700));
      faults.next();
    }
    if (random.below(2) === 0) await faults.leaveFollowerBehind();
    else await cluster.run(random.below(1500));
    // The log of a leader that was cut off may have grown nothing in the time; then it is done once more.
    for (
      let attempt = 0;
      attempt < MOST_CUTS && !(cluster.checker.elections > 0 && cluster.checker.truncations > 0);
      attempt++
    ) {
      await faults.loseLeader(producer);
    }
    faults.mend();
    await cluster.run(random.below(1000));
    producer.stop();
    await cluster.until('the cluster is whole again', WHOLE_AGAIN_MS, () => cluster.isWhole());
    await cluster.until('the consumer has read everything', WHOLE_AGAIN_MS, () => cluster.isConsumed());
    const { elections, truncations, steps } = cluster.checker;
    const { acknowledged, consumed } = cluster;
    return {
      elections,
      truncations,
      acknowledged,
      consumed,
      steps,
      simulatedMs: cluster.clock.monotonicMs(),
      faults: faults.done,
    };
  } catch (error) {
    if (error instanceof Error)
      error.message += `\n  seed ${seed}, at ${cluster.clock.monotonicMs().toFixed(1)} ms, after: ${faults.done.join('; ')}`;
    throw error;
  } finally {
    await cluster.stop();
  }
}

/** Writes a batch to a random partition every few milliseconds. */
class Load {
  private running = false;

  constructor(private readonly cluster: SimulatedCluster) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.next();
  }

  stop(): void {
    this.running = false;
  }

  private next(): void {
    if (!this.running) return;
    const { random, partitions, clock } = this.cluster;
    this.cluster.produce(partitions[random.below(partitions.length)] as PartitionName);
    clock.after(10 + random.below(110), () => this.next());
  }
}

class Faults {
  readonly done: string[] = [];

  constructor(private readonly cluster: SimulatedCluster) {}

  next(): void {
    const { random } = this.cluster;
    const broker = random.below(BROKER_IDS.length);
    const other = (broker + 1 + random.below(BROKER_IDS.length - 1)) % BROKER_IDS.length;
    const kinds = [
      () => this.kill(broker),
      () => this.kill(this.controller() ?? broker),
      () => this.expire(broker),
      () => this.expire(this.controller() ?? broker),
      () => this.cut(broker, other, true),
      () => this.cut(broker, other, false),
      () => this.isolate(broker),
      () => this.slowDown(),
      () => this.disturbZooKeeper(broker),
    ];
    (kinds[random.below(kinds.length)] as () => void)();
  }

  /** Everything works again from here on. */
  mend(): void {
    const { cluster } = this;
    cluster.network.slownessMs = 0;
    cluster.network.healAll();
    cluster.zookeeper.comeBack();
    for (const id of BROKER_IDS) if (!cluster.isUp(id)) this.restart(id);
    this.note('everything mended');
  }

  /** A leader goes on being written to while its followers cannot reach it, dies, and comes back. */
  async loseLeader(producer: Load): Promise<void> {
    const { cluster } = this;
    const { random } = cluster;
    this.mend();
    producer.start();
    const name = cluster.partitions[random.below(cluster.partitions.length)] as PartitionName;
    await cluster.until('the cluster can lose a leader', WHOLE_AGAIN_MS, () => this.isSteady(name));
    const leader = cluster.leaderOf(name)?.address as number;
    for (const id of BROKER_IDS) {
      cluster.network.cutLink(id, leader);
      cluster.network.cutLink(leader, id);
    }
    for (let i = 0; i < 3; i++) cluster.produce(name);
    this.note(`followers cut off from ${leader}`);
    await cluster.run(100 + random.below(LAG_TIME_MS));
    this.kill(leader, SESSION_TIMEOUT_MS + 500 + random.below(1500));
    // There is none if the ISR has shrunk to the leader alone: then everybody has to wait for it.
    const noSuccessorMs = cluster.clock.monotonicMs() + 2 * SESSION_TIMEOUT_MS;
    const isDecided = (): boolean =>
      (cluster.leaderOf(name)?.address ?? leader) !== leader || cluster.clock.monotonicMs() > noSuccessorMs;
    await cluster.until('there is another leader or none', WHOLE_AGAIN_MS, isDecided);
    cluster.network.healAll();
    await cluster.run(300);
    await cluster.until('the lost leader is back', WHOLE_AGAIN_MS, () => this.isSteady(name));
  }

  /** One follower loses touch with the leader, which dies after a while; the other one has all that was committed since. */
  async leaveFollowerBehind(): Promise<void> {
    const { cluster } = this;
    const { random, network } = cluster;
    this.mend();
    const name = cluster.partitions[random.below(cluster.partitions.length)] as PartitionName;
    await cluster.until('a follower can be left behind', WHOLE_AGAIN_MS, () => this.isSteady(name));
    const leader = cluster.leaderOf(name)?.address as number;
    // A follower that is the controller keeps from the leader what it needs to go on without that follower.
    const controller = this.controller();
    const isController = controller !== null && controller !== leader && random.below(2) === 0;
    const follower = isController ? controller : (leader + 1 + random.below(BROKER_IDS.length - 1)) % BROKER_IDS.length;
    this.note(`${follower}${controller === follower ? ' (controller)' : ''} is left behind by ${leader}`);
    network.cutLink(leader, follower);
    network.cutLink(follower, leader);
    await cluster.run(300 + random.below(3 * LAG_TIME_MS));
    if (random.below(3) === 0) {
      network.healAll();
      await cluster.run(random.below(300));
    }
    this.kill(leader, 300 + random.below(3000));
    await cluster.run(random.below(500));
    network.healAll();
    await cluster.run(SESSION_TIMEOUT_MS);
  }

  private isSteady({ topic, partition }: PartitionName): boolean {
    const leader = this.cluster.leaderOf({ topic, partition })?.partition(topic, partition);
    return leader !== undefined && leader !== null && leader.isr.length === BROKER_IDS.length && !leader.isIsrPending;
  }

  private controller(): number | null {
    for (const broker of this.cluster.brokers.values())
      if (broker.isAlive() && broker.isController) return broker.address;
    return null;
  }

  private kill(id: number, downMs = 50 + this.cluster.random.below(3000)): void {
    const { cluster } = this;
    if (!cluster.isUp(id)) return;
    this.note(`kill ${id}${this.controller() === id ? ' (controller)' : ''} for ${downMs} ms`);
    cluster.killBroker(id);
    this.later(downMs, () => this.restart(id));
  }

  private restart(id: number): void {
    if (this.cluster.isUp(id)) return;
    this.note(`restart ${id}`);
    this.cluster.startBroker(id);
  }

  private expire(id: number): void {
    const session = this.cluster.brokers.get(id)?.zk?.session;
    if (!session || !this.cluster.isUp(id) || session.state !== 'connected') return;
    this.note(`expire the session of ${id}${this.controller() === id ? ' (controller)' : ''}`);
    this.cluster.zookeeper.expire(session);
  }

  private cut(from: number, to: number, bothWays: boolean): void {
    const { network, random } = this.cluster;
    const forMs = 100 + random.below(3000);
    this.note(`cut ${from} ${bothWays ? '<>' : '>'} ${to} for ${forMs} ms`);
    network.cutLink(from, to);
    if (bothWays) network.cutLink(to, from);
    this.later(forMs, () => {
      network.healLink(from, to);
      if (bothWays) network.healLink(to, from);
    });
  }

  private isolate(id: number): void {
    for (const other of BROKER_IDS) if (other !== id) this.cut(id, other, true);
  }

  private slowDown(): void {
    const { network, random } = this.cluster;
    network.slownessMs = 50 + random.below(600);
    this.note(`messages up to ${network.slownessMs} ms late`);
    this.later(500 + random.below(2000), () => (network.slownessMs = 0));
  }

  private disturbZooKeeper(id: number): void {
    const { zookeeper, random, brokers } = this.cluster;
    const session = brokers.get(id)?.zk?.session;
    if (!session || !this.cluster.isUp(id) || session.state !== 'connected') return;
    switch (random.below(4)) {
      case 0:
        this.note(`cut ${id} from ZooKeeper for a moment`);
        return zookeeper.cut(session);
      case 1:
        this.note(`lose the next answer to ${id}`);
        return zookeeper.loseNextAnswer(session);
      case 2:
        this.note(`lose the next request of ${id}`);
        return zookeeper.loseNextRequest(session);
      default:
        this.note('ZooKeeper goes away');
        zookeeper.goAway();
        this.later(200 + random.below(2 * SESSION_TIMEOUT_MS), () => zookeeper.comeBack());
    }
  }

  private later(delayMs: number, act: () => void): void {
    this.cluster.clock.after(delayMs, act);
  }

  private note(text: string): void {
    this.done.push(`${this.cluster.clock.monotonicMs().toFixed(0)} ms ${text}`);
  }
}
