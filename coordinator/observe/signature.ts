/** Whether a picture shows anything else than the one before: its age and latencies change all the time and tell nothing. */
import type { Picture } from './picture';

/** Equal for two pictures that look the same. Cheap: it is made for every picture. */
export function signatureOf({
  knowledge,
  verdict,
  brokers,
  controller,
  zookeeper,
  counts,
  topics,
  groups,
}: Picture): string {
  const { state, freshness, offsets } = knowledge;
  let epochs = 0;
  let marks = 0;
  for (const { name, partitions } of state.topics.values()) {
    for (const { partition, partitionEpoch } of partitions) {
      epochs += (partitionEpoch ?? -1) + 2;
      marks += offsets.highWatermark(name, partition) ?? -1;
    }
  }
  let committed = 0;
  for (const { positions } of knowledge.groups.values()) {
    for (const partitions of positions.values())
      for (const position of partitions.values()) committed += position.committed;
  }
  return JSON.stringify([
    verdict.verdict,
    verdict.reasons.map(({ code, subject }) => [code, subject.id]),
    brokers.map(({ brokerId, registered, brokerEpoch, probe, logBytes }) => [
      brokerId,
      registered,
      brokerEpoch,
      probe.state,
      probe.staleView,
      logBytes,
    ]),
    [controller.brokerId, controller.controllerEpoch],
    [
      zookeeper.session.state,
      zookeeper.session.sessionId,
      zookeeper.servers.map(({ state: its, mode }) => [its, mode]),
    ],
    [freshness.stale, epochs, marks, committed, counts],
    Array.from(topics.values(), ({ known, summary }) => [
      known.name,
      known.overrides,
      summary.verdict.verdict,
      summary.deleting,
    ]),
    Array.from(groups.values(), ({ groupId, state: its, members, totalLag, recentRebalances }) => [
      groupId,
      its,
      members,
      totalLag,
      recentRebalances,
    ]),
  ]);
}
