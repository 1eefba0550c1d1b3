/**
 * Clients of a group for random histories: each does what a consumer would do next, and checks whatever it is told. A
 * client may also start again without its memory, and answers to its former self are then only checked, not used.
 */
import assert from 'node:assert/strict';
import { Errors, type WireError } from '../../../../protocol';
import type { JoinResult, SyncResult } from '../../../../broker/group';
import { GROUP, settle, type CoordinatorBench } from './coordinator-bench';

export const CLIENTS = 4;

export type Action =
  | { readonly kind: 'act'; readonly who: number; readonly data: number }
  | { readonly kind: 'everybody acts' }
  | { readonly kind: 'restart'; readonly who: number }
  | { readonly kind: 'leave'; readonly who: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'acknowledge'; readonly fails: boolean };

class Client {
  memberId = '';
  generation = -1;
  /** What it would do next: join, ask for its assignment, or send heartbeats. */
  phase: 'out' | 'joined' | 'stable' = 'out';
  waits = false;
  /** Members of its generation by id, with the name each goes by, when it is the leader. */
  led: ReadonlyMap<string, string> = new Map();
  incarnation = 0;
  readonly instanceId: string | null;

  constructor(readonly index: number) {
    this.instanceId = index % 2 === 0 ? `instance-${index}` : null;
  }

  reset(): void {
    Object.assign(this, { memberId: '', generation: -1, phase: 'out', waits: false, led: new Map() });
    this.incarnation += 1;
  }
}

export class World {
  readonly clients = Array.from({ length: CLIENTS }, (_, index) => new Client(index));
  readonly unanswered = new Set<Promise<unknown>>();
  /** How often a client got an assignment: a history without any proves little. */
  assignments = 0;
  private readonly leaders = new Map<number, string>();
  private readonly given = new Map<number, ReadonlySet<string>>();
  private violation: unknown = null;

  constructor(readonly bench: CoordinatorBench) {}

  async perform(action: Action): Promise<void> {
    switch (action.kind) {
      case 'act':
        this.act(this.clients[action.who] as Client, action.data);
        break;
      case 'everybody acts':
        for (const client of this.clients) this.act(client, 0);
        break;
      case 'restart':
        this.clients[action.who]?.reset();
        break;
      case 'leave':
        this.leave(this.clients[action.who] as Client);
        break;
      case 'advance':
        await this.bench.advance(action.ms);
        break;
      case 'acknowledge':
        this.bench.replicas.release(action.fails ? Errors.NOT_ENOUGH_REPLICAS : Errors.NONE);
        break;
    }
    await settle();
    this.check();
  }

  /** All clients behave and everything is acknowledged, for as long as any forgotten session may last. */
  async calmDown(): Promise<void> {
    this.bench.replicas.holdAppends = false;
    this.bench.replicas.release();
    for (let round = 0; round < 400; round++) {
      for (const client of this.clients) this.act(client, 0);
      await this.bench.advance(1000);
    }
    this.check();
  }

  check(): void {
    if (this.violation !== null) throw this.violation;
    const { description } = this.bench.coordinator.describeGroup(GROUP);
    const ids = (description?.members ?? []).map(({ memberId }) => memberId);
    assert.equal(new Set(ids).size, ids.length, 'a member twice');
    const mayHaveMembers = description?.state !== 'Empty' && description?.state !== 'Dead';
    assert(mayHaveMembers || ids.length === 0, `members in a group that is ${description?.state}`);
    assert(description?.state !== 'Stable' || ids.length > 0, 'stable without members');
  }

  private act(client: Client, data: number): void {
    if (client.waits) return;
    if (client.phase === 'out') this.join(client, data);
    else if (client.phase === 'joined') this.sync(client);
    else this.refused(client, this.bench.heartbeat(client, client.instanceId));
  }

  private leave(client: Client): void {
    if (client.memberId === '') return;
    this.bench.leave({ memberId: client.memberId, instanceId: client.instanceId });
    client.reset();
  }

  private join(client: Client, data: number): void {
    const { incarnation } = client;
    client.waits = true;
    const joining = this.bench.join({
      memberId: client.memberId,
      instanceId: client.instanceId,
      requireKnownMemberId: client.instanceId === null,
      supportsSkippingAssignment: true,
      protocols: [{ name: 'range', metadata: Buffer.from([data]) }],
    });
    this.expectAnswer(
      joining.promise.then((result) => {
        this.checkJoin(result);
        if (client.incarnation !== incarnation) return;
        client.waits = false;
        if (result.error === Errors.MEMBER_ID_REQUIRED) client.memberId = result.memberId;
        else if (result.error === Errors.NONE) this.joined(client, result);
        else this.refused(client, result.error);
      }),
    );
  }

  private checkJoin(result: JoinResult): void {
    if (result.error !== Errors.NONE) return;
    const leader = /^instance-\d/.exec(result.leaderId)?.[0] ?? result.leaderId;
    assert.equal(this.leaders.get(result.generation) ?? leader, leader, 'two leaders of one generation');
    this.leaders.set(result.generation, leader);
    const ids = result.members.map(({ memberId }) => memberId);
    assert.equal(new Set(ids).size, ids.length, 'a member twice');
    if (ids.length > 0) assert.equal(result.leaderId, result.memberId, 'not the leader, but told the members');
    if (ids.length > 0) assert(ids.includes(result.memberId), 'the leader is no member');
    if (result.leaderId === result.memberId) assert(ids.length > 0, 'the leader was not told the members');
  }

  private joined(client: Client, result: JoinResult): void {
    assert(result.generation >= client.generation, 'a generation went back');
    client.memberId = result.memberId;
    client.generation = result.generation;
    client.phase = 'joined';
    const members = result.skipAssignment ? [] : result.members;
    client.led = new Map(members.map(({ memberId, groupInstanceId }) => [memberId, groupInstanceId ?? memberId]));
  }

  private sync(client: Client): void {
    const { incarnation, generation } = client;
    const name = client.instanceId ?? client.memberId;
    const assignments = Object.fromEntries([...client.led].map(([id, of]) => [id, `${generation} ${of}`]));
    if (client.led.size > 0) this.given.set(generation, new Set(client.led.values()));
    client.waits = true;
    const syncing = this.bench.sync(client, assignments, { instanceId: client.instanceId ?? undefined });
    this.expectAnswer(
      syncing.promise.then((result) => {
        this.checkSync(result, generation, name);
        if (client.incarnation !== incarnation) return;
        client.waits = false;
        if (result.error === Errors.NONE) client.phase = 'stable';
        else this.refused(client, result.error);
      }),
    );
  }

  private checkSync(result: SyncResult, generation: number, name: string): void {
    if (result.error !== Errors.NONE) return;
    this.assignments += 1;
    assert(this.given.get(generation)?.has(name), 'an assignment that no leader gave');
    assert.equal(String(result.assignment), `${generation} ${name}`, 'not the own assignment of this generation');
  }

  private refused(client: Client, error: WireError): void {
    if (error === Errors.NONE) return;
    client.phase = 'out';
    const isForgotten = error === Errors.UNKNOWN_MEMBER_ID || error === Errors.FENCED_INSTANCE_ID;
    if (isForgotten) client.memberId = '';
  }

  private expectAnswer(promise: Promise<unknown>): void {
    this.unanswered.add(promise);
    promise.catch((error: unknown) => (this.violation ??= error)).finally(() => this.unanswered.delete(promise));
  }
}
