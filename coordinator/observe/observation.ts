/**
 * Puts the picture of the cluster together: whenever the tree, a probe or a reading has changed, it is made anew, at most a
 * few times a second, and what follows is told: updates to the listeners, changed judgements and rebalances as events.
 * Owns the picture, and through its parts everything that the coordinator remembers of brokers, offsets and groups.
 */
import { HealthEvents, type Judged } from '../health/health-events';
import { declareMetrics } from '../metrics/coordinator-metrics';
import type { Ground, Observation, ObservationParts } from '../parts';
import type { ClusterView, GroupDetail, GroupList, RecordFlow, TopicDetail, TopicList } from '../schemas';
import { BrokerMemory } from './broker-memory';
import { BrokerProbes, type ExpectedView } from './broker-probe';
import { hexId } from './broker-view';
import { ClusterReader, leaderOf, type ClusterState } from './cluster-state';
import { aged, groupsFreshness, topicsFreshness } from './freshness';
import { coordinatorOf } from './group-coordinator';
import { GroupStore, type KnownGroup } from './group-store';
import { groupDetail, groupsOf } from './group-view';
import { httpListenersOf } from './http-listeners';
import type { Knowledge } from './knowledge';
import { OffsetStore } from './offset-store';
import { pictureOf, type Picture } from './picture';
import { Polls } from './polls';
import { ratesOf, sourcesOf } from './record-flow';
import { Throttle } from './throttle';
import { partitionView } from './topic-view';
import { Traces } from './traces';
import { signatureOf } from './signature';

type Address = { readonly host: string; readonly port: number };

const UPDATE_EVERY_MS = 250;
/** More groups than this that rebalance at once, as when a broker dies, are told together. */
const MOST_SINGLE_EVENTS = 10;
/** So many intervals without a reading, and what is shown is stale. */
const STALE_AFTER_INTERVALS = 3;

/** Begins to look at the cluster; ends with the ground's tasks. Returns at once: until ZooKeeper is read, all is unknown. */
export function createObservation(ground: Ground, parts: ObservationParts): Observation {
  const observer = new Observer(ground, parts);
  observer.start();
  return observer;
}

class Observer implements Observation {
  private readonly reader: ClusterReader;
  private readonly offsets = new OffsetStore();
  private readonly groupStore = new GroupStore();
  private readonly memory = new BrokerMemory();
  private readonly probes: BrokerProbes;
  private readonly polls: Polls;
  private readonly traces: Traces;
  private readonly health: HealthEvents;
  private readonly throttle: Throttle;
  private readonly listeners = new Set<() => void>();
  private readonly httpListeners: ReadonlyMap<number, string>;
  /** Where each broker was when it was registered last: one without a session may still answer. */
  private readonly addresses = new Map<number, Address>();
  private state: ClusterState;
  private picture: Picture;
  /** Made when somebody asks, for each picture once. */
  private rates: { of: Picture; rates: RecordFlow['rates'] } | null = null;
  private signature = '';
  private sessionSinceMs: number | null = null;

  constructor(
    private readonly ground: Ground,
    private readonly parts: ObservationParts,
  ) {
    const { clock, tasks, logger, config } = ground;
    this.reader = new ClusterReader(parts.tree);
    this.httpListeners = httpListenersOf(config['broker.http.listeners']);
    const intervals = { intervalMs: config['probe.interval.ms'], timeoutMs: config['probe.timeout.ms'] };
    this.probes = new BrokerProbes({
      clock,
      tasks,
      ...intervals,
      slowMs: config['probe.slow.ms'],
      targets: () => this.probed(),
      expected: () => this.expected(),
      onChange: () => this.probesChanged(),
    });
    this.polls = new Polls({
      clock,
      tasks,
      logger: logger.for('gregor.coordinator.Polls'),
      intervalMs: config['offsets.interval.ms'],
      timeoutMs: config['probe.timeout.ms'],
      offsets: this.offsets,
      groups: this.groupStore,
      targets: () => this.readable(),
      ledBy: (brokerId) => this.ledBy(brokerId),
      onRound: (rebalanced) => this.roundEnded(rebalanced),
    });
    this.traces = new Traces({ clock, tasks, listeners: this.httpListeners, timeoutMs: intervals.timeoutMs });
    this.health = new HealthEvents(parts.events);
    this.throttle = new Throttle(clock, tasks, UPDATE_EVERY_MS, () => this.update());
    this.state = this.reader.read();
    this.picture = this.look();
    declareMetrics(ground, () => this.picture);
  }

