/**
 * A script of group requests, run against a broker over plain connections, and the transcript of what it answered. What
 * differs from run to run (member ids, ports, producer ids) is replaced, so that the transcripts of two brokers can be
 * compared line by line.
 */
import { Connection } from '../../client/connection';
import { errorForCode, type Api, type Fields, type InputOf, type MessageOf } from '../../protocol';
import {
  createTopics,
  deleteGroups,
  describeGroups,
  findCoordinator,
  heartbeat,
  initProducerId,
  joinGroup,
  leaveGroup,
  listGroups,
  metadata,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  syncGroup,
  type JoinGroupResponse,
} from '../../protocol/apis';
import { encodeSubscription } from '../../protocol/internal';
import { systemClock } from '../../runtime/clock';
import { eventually } from './eventually';

const SESSION_MS = 6000;
const REBALANCE_MS = 3000;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

interface JoinOptions {
  memberId?: string;
  groupInstanceId?: string;
  sessionTimeoutMs?: number;
  rebalanceTimeoutMs?: number;
  protocolType?: string;
  protocols?: readonly string[];
}

const UNORDERED: ReadonlySet<string> = new Set(['groups', 'members', 'results', 'topics', 'partitions']);

/** By what an element is about, without the random part of member ids. */
function orderOf(element: unknown): string {
  const { groupId, clientId, groupInstanceId, memberId, name, partitionIndex } = element as Record<string, string>;
  return [groupId, clientId, groupInstanceId, memberId?.replaceAll(UUID, ''), name, partitionIndex].join('/');
}

/** A client with a connection of its own. */
export class ScriptClient {
  constructor(
    private readonly connection: Connection,
    private readonly script: GroupScript,
  ) {}

  /** Asks, and writes the answer down. */
  async ask<Q extends Fields, S extends Fields>(
    what: string,
    api: Api<Q, S>,
    version: number,
    body: InputOf<MessageOf<Q>>,
  ): Promise<MessageOf<S>> {
    const answer = await this.connection.send(api, version, body);
    this.script.note(`${what}: ${api.name} v${version}`, answer);
    return answer;
  }

  join(what: string, version: number, groupId: string, options: JoinOptions = {}): Promise<JoinGroupResponse> {
    const { protocols = ['range'], ...rest } = options;
    return this.ask(what, joinGroup, version, {
      groupId,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocolType: 'consumer',
      memberId: '',
      protocols: protocols.map((name) => ({ name, metadata: encodeSubscription({ topics: ['orders'] }, 1) })),
      ...rest,
    });
  }

  sync(
    what: string,
    version: number,
    groupId: string,
    member: { memberId: string; generationId: number; groupInstanceId?: string },
    assigned: readonly string[] = [],
  ): Promise<MessageOf<typeof syncGroup.response.fields>> {
    return this.ask(what, syncGroup, version, {
      groupId,
      memberId: member.memberId,
      generationId: member.generationId,
      groupInstanceId: member.groupInstanceId ?? null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: assigned.map((memberId, index) => ({ memberId, assignment: Buffer.from([index]) })),
    });
  }

  close(): void {
    this.connection.close();
  }
}

export class GroupScript {
  readonly transcript: string[] = [];
  private readonly names = new Map<string, string>();
  private readonly clients: ScriptClient[] = [];

  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  async client(clientId = 'client'): Promise<ScriptClient> {
    const options = { connectTimeoutMs: 5000, requestTimeoutMs: 60_000, clock: systemClock };
    const connection = await Connection.open({ host: this.host, port: this.port, clientId, ...options });
    const client = new ScriptClient(connection, this);
    this.clients.push(client);
    return client;
  }

  close(): void {
    for (const client of this.clients) client.close();
  }

  note(what: string, answer: unknown): void {
    const plain = JSON.stringify(answer, (key, value: unknown) => this.plain(key, value));
    this.transcript.push(`${what} → ${plain.replaceAll(UUID, (uuid) => this.nameOf(uuid))}`);
  }

