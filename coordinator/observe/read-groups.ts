/**
 * Reads the groups that one broker coordinates: their names, their members, what they have committed. In batches — all
 * groups of a coordinator in a few requests — where kafkajs asks group by group and fails as a whole when one broker is away.
 */
import type { VersionedConnection } from '../../client';
import { errorForCode, KafkaError } from '../../protocol';
import { describeGroups, listGroups, offsetFetch } from '../../protocol/apis';
import { CONSUMER_PROTOCOL_TYPE, decodeAssignment } from '../../protocol/internal';
import type { GroupMember, GroupState } from '../schemas';

export interface GroupReading {
  readonly groupId: string;
  readonly state: GroupState;
  readonly protocolType: string;
  readonly protocol: string;
  readonly members: readonly GroupMember[];
  /** Committed offsets: topic → partition → offset. */
  readonly committed: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

type Committed = Map<string, Map<number, number>>;
type Described = Omit<GroupReading, 'committed'>;

const DESCRIBED_AT_ONCE = 50;
/** Offsets in one answer, as far as the last reading lets expect: decoding them must not hold up all else. */
const OFFSETS_AT_ONCE = 2_000;
const GROUPS_AT_ONCE = 50;
const FIRST_BATCHED_OFFSET_FETCH = 8;
const STATES: ReadonlySet<string> = new Set(['PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead', 'Empty']);

/**
 * @param expectedOffsets how many committed offsets a group had last time
 * @throws KafkaError when the broker is still loading its groups, or is about to lose them; ConnectionError when it is lost
 */
export async function readGroups(
  broker: VersionedConnection,
  expectedOffsets: (groupId: string) => number,
): Promise<GroupReading[]> {
  const listed = await broker.send(listGroups, { statesFilter: [], typesFilter: [] });
  if (listed.errorCode !== 0) throw new KafkaError(errorForCode(listed.errorCode));
  const ids = listed.groups.map(({ groupId }) => groupId);
  const readings: GroupReading[] = [];
  for (const some of batches(ids, DESCRIBED_AT_ONCE, () => 1, DESCRIBED_AT_ONCE)) {
    const described = await describe(broker, some);
    const wanted = described.map(({ groupId }) => groupId);
    const committed = new Map<string, Committed>();
    for (const fetched of batches(wanted, OFFSETS_AT_ONCE, expectedOffsets, GROUPS_AT_ONCE)) {
      for (const [groupId, offsets] of await fetchOffsets(broker, fetched)) committed.set(groupId, offsets);
    }
    for (const group of described) readings.push({ ...group, committed: committed.get(group.groupId) ?? new Map() });
  }
  return readings;
}

async function describe(broker: VersionedConnection, groups: string[]): Promise<Described[]> {
  const answer = await broker.send(describeGroups, { groups });
  for (const { errorCode } of answer.groups) checkSettled(errorCode);
  return answer.groups
    .filter(({ errorCode }) => errorCode === 0)
    .map((group) => ({
      groupId: group.groupId,
      state: stateOf(group.groupState),
      protocolType: group.protocolType,
      protocol: group.protocolData,
      members: group.members.map((member) => ({
        memberId: member.memberId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        assignment: assignmentOf(group.protocolType, member.memberAssignment),
      })),
    }));
}

/** A group that moves just now has not vanished, nor lost what it committed: the next round will tell. */
function checkSettled(errorCode: number): void {
  const error = errorForCode(errorCode);
  if (error.retriable) throw new KafkaError(error);
}

function stateOf(state: string): GroupState {
  return STATES.has(state) ? (state as GroupState) : 'Unknown';
}

function assignmentOf(protocolType: string, bytes: Buffer): GroupMember['assignment'] {
  if (protocolType !== CONSUMER_PROTOCOL_TYPE) return [];
  try {
    const { assignedPartitions } = decodeAssignment(bytes);
    return assignedPartitions.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.toSorted((one, other) => one - other),
    }));
  } catch {
    // Whoever joins may write there what they like.
    return [];
  }
}

async function fetchOffsets(broker: VersionedConnection, groupIds: readonly string[]): Promise<[string, Committed][]> {
  if ((broker.versionOf(offsetFetch) ?? 0) >= FIRST_BATCHED_OFFSET_FETCH) {
    const groups = groupIds.map((groupId) => ({ groupId, topics: null }));
    const answer = await broker.send(offsetFetch, { groups, requireStable: false });
    for (const { errorCode } of answer.groups) checkSettled(errorCode);
    return answer.groups.map(({ groupId, topics }) => [groupId, committedIn(topics)]);
  }
  const found: [string, Committed][] = [];
  for (const groupId of groupIds) {
    const answer = await broker.send(offsetFetch, { groupId, topics: null, requireStable: false });
    checkSettled(answer.errorCode);
    found.push([groupId, committedIn(answer.topics)]);
  }
  return found;
}

type FetchedTopics = readonly {
  name: string;
  partitions: readonly { partitionIndex: number; committedOffset: number; errorCode: number }[];
}[];

function committedIn(topics: FetchedTopics): Committed {
  const committed: Committed = new Map();
  for (const { name, partitions } of topics) {
    const known = partitions.filter(({ errorCode, committedOffset }) => errorCode === 0 && committedOffset >= 0);
    if (known.length === 0) continue;
    committed.set(name, new Map(known.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset])));
  }
  return committed;
}

/** Portions of ids, each of at most `mostIds` and of a weight of about `mostWeight`. */
function* batches(
  ids: readonly string[],
  mostWeight: number,
  weightOf: (id: string) => number,
  mostIds: number,
): Generator<string[]> {
  let portion: string[] = [];
  let weight = 0;
  for (const id of ids) {
    const its = weightOf(id);
    if (portion.length > 0 && (weight + its > mostWeight || portion.length >= mostIds)) {
      yield portion;
      portion = [];
      weight = 0;
    }
    portion.push(id);
    weight += its;
  }
  if (portion.length > 0) yield portion;
}