  start(): void {
    const { tree, zookeeper, zookeeperProbe } = this.parts;
    this.sessionSinceMs = this.ground.clock.nowMs();
    zookeeper.session.onStateChange(() => {
      this.sessionSinceMs = this.ground.clock.nowMs();
      this.throttle.ask();
    });
    tree.onChange(({ path }) => {
      if (path.startsWith('/config/brokers')) this.polls.settingsChanged();
      this.throttle.ask();
    });
    zookeeperProbe.onUpdate(() => this.throttle.ask());
    tree.onReady(() => {
      this.update();
      this.probes.start();
      this.polls.start();
    });
  }

  cluster(): ClusterView {
    const { verdict, controller, brokers, zookeeper, counts, knowledge } = this.picture;
    return {
      clusterId: knowledge.state.clusterId,
      freshness: this.parts.tree.freshness(),
      nowMs: this.ground.clock.nowMs(),
      verdict,
      controller,
      brokers: [...brokers],
      zookeeper,
      counts,
      faultsActive: this.parts.faultsActive?.() ?? 0,
    };
  }

  topics(): TopicList {
    const topics = Array.from(this.picture.topics.values(), ({ summary }) => summary);
    return { freshness: topicsFreshness(this.knowledgeNow()), topics };
  }

  topic(name: string): TopicDetail | null {
    const found = this.picture.topics.get(name);
    if (!found) return null;
    const knowledge = this.knowledgeNow();
    return {
      freshness: topicsFreshness(knowledge),
      topic: found.summary,
      partitions: found.conditions.map((condition) => partitionView(condition, knowledge)),
      overrides: { ...found.known.overrides },
      groups: groupsOf(name, knowledge.groups),
    };
  }

  groups(): GroupList {
    return { freshness: groupsFreshness(this.knowledgeNow()), groups: [...this.picture.groups.values()] };
  }

  group(groupId: string): GroupDetail | null {
    const summary = this.picture.groups.get(groupId);
    const known = this.groupStore.all.get(groupId);
    if (!summary || !known) return null;
    return { freshness: groupsFreshness(this.knowledgeNow()), ...groupDetail(known, summary) };
  }

  flow(sinceMs: number): RecordFlow {
    const { picture, ground, traces } = this;
    if (this.rates?.of !== picture) this.rates = { of: picture, rates: ratesOf(picture.knowledge) };
    const sources = sourcesOf(picture.knowledge, (brokerId) => traces.answers(brokerId));
    return { nowMs: ground.clock.nowMs(), ...sources, records: traces.since(sinceMs), rates: this.rates.rates };
  }

  async refresh(): Promise<void> {
    this.update();
    await this.polls.refresh();
    this.update();
  }