  /** Puts the last lines, whose order is chance, into one that is not. */
  sortLast(count: number): void {
    this.transcript.push(...this.transcript.splice(-count).toSorted());
  }

  private nameOf(uuid: string): string {
    const name = this.names.get(uuid) ?? `#${this.names.size + 1}`;
    this.names.set(uuid, name);
    return name;
  }

  private plain(key: string, value: unknown): unknown {
    if (typeof value === 'bigint') return `${value}n`;
    // Kafka lists these in the order of hash values.
    if (UNORDERED.has(key) && Array.isArray(value))
      return value.toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
    if (key === 'errorCode') return errorForCode(value as number).name;
    if (key === 'port' || key === 'producerId') return value === -1 ? -1 : 'some';
    // What the codes mean is told in each broker's own words.
    if (key === 'errorMessage') return value === 'NONE' || value === '' ? value : 'some text';
    const bytes = value as { type?: string; data?: number[] } | null;
    if (bytes?.type === 'Buffer') return Buffer.from(bytes.data ?? []).toString('hex');
    return value;
  }
}

/** Creates the topic `orders` and waits until the coordinator of each of `groupIds` serves. */
export async function prepareForGroups(script: GroupScript, groupIds: readonly string[]): Promise<void> {
  const client = await script.client();
  const topic = { name: 'orders', numPartitions: 3, replicationFactor: 1 };
  await eventually('the topic is there', async () => {
    const { topics } = await client.ask('prepare', createTopics, 5, { topics: [topic], timeoutMs: 10_000 });
    return topics[0]?.errorCode === 0;
  });
  await eventually('all partitions have a leader', async () => {
    const { topics } = await client.ask('prepare', metadata, 9, {
      topics: [{ name: 'orders' }],
      allowAutoTopicCreation: false,
    });
    return topics[0]?.partitions.length === 3 && topics[0].partitions.every(({ leaderId }) => leaderId >= 0);
  });
  for (const groupId of groupIds) {
    await eventually(`the coordinator of ${groupId} serves`, async () => {
      const found = await client.ask('prepare', findCoordinator, 2, { key: groupId });
      const fetched = await client.ask('prepare', offsetFetch, 7, { groupId, topics: null });
      return found.errorCode === 0 && fetched.errorCode === 0;
    });
  }
  script.transcript.length = 0;
}

/** Every group of the script; they share nothing. */
export const scriptGroups = ['errors', 'versions', 'pair', 'static', 'offsets', 'crowd', ''] as const;

/** Plays all scenarios, one after the other. */
export async function playGroupScript(script: GroupScript): Promise<void> {
  await errors(script);
  await versions(script);
  await pair(script);
  await staticMembers(script);
  await offsets(script);
  await crowd(script);
  await coordinators(script);
}

async function errors(script: GroupScript): Promise<void> {
  const client = await script.client();
  const groupId = 'errors';
  for (const version of [0, 4, 9]) {
    await client.join('short session', version, groupId, { sessionTimeoutMs: 1 });
    await client.join('long session', version, groupId, { sessionTimeoutMs: 2_000_000_000 });
    await client.join('no group id', version, '');
    await client.join('unknown member', version, groupId, { memberId: 'nobody' });
    await client.join('no protocols', version, groupId, { protocols: [] });
    await client.join('no protocol type', version, groupId, { protocolType: '' });
  }
  for (const id of ['nowhere', '']) {
    await client.sync('unknown', 3, id, { memberId: 'x', generationId: 1 });
    await client.ask('unknown', heartbeat, 3, { groupId: id, memberId: 'x', generationId: 1 });
    await client.ask('unknown', leaveGroup, 2, { groupId: id, memberId: 'x' });
    await client.ask('unknown', leaveGroup, 5, { groupId: id, members: [{ memberId: 'x' }, { groupInstanceId: 'i' }] });
    await client.ask('unknown', describeGroups, 5, { groups: [id], includeAuthorizedOperations: true });
    await client.ask('unknown', deleteGroups, 2, { groupsNames: [id] });
    await client.ask('unknown', offsetDelete, 0, { groupId: id, topics: [] });
    const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }];
    const topics = [{ name: 'orders', partitions }];
    await client.ask('old generation', offsetCommit, 8, {
      groupId: id,
      memberId: 'x',
      generationIdOrMemberEpoch: 4,
      topics,
    });
  }
  await client.ask('no protocol', syncGroup, 5, { groupId, memberId: 'x', generationId: 1 });
}

