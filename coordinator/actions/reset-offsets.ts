/**
 * Sets where a group reads on. The commit is that of somebody outside of the group (generation −1), which the group's
 * coordinator takes only while the group has no members.
 */
import type { ClusterClient } from '../../client';
import { Errors, errorForCode } from '../../protocol';
import { describeGroups, offsetCommit } from '../../protocol/apis';
import { ApiError } from '../http/api-error';
import { checkKafkaError } from '../http/error-answers';
import type { OffsetReset, OffsetResetAnswer } from '../schemas';
import { EARLIEST, LATEST, offsetAt, partitionsOf } from './partition-offsets';

const NO_GENERATION = -1;

const invalid = (text: string): ApiError => new ApiError(400, 'INVALID_REQUEST', text);

/** Where a partition is to be read on; an offset outside of what there is becomes the nearest that there is, as Kafka's tool does. */
async function targetOf(cluster: ClusterClient, partition: number, reset: OffsetReset): Promise<number> {
  const { topic, to } = reset;
  const earliest = async () => (await offsetAt(cluster, topic, partition, EARLIEST)) ?? 0;
  const latest = async () => (await offsetAt(cluster, topic, partition, LATEST)) ?? 0;
  switch (to) {
    case 'earliest':
      return earliest();
    case 'latest':
      return latest();
    case 'time':
      return (await offsetAt(cluster, topic, partition, BigInt(Math.trunc(reset.timeMs ?? 0)))) ?? latest();
    case 'offset':
      return Math.min(Math.max(reset.offset ?? 0, await earliest()), await latest());
  }
}

function check(reset: OffsetReset): void {
  if (reset.to === 'offset' && reset.offset === undefined)
    throw invalid('Body field offset is missing: to is "offset"');
  if (reset.to === 'time' && reset.timeMs === undefined) throw invalid('Body field timeMs is missing: to is "time"');
}

/** The coordinator would say UNKNOWN_MEMBER_ID, which tells nobody what to do. */
async function checkEmpty(cluster: ClusterClient, groupId: string): Promise<void> {
  const answer = await cluster.toCoordinator(
    groupId,
    describeGroups,
    { groups: [groupId], includeAuthorizedOperations: false },
    (response) => response.groups[0]?.errorCode ?? 0,
  );
  const group = answer.groups[0];
  if (group?.errorCode !== Errors.GROUP_ID_NOT_FOUND.code) checkKafkaError(group?.errorCode ?? -1);
  if (group === undefined || group.members.length === 0) return;
  const text = `The group has ${group.members.length} member(s); its offsets can be set when all have left`;
  throw new ApiError(409, 'NON_EMPTY_GROUP', text);
}

/** @throws ApiError 400, NON_EMPTY_GROUP, UNKNOWN_TOPIC_OR_PARTITION and others of Kafka's */
export async function resetOffsets(
  cluster: ClusterClient,
  groupId: string,
  reset: OffsetReset,
): Promise<OffsetResetAnswer> {
  check(reset);
  const all = await partitionsOf(cluster, reset.topic);
  const chosen = reset.partitions ?? all;
  const missing = chosen.find((partition) => !all.includes(partition));
  if (missing !== undefined) {
    checkKafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION.code, `There is no partition ${reset.topic}-${missing}`);
  }
  await checkEmpty(cluster, groupId);
  const offsets = await Promise.all(
    [...new Set(chosen)].map(async (partition) => ({
      topic: reset.topic,
      partition,
      offset: await targetOf(cluster, partition, reset),
    })),
  );
  const partitions = offsets.map(({ partition, offset }) => ({
    partitionIndex: partition,
    committedOffset: offset,
    committedMetadata: '',
  }));
  const commit = {
    groupId,
    generationIdOrMemberEpoch: NO_GENERATION,
    memberId: '',
    topics: [{ name: reset.topic, partitions }],
  };
  const answer = await cluster.toCoordinator(
    groupId,
    offsetCommit,
    commit,
    (response) => response.topics[0]?.partitions[0]?.errorCode ?? 0,
  );
  const failed = answer.topics.flatMap((topic) => topic.partitions).find(({ errorCode }) => errorCode !== 0);
  // Somebody joined in between.
  const joined = failed && errorForCode(failed.errorCode) === Errors.UNKNOWN_MEMBER_ID;
  if (joined)
    throw new ApiError(409, 'NON_EMPTY_GROUP', 'The group got members; its offsets can be set when all have left');
  if (failed) checkKafkaError(failed.errorCode);
  return { groupId, offsets };
}
