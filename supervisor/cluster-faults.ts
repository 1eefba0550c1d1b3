/** Faults on purpose in a cluster on this machine: kills, stops, pauses and restarts its processes, cuts and heals its links. */
import {
  describeTarget,
  linksAmong,
  parseTarget,
  titleOf,
  type Target,
  type TargetState,
} from '../coordinator/faults/targets';
import type { FaultAction, FaultTarget } from '../coordinator/schemas';
import type { LocalBroker } from './local-broker';
import type { LocalCluster } from './local-cluster';

const done: Record<FaultAction, string> = {
  kill: 'was killed',
  stop: 'was stopped',
  pause: 'was paused',
  resume: 'goes on',
  restart: 'was stopped and is started again',
  start: 'is started again',
  cut: 'was cut',
  heal: 'is whole again',
};

export class ClusterFaults {
  /** Targets that something is being done to. */
  private readonly busy = new Set<string>();

  /** @param say told of each fault that was made, for the terminal */
  constructor(
    private readonly cluster: LocalCluster,
    private readonly say: (text: string) => void,
  ) {}

  targets(): FaultTarget[] {
    const brokers = this.cluster.brokers.map(({ id }) => id);
    const processes: Target[] = (['zookeeper', ...brokers] as const).map((process) => ({ kind: 'process', process }));
    return [...processes, ...linksAmong(brokers)].map((target) => describeTarget(target, this.stateOf(target)));
  }

  /** @throws Error saying what is possible, when this is not */
  async perform(id: string, action: FaultAction): Promise<void> {
    const known = this.targets().find((target) => target.id === id);
    const target = parseTarget(id);
    if (!known || !target) throw new Error(`there is no ${id} in this cluster`);
    if (!known.actions.includes(action)) throw new Error(`${titleOf(target)} is ${known.state}: it cannot ${action}`);
    if (this.busy.has(id)) throw new Error(`something else is being done to ${titleOf(target)} just now`);
    this.busy.add(id);
    try {
      await this.carryOut(target, action);
      this.say(`On purpose: ${titleOf(target)} ${done[action]}`);
    } finally {
      this.busy.delete(id);
    }
  }

  private stateOf(target: Target): TargetState {
    if (target.kind === 'process') {
      return target.process === 'zookeeper' ? this.cluster.zookeeperState : this.broker(target.process).state;
    }
    const [broker, port] = this.ends(target.broker, target.other);
    return broker.isCutOffFrom(port) ? 'cut' : 'whole';
  }

  private async carryOut(target: Target, action: FaultAction): Promise<void> {
    if (target.kind === 'link') return this.setLink(target.broker, target.other, action === 'cut');
    if (target.process === 'zookeeper') return this.toZooKeeper(action);
    return this.toBroker(this.broker(target.process), action);
  }

  private async toBroker(broker: LocalBroker, action: FaultAction): Promise<void> {
    if (action === 'kill') await broker.kill();
    else if (action === 'stop') await broker.stop();
    else if (action === 'pause') broker.pause();
    else if (action === 'resume') broker.resume();
    else if (action === 'start') this.cluster.launchBroker(broker.id);
    else if (action === 'restart') {
      await broker.stop();
      this.cluster.launchBroker(broker.id);
    }
  }

  private async toZooKeeper(action: FaultAction): Promise<void> {
    if (action === 'kill') await this.cluster.killZooKeeper();
    else if (action === 'stop') await this.cluster.stopZooKeeper();
    else if (action === 'pause') this.cluster.pauseZooKeeper();
    else if (action === 'resume') this.cluster.resumeZooKeeper();
    else if (action === 'start') await this.cluster.relaunchZooKeeper();
    else if (action === 'restart') {
      await this.cluster.stopZooKeeper();
      await this.cluster.relaunchZooKeeper();
    }
  }

  /** Each end holds back what passes over the connections that it opened itself; ZooKeeper opens none. */
  private async setLink(brokerId: number, other: number | 'zookeeper', isCut: boolean): Promise<void> {
    const [broker, port] = this.ends(brokerId, other);
    const cuts = [broker.setCut(port, isCut)];
    if (other !== 'zookeeper') cuts.push(this.broker(other).setCut(broker.port, isCut));
    const failed = (await Promise.allSettled(cuts)).find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private ends(brokerId: number, other: number | 'zookeeper'): [LocalBroker, number] {
    const port = other === 'zookeeper' ? this.cluster.zookeeperPort : this.broker(other).port;
    return [this.broker(brokerId), port];
  }

  private broker(brokerId: number): LocalBroker {
    const broker = this.cluster.brokers[brokerId];
    if (!broker) throw new Error(`there is no broker ${brokerId}`);
    return broker;
  }
}