async function versions(script: GroupScript): Promise<void> {
  const groupId = 'versions';
  for (let version = 0; version <= 9; version++) {
    const client = await script.client();
    let member = await client.join('first', version, groupId);
    if (member.errorCode !== 0) member = await client.join('second', version, groupId, { memberId: member.memberId });
    const syncVersion = Math.min(version, 5);
    const { memberId, generationId } = member;
    await client.sync('alone', syncVersion, groupId, member, [memberId]);
    await client.sync('again', syncVersion, groupId, member);
    await client.ask('alone', heartbeat, Math.min(version, 4), { groupId, memberId, generationId });
    await client.ask('alone', describeGroups, Math.min(version, 5), { groups: [groupId] });
    await client.ask('alone', listGroups, Math.min(version, 5), {});
    const leaveVersion = Math.min(version, 5);
    const leaving = leaveVersion < 3 ? { memberId } : { members: [{ memberId }] };
    await client.ask('alone', leaveGroup, leaveVersion, { groupId, ...leaving });
    await client.ask('gone', heartbeat, Math.min(version, 4), { groupId, memberId, generationId });
    client.close();
  }
}

async function pair(script: GroupScript): Promise<void> {
  const groupId = 'pair';
  const [one, two, admin] = [await script.client('one'), await script.client('two'), await script.client('admin')];
  const first = await one.join('one', 3, groupId);
  const heartbeatOf = (client: ScriptClient, what: string, member: JoinGroupResponse): Promise<unknown> =>
    client.ask(what, heartbeat, 3, { groupId, memberId: member.memberId, generationId: member.generationId });
  const commit = (client: ScriptClient, what: string, member: Partial<JoinGroupResponse>): Promise<unknown> =>
    client.ask(what, offsetCommit, 6, {
      groupId,
      memberId: member.memberId ?? '',
      generationIdOrMemberEpoch: member.generationId ?? -1,
      topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 3, committedMetadata: 'm' }] }],
    });
  await commit(one, 'before the sync', first);
  await admin.ask('before the sync', describeGroups, 4, { groups: [groupId] });
  await one.join('repeated', 3, groupId, { memberId: first.memberId });
  await one.sync('one', 4, groupId, first, [first.memberId]);
  await commit(one, 'stable', first);
  await commit(one, 'old generation', { ...first, generationId: 0 });
  await commit(admin, 'no member', {});
  await commit(admin, 'other member', { memberId: 'x', generationId: 1 });
  await admin.join('other protocol', 3, groupId, { protocols: ['sticky'] });
  await admin.join('other type', 3, groupId, { protocolType: 'connect' });
  const joining = two.join('two', 3, groupId);
  await eventually('a rebalance', async () => {
    const { errorCode } = (await heartbeatOf(one, 'waiting', first)) as { errorCode: number };
    script.transcript.pop();
    return errorCode === 27;
  });
  await heartbeatOf(one, 'rebalancing', first);
  await commit(one, 'rebalancing', first);
  await one.sync('rebalancing', 4, groupId, first);
  await admin.ask('rebalancing', describeGroups, 4, { groups: [groupId] });
  await admin.ask('rebalancing', listGroups, 4, { statesFilter: ['preparingREBALANCE'] });
  const again = one.join('one again', 3, groupId, { memberId: first.memberId });
  const [leader, follower] = [await again, await joining];
  script.sortLast(2);
  const syncing = two.sync('two', 4, groupId, follower);
  await one.sync('one', 4, groupId, leader, [leader.memberId]);
  await syncing;
  script.sortLast(2);
  await admin.ask('stable', describeGroups, 5, { groups: [groupId], includeAuthorizedOperations: true });
  await admin.ask('stable', listGroups, 5, { statesFilter: ['Stable'], typesFilter: ['classic'] });
  await admin.ask('stable', listGroups, 5, { typesFilter: ['consumer'] });
  await two.join('follower again', 3, groupId, { memberId: follower.memberId });
  await admin.ask('stable', deleteGroups, 2, { groupsNames: [groupId, 'nowhere'] });
  const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0 }, { partitionIndex: 7 }] }];
  await admin.ask('stable', offsetDelete, 0, { groupId, topics });
  await two.ask('two', leaveGroup, 1, { groupId, memberId: follower.memberId });
  await heartbeatOf(one, 'after the leave', leader);
  await one.ask('one', leaveGroup, 1, { groupId, memberId: leader.memberId });
  await admin.ask('empty', describeGroups, 5, { groups: [groupId] });
  await admin.ask('empty', offsetFetch, 7, { groupId, topics: null, requireStable: true });
  await admin.ask('empty', offsetDelete, 0, { groupId, topics });
  await admin.ask('empty', offsetFetch, 7, { groupId, topics: null });
  await admin.ask('empty', deleteGroups, 2, { groupsNames: [groupId] });
}

