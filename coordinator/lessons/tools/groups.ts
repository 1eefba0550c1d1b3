/** Consumer groups of lessons over the wire: members and what they read, committed offsets, who looks after them. */
import { errorForCode, Errors } from '../../../protocol';
import { deleteGroups, describeGroups, offsetCommit, offsetFetch } from '../../../protocol/apis';
import { decodeAssignment } from '../../../protocol/internal';
import { TOPICS_PATH } from '../../../zookeeper/znodes';
import type { KafkaAccess, ZnodeTree } from '../../parts';
import type { StepContext } from '../lesson';
import { assignmentOf, refused } from './topics';

export const OFFSETS_TOPIC = '__consumer_offsets';

export interface Member {
  readonly clientId: string;
  readonly partitions: readonly number[];
}

export interface Group {
  /** In Kafka's words: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead. */
  readonly state: string;
  readonly members: readonly Member[];
}

/** A group as its coordinator tells it; the members' partitions of one topic. */
export async function groupOf({ kafka }: StepContext, groupId: string, topic: string): Promise<Group> {
  const answer = await kafka
    .wire()
    .toCoordinator(groupId, describeGroups, { groups: [groupId] }, (each) => each.groups[0]?.errorCode ?? 0);
  const group = answer.groups[0];
  if (!group || group.errorCode !== 0) throw refused(`describe the group ${groupId}`, group?.errorCode ?? -1, null);
  const members = group.members.map(({ clientId, memberAssignment }) => ({
    clientId,
    partitions: decodeAssignment(memberAssignment)
      .assignedPartitions.filter((assigned) => assigned.topic === topic)
      .flatMap(({ partitions }) => partitions)
      .sort((one, other) => one - other),
  }));
  return { state: group.groupState, members: members.sort((one, other) => one.clientId.localeCompare(other.clientId)) };
}

/** Committed offsets of a group by partition; partitions without one are left out. */
export async function committedOf(
  { kafka }: StepContext,
  groupId: string,
  topic: string,
  partitions: number,
): Promise<ReadonlyMap<number, number>> {
  const partitionIndexes = Array.from({ length: partitions }, (_, partition) => partition);
  const topics = [{ name: topic, partitionIndexes }];
  const answer = await kafka
    .wire()
    .toCoordinator(
      groupId,
      offsetFetch,
      { groups: [{ groupId, topics }], requireStable: false },
      (each) => each.groups[0]?.errorCode ?? each.errorCode,
    );
  const group = answer.groups[0];
  if (!group || group.errorCode !== 0) throw refused(`tell the offsets of ${groupId}`, group?.errorCode ?? -1, null);
  const found = group.topics.flatMap((each) => each.partitions).filter(({ committedOffset }) => committedOffset >= 0);
  return new Map(found.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]));
}

/**
 * Sets where a group is to read on, as kafka-consumer-groups --reset-offsets does.
 * @throws KafkaError UNKNOWN_MEMBER_ID while the group has members
 */
export async function resetGroup(
  { kafka }: StepContext,
  groupId: string,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<void> {
  const partitions = [...offsets].map(([partitionIndex, committedOffset]) => ({
    partitionIndex,
    committedOffset,
    committedMetadata: '',
  }));
  const request = { groupId, memberId: '', groupInstanceId: null, topics: [{ name: topic, partitions }] };
  const answer = await kafka
    .wire()
    .toCoordinator(groupId, offsetCommit, request, (each) => each.topics[0]?.partitions[0]?.errorCode ?? 0);
  const failed = answer.topics.flatMap((each) => each.partitions).find(({ errorCode }) => errorCode !== 0);
  if (failed) throw refused(`reset the offsets of ${groupId}`, failed.errorCode, null);
}

/** Notes that a run has made a group, which is deleted with it. */
export function makesGroup({ kafka, makes }: StepContext, groupId: string): void {
  makes(`group ${groupId}`, () => removeGroup(kafka, groupId));
}

async function removeGroup(kafka: KafkaAccess, groupId: string): Promise<void> {
  const answer = await kafka
    .wire()
    .toCoordinator(groupId, deleteGroups, { groupsNames: [groupId] }, (each) => each.results[0]?.errorCode ?? 0);
  const errorCode = answer.results[0]?.errorCode ?? 0;
  const gone: readonly number[] = [0, Errors.GROUP_ID_NOT_FOUND.code];
  if (!gone.includes(errorCode)) throw new Error(errorForCode(errorCode).meaning);
}

/** The partition of __consumer_offsets that a group belongs to; null while there is no such topic. */
export function partitionOfGroup(tree: ZnodeTree, groupId: string): number | null {
  if (!tree.get(`${TOPICS_PATH}/${OFFSETS_TOPIC}`)) return null;
  const partitions = assignmentOf(tree, OFFSETS_TOPIC).size;
  // Java's hash of the name, without its sign; the one number that has no positive twin counts as 0.
  const hash = javaHash(groupId);
  return partitions === 0 ? null : (hash === -(2 ** 31) ? 0 : Math.abs(hash)) % partitions;
}

function javaHash(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(31, hash) + text.charCodeAt(at)) | 0;
  return hash;
}

/** `a reads 0, 1; b reads 2, 3 (Stable)` */
export function sayGroup({ state, members }: Group): string {
  const each = members.map(({ clientId, partitions }) => `${clientId} reads ${partitions.join(', ') || 'nothing'}`);
  return `${each.join('; ') || 'no members'} (${state})`;
}