  onUpdate(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Makes the picture anew and tells of it. */
  private update(): void {
    if (this.ground.tasks.stopping) return;
    this.throttle.done();
    this.state = this.reader.read();
    const nowMs = this.ground.clock.nowMs();
    if (!this.parts.tree.freshness().stale) this.memory.update(this.state, (id) => this.answers(id), nowMs);
    for (const brokerId of this.state.brokers.keys()) {
      const address = this.parts.kafka.addressOf(brokerId);
      if (!address) continue;
      this.addresses.set(brokerId, address);
      this.probes.livesAt(brokerId, address);
    }
    this.offsets.keepOnly((topic) => this.state.topics.has(topic));
    this.groupStore.keepOnly((group) => this.isStillThere(group));
    this.picture = this.look();
    if (this.state.ready) this.health.take(judgedIn(this.picture));
    const signature = signatureOf(this.picture);
    if (signature === this.signature) return;
    this.signature = signature;
    this.parts.events.publish('view', null, 'The picture of the cluster has changed.', null);
    for (const listener of this.listeners) listener();
  }

  private look(): Picture {
    return pictureOf(this.knowledge(), this.expected());
  }

  private knowledgeNow(): Knowledge {
    const nowMs = this.ground.clock.nowMs();
    const { knowledge } = this.picture;
    return { ...knowledge, nowMs, freshness: aged(this.parts.tree.freshness(), nowMs) };
  }

  private knowledge(): Knowledge {
    const { config, clock } = this.ground;
    const { tree, zookeeper, zookeeperProbe } = this.parts;
    const { session } = zookeeper;
    return {
      nowMs: clock.nowMs(),
      state: this.state,
      freshness: tree.freshness(),
      probeOf: (brokerId) => this.probes.of(brokerId),
      readOf: (brokerId) => this.polls.of(brokerId),
      remembered: this.memory.all,
      offsets: this.offsets,
      groups: this.groupStore.all,
      httpListeners: this.httpListeners,
      zookeeper: {
        connectString: config['zookeeper.connect'],
        session: {
          state: session.state,
          sessionId: hexId(session.sessionId),
          timeoutMs: session.negotiatedTimeoutMs,
          sinceMs: this.sessionSinceMs,
        },
        servers: zookeeperProbe.servers(),
        knownZnodes: tree.size,
      },
      limits: {
        probeSlowMs: config['probe.slow.ms'],
        probeTimeoutMs: config['probe.timeout.ms'],
        staleAfterMs: STALE_AFTER_INTERVALS * config['offsets.interval.ms'] + config['probe.timeout.ms'],
      },
    };
  }

  /** How a broker should see the cluster; null while the coordinator's own view may be the one that is old. */
  private expected(): ExpectedView | null {
    const { tree, kafka } = this.parts;
    if (!tree.ready || tree.freshness().stale) return null;
    const { controller, clusterId, brokers } = this.reader.membership();
    // A broker without the listener that we ask on is not told of there.
    const brokerIds = [...brokers.keys()].filter((brokerId) => kafka.addressOf(brokerId) !== null);
    return { controllerId: controller?.brokerId ?? null, clusterId, brokerIds };
  }

  private *probed(): Generator<readonly [number, Address]> {
    for (const [brokerId, address] of this.addresses) {
      if (this.state.brokers.has(brokerId) || this.memory.all.has(brokerId)) yield [brokerId, address];
    }
  }

  private *readable(): Generator<readonly [number, Address]> {
    for (const [brokerId, address] of this.addresses) {
      const { state } = this.probes.of(brokerId);
      const mayAnswer = state === 'answers' || state === 'slow' || state === 'unknown';
      if (this.state.brokers.has(brokerId) && mayAnswer) yield [brokerId, address];
    }
  }

  private ledBy(brokerId: number): Map<string, number[]> {
    const led = new Map<string, number[]>();
    for (const { name, partitions } of this.state.topics.values()) {
      const its = partitions.filter((known) => leaderOf(known) === brokerId).map(({ partition }) => partition);
      if (its.length > 0) led.set(name, its);
    }
    return led;
  }

  private answers(brokerId: number): boolean {
    const { state } = this.probes.of(brokerId);
    return state === 'answers' || state === 'slow';
  }

  private probesChanged(): void {
    for (const brokerId of this.addresses.keys()) {
      const { state } = this.probes.of(brokerId);
      if (state !== 'unknown' && !this.answers(brokerId)) this.polls.drop(brokerId);
    }
    this.throttle.ask();
  }

  /** A group is gone when the broker that coordinates it now, another than before, was asked since and did not tell of it. */
  private isStillThere({ groupId, coordinatorId, atMs }: KnownGroup): boolean {
    const now = coordinatorOf(groupId, this.state);
    if (now === null || now === coordinatorId) return true;
    return (this.polls.of(now).groupsAtMs ?? 0) <= atMs;
  }

  private roundEnded(rebalanced: readonly string[]): void {
    const { events } = this.parts;
    if (rebalanced.length <= MOST_SINGLE_EVENTS) {
      for (const groupId of rebalanced)
        events.publish('group', groupId, `Group ${groupId} rebalances.`, { kind: 'rebalance' });
    } else {
      const text = `${rebalanced.length} groups rebalance.`;
      events.publish('group', null, text, { kind: 'rebalance', count: rebalanced.length });
    }
    this.throttle.ask();
  }
}

function judgedIn({ verdict, controller, zookeeper, brokers, topics, groups }: Picture): Judged[] {
  return [
    { kind: 'cluster', id: null, verdict },
    { kind: 'controller', id: null, verdict: controller.verdict },
    { kind: 'zookeeper', id: null, verdict: zookeeper.verdict },
    ...brokers.map((broker) => ({ kind: 'broker' as const, id: String(broker.brokerId), verdict: broker.verdict })),
    ...Array.from(topics, ([id, { summary }]) => ({ kind: 'topic' as const, id, verdict: summary.verdict })),
    ...Array.from(groups, ([id, group]) => ({ kind: 'group' as const, id, verdict: group.verdict })),
  ];
}