/** Waits until the group has so many members. */
async function memberCount(script: GroupScript, client: ScriptClient, groupId: string, count: number): Promise<void> {
  await eventually(`${groupId} has ${count} members`, async () => {
    const { groups } = await client.ask('waiting', describeGroups, 4, { groups: [groupId] });
    script.transcript.pop();
    return groups[0]?.members.length === count;
  });
}

async function staticMembers(script: GroupScript): Promise<void> {
  const groupId = 'static';
  const [one, two] = [await script.client('one'), await script.client('two')];
  const first = await one.join('one', 5, groupId, { groupInstanceId: 'i1' });
  await one.sync('one', 3, groupId, { ...first, groupInstanceId: 'i1' }, [first.memberId]);
  const old = await one.join('leader again, v5', 5, groupId, { groupInstanceId: 'i1' });
  const member = { memberId: old.memberId, generationId: old.generationId, groupInstanceId: 'i1' };
  await one.ask('fenced', heartbeat, 3, { groupId, ...member, memberId: first.memberId });
  await one.ask('unknown', heartbeat, 3, { groupId, ...member, groupInstanceId: 'i9' });
  await one.ask('known', heartbeat, 3, { groupId, ...member });
  await one.join('fenced', 5, groupId, { groupInstanceId: 'i1', memberId: first.memberId });
  const partitions = [{ partitionIndex: 0, committedOffset: 3, committedMetadata: null }];
  await one.ask('fenced', offsetCommit, 7, {
    groupId,
    ...member,
    memberId: first.memberId,
    generationIdOrMemberEpoch: member.generationId,
    topics: [{ name: 'orders', partitions }],
  });
  await one.sync('again', 3, groupId, member);
  const skipping = await one.join('leader again, v9', 9, groupId, { groupInstanceId: 'i1' });
  const joining = two.join('two', 9, groupId, { groupInstanceId: 'i2' });
  await memberCount(script, one, groupId, 2);
  const leading = await one.join('one', 9, groupId, { groupInstanceId: 'i1', memberId: skipping.memberId });
  const following = await joining;
  script.sortLast(2);
  const syncing = two.sync('two', 5, groupId, { ...following, groupInstanceId: 'i2' });
  const ids = [leading.memberId, following.memberId];
  await one.sync('one', 5, groupId, { ...leading, groupInstanceId: 'i1' }, ids);
  await syncing;
  script.sortLast(2);
  await two.join('follower again, v9', 9, groupId, { groupInstanceId: 'i2' });
  await one.ask('stable', describeGroups, 5, { groups: [groupId] });
  await one.ask('by instance', leaveGroup, 5, {
    groupId,
    members: [{ groupInstanceId: 'i2' }, { groupInstanceId: 'i3' }],
  });
  await one.ask('fenced', leaveGroup, 5, { groupId, members: [{ memberId: first.memberId, groupInstanceId: 'i1' }] });
  await one.ask('last', leaveGroup, 5, { groupId, members: [{ memberId: leading.memberId, groupInstanceId: 'i1' }] });
  await one.ask('empty', describeGroups, 5, { groups: [groupId] });
}

