/**
 * The whole cluster at one moment, judged: made from all that is known whenever something has changed. Pure: the same
 * knowledge gives the same picture.
 */
import { isStarting } from '../health/broker';
import { judgeCluster } from '../health/cluster';
import { judgeController } from '../health/controller';
import { judgeZooKeeper } from '../health/zookeeper';
import type { BrokerView, ClusterView, ControllerView, GroupSummary, Verdict, ZooKeeperView } from '../schemas';
import { type ExpectedView, hasAnsweredSince, notProbed } from './broker-probe';
import { brokerViews, hexId } from './broker-view';
import { groupSummary } from './group-view';
import type { Knowledge } from './knowledge';
import { topicPicture, type TopicPicture } from './topic-view';

export interface Picture {
  readonly knowledge: Knowledge;
  readonly verdict: Verdict;
  readonly controller: ControllerView;
  readonly brokers: readonly BrokerView[];
  readonly zookeeper: ZooKeeperView;
  /** By name, in the order of names. */
  readonly topics: ReadonlyMap<string, TopicPicture>;
  readonly groups: ReadonlyMap<string, GroupSummary>;
  readonly counts: ClusterView['counts'];
}

/** @param expected how brokers should see the cluster; null when that is not known */
export function pictureOf(knowledge: Knowledge, expected: ExpectedView | null): Picture {
  const { state } = knowledge;
  const brokers = brokerViews(knowledge, expected);
  const names = [...state.topics.keys()].sort();
  const topics = new Map(
    names.map((name) => [name, topicPicture(state.topics.get(name) as TopicPicture['known'], knowledge)]),
  );
  const groupIds = [...knowledge.groups.keys()].sort();
  const groups = new Map(
    groupIds.map((id) => [id, groupSummary(knowledge.groups.get(id) as Parameters<typeof groupSummary>[0], knowledge)]),
  );
  const controller = controllerView(knowledge);
  const zookeeper = zookeeperView(knowledge);
  const verdict = judgeCluster({
    ready: state.ready,
    registeredBrokers: state.brokers.size,
    nothingAt: knowledge.zookeeper.knownZnodes === 0 ? knowledge.zookeeper.connectString : null,
    controller: controller.verdict,
    zookeeper: zookeeper.verdict,
    brokers: brokers.map((broker) => broker.verdict),
    topics: Array.from(topics.values(), ({ summary }) => summary.verdict),
    groups: Array.from(groups.values(), (group) => group.verdict),
  });
  return {
    knowledge,
    verdict,
    controller,
    brokers,
    zookeeper,
    topics,
    groups,
    counts: countsOf(knowledge, topics, groups),
  };
}

function controllerView({ state, probeOf, nowMs }: Knowledge): ControllerView {
  const { controller, controllerEpoch, controllerEpochZkVersion, brokers } = state;
  const brokerId = controller?.brokerId ?? null;
  const registration = brokerId === null ? undefined : brokers.get(brokerId);
  const probe = brokerId === null ? notProbed : probeOf(brokerId);
  const { state: probeState } = probe;
  const registeredAtMs = registration?.stat.ctimeMs ?? null;
  const starting =
    registeredAtMs !== null &&
    isStarting({
      state: probeState,
      registeredForMs: nowMs - registeredAtMs,
      hasAnswered: hasAnsweredSince(registeredAtMs, probe),
    });
  return {
    brokerId,
    controllerEpoch,
    controllerEpochZkVersion,
    sinceMs: controller?.stat.ctimeMs ?? null,
    czxid: controller ? `0x${controller.stat.czxid.toString(16)}` : null,
    sessionId: controller ? hexId(controller.stat.ephemeralOwner) : null,
    verdict: judgeController({
      ready: state.ready,
      brokerId,
      registered: registration !== undefined,
      answers: starting || probeState === 'unknown' || probeState === 'answers' || probeState === 'slow',
    }),
  };
}

function zookeeperView({ zookeeper, freshness }: Knowledge): ZooKeeperView {
  const { connectString, session, servers, knownZnodes } = zookeeper;
  return {
    connectString,
    session: { ...session },
    servers: [...servers],
    knownZnodes,
    verdict: judgeZooKeeper({
      connectString,
      connected: session.state === 'connected',
      ageMs: freshness.ageMs,
      stale: freshness.stale,
      servers,
    }),
  };
}

function countsOf(
  { state, readOf }: Knowledge,
  topics: ReadonlyMap<string, TopicPicture>,
  groups: ReadonlyMap<string, GroupSummary>,
): ClusterView['counts'] {
  const counts = {
    brokers: state.brokers.size,
    topics: topics.size,
    internalTopics: 0,
    partitions: 0,
    offline: 0,
    underReplicated: 0,
    underMinIsr: 0,
    atMinIsr: 0,
    leaderNotPreferred: 0,
  };
  for (const { summary } of topics.values()) {
    if (summary.internal) counts.internalTopics++;
    counts.partitions += summary.partitions;
    counts.offline += summary.offline;
    counts.underReplicated += summary.underReplicated;
    counts.underMinIsr += summary.underMinIsr;
    counts.atMinIsr += summary.atMinIsr;
    counts.leaderNotPreferred += summary.leaderNotPreferred;
  }
  const groupsKnown = groups.size > 0 || [...state.brokers.keys()].some((id) => readOf(id).groupsAtMs !== null);
  let totalLag: number | null = null;
  for (const group of groups.values()) if (group.totalLag !== null) totalLag = (totalLag ?? 0) + group.totalLag;
  return { ...counts, groups: groupsKnown ? groups.size : null, totalLag };
}