async function offsets(script: GroupScript): Promise<void> {
  const client = await script.client();
  const groupId = 'offsets';
  const notes = ['', 'note', null, 'x'.repeat(4096), 'x'.repeat(4097)];
  for (let version = 0; version <= 9; version++) {
    const partitions = [0, 1, 8].map((partitionIndex) => ({
      partitionIndex,
      committedOffset: 10 * version + partitionIndex,
      committedMetadata: notes[(version + partitionIndex) % notes.length] ?? null,
    }));
    const topics = [
      { name: 'orders', partitions },
      { name: 'unknown', partitions },
    ];
    await client.ask('simple', offsetCommit, version, { groupId, topics });
    const asked = [{ name: 'orders', partitionIndexes: [0, 1, 2, 8] }];
    for (const id of [groupId, 'nowhere']) {
      if (version < 8) await client.ask(id, offsetFetch, version, { groupId: id, topics: asked });
      else await client.ask(id, offsetFetch, version, { groups: [{ groupId: id, topics: asked }] });
    }
  }
  await client.ask('all', offsetFetch, 8, {
    groups: [
      { groupId: 'nowhere', topics: null },
      { groupId: '', topics: null },
    ],
  });
  await client.ask('admin', describeGroups, 5, { groups: [groupId] });
  await client.ask('admin', deleteGroups, 1, { groupsNames: [groupId] });
  await client.ask('admin', deleteGroups, 1, { groupsNames: [groupId] });
  await client.ask('deleted', offsetFetch, 7, { groupId, topics: null });
}

/** With group.max.size=3. */
async function crowd(script: GroupScript): Promise<void> {
  const groupId = 'crowd';
  const clients = await Promise.all([1, 2, 3, 4].map((index) => script.client(`c${index}`)));
  const [leader, ...others] = clients as [ScriptClient, ...ScriptClient[]];
  const first = await leader.join('leader', 3, groupId);
  const joining = others.slice(0, 2).map((client) => client.join('follower', 3, groupId));
  await memberCount(script, leader, groupId, 3);
  const again = await leader.join('leader', 3, groupId, { memberId: first.memberId });
  await Promise.all(joining);
  script.transcript.splice(-3);
  script.note('all have joined', again.members.length);
  await others[2]?.join('too many', 4, groupId);
  await others[2]?.join('too many', 3, groupId);
  await leader.sync('leader', 4, groupId, again, [again.memberId]);
}

async function coordinators(script: GroupScript): Promise<void> {
  const client = await script.client();
  for (const version of [0, 1, 2, 3]) await client.ask('group', findCoordinator, version, { key: 'pair' });
  for (const version of [4, 5, 6])
    await client.ask('groups', findCoordinator, version, { coordinatorKeys: ['pair', ''] });
  await client.ask('share', findCoordinator, 5, { keyType: 2, coordinatorKeys: ['a:b:0'] });
  await client.ask('share', findCoordinator, 6, { keyType: 2, coordinatorKeys: ['a:b:0'] });
  await client.ask('nonsense', findCoordinator, 6, { keyType: 7, coordinatorKeys: ['a'] });
  await client.ask('nonsense', findCoordinator, 1, { keyType: 7, key: 'a' });
  const request = { transactionalId: null, transactionTimeoutMs: 1000 };
  await eventually('a producer id', async () => {
    const { errorCode } = await client.ask('first', initProducerId, 4, request);
    script.transcript.pop();
    return errorCode === 0;
  });
  for (const version of [0, 1, 2, 3, 4, 5]) await client.ask('idempotent', initProducerId, version, request);
  await client.ask('half', initProducerId, 5, { ...request, producerId: 3 });
  await client.ask('empty', initProducerId, 5, { ...request, transactionalId: '' });
}
