/**
 * Asks each broker over the wire, at every turn, what it speaks (ApiVersions) and how it sees the cluster (Metadata).
 * Every broker has a connection and a turn of its own: one that hangs holds up nobody, and is asked again only when its
 * former question has ended. Owns the connections and what was answered last.
 */
import { Connection, ConnectionError, type ConnectionOptions } from '../../client';
import { metadata, type MetadataResponse } from '../../protocol/apis';
import type { Clock } from '../../runtime/clock';
import type { TaskGroup } from '../../runtime/task-group';
import type { BrokerProbe } from '../schemas';

/** What is known of a broker from its own mouth. */
export interface ProbeFact extends Omit<BrokerProbe, 'staleView'> {
  /** How many answers in a row named another controller, or other brokers, than ZooKeeper. */
  readonly controllerDiffers: number;
  readonly brokersDiffer: number;
  /** How many answers in a row were slow. */
  readonly slowInARow: number;
  /** When the question was asked that it answered last, slow or not. */
  readonly answeredAtMs: number | null;
}

export const notProbed: ProbeFact = {
  state: 'unknown',
  address: null,
  latencyMs: null,
  checkedAtMs: null,
  error: null,
  apis: null,
  seesControllerId: null,
  seesBrokers: null,
  seesClusterId: null,
  controllerDiffers: 0,
  brokersDiffer: 0,
  slowInARow: 0,
  answeredAtMs: null,
};

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The cluster as ZooKeeper has it now; null when that is unknown or old. */
export interface ExpectedView {
  readonly controllerId: number | null;
  readonly clusterId: string | null;
  readonly brokerIds: readonly number[];
}

type ProbedConnection = Pick<Connection, 'send' | 'apiVersions' | 'close' | 'closed'>;

export interface BrokerProbesOptions {
  readonly clock: Clock;
  readonly tasks: TaskGroup;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly slowMs: number;
  /** Whom to ask, and where. */
  targets(): Iterable<readonly [brokerId: number, address: Address]>;
  expected(): ExpectedView | null;
  /** Something else than the latency has changed. */
  onChange(): void;
  /** Connection.open when left out. */
  open?: (options: ConnectionOptions) => Promise<ProbedConnection>;
}

interface Probed {
  address: Address;
  connection: ProbedConnection | null;
  /** Version of Metadata that both sides know. */
  metadataVersion: number;
  busy: boolean;
  fact: ProbeFact;
}

export class BrokerProbes {
  private readonly probed = new Map<number, Probed>();

  constructor(private readonly options: BrokerProbesOptions) {
    options.tasks.signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Asks at once, then at every interval. */
  start(): void {
    this.options.tasks.every('probe brokers', this.options.intervalMs, () => this.turn(), 0);
  }

  /** What the broker answered last. */
  of(brokerId: number): ProbeFact {
    return this.probed.get(brokerId)?.fact ?? notProbed;
  }

  /** Forgets what was said at another address: a broker that has moved has not been asked there yet. */
  livesAt(brokerId: number, address: Address): void {
    if (this.probed.has(brokerId)) this.slotFor(brokerId, address);
  }

  private turn(): void {
    const targets = new Map(this.options.targets());
    for (const [brokerId, probed] of this.probed) {
      if (targets.has(brokerId)) continue;
      probed.connection?.close();
      this.probed.delete(brokerId);
    }
    for (const [brokerId, address] of targets) {
      const probed = this.slotFor(brokerId, address);
      if (probed.busy) continue;
      probed.busy = true;
      this.options.tasks.run(`probe broker ${brokerId}`, async () => {
        try {
          this.take(probed, await this.ask(probed));
        } finally {
          probed.busy = false;
        }
      });
    }
  }

  private slotFor(brokerId: number, address: Address): Probed {
    const known = this.probed.get(brokerId);
    if (known && known.address.host === address.host && known.address.port === address.port) return known;
    known?.connection?.close();
    const fact = { ...notProbed, address: text(address) };
    const slot = { address, connection: null, metadataVersion: 0, busy: false, fact };
    this.probed.set(brokerId, slot);
    return slot;
  }

  /** One question and its answer; connecting and each of the two requests are bounded in time. */
  private async ask(probed: Probed): Promise<ProbeFact> {
    const { clock, slowMs } = this.options;
    const asked = { ...notProbed, address: text(probed.address), checkedAtMs: clock.nowMs() };
    const kept = probed.connection?.closed === false ? probed.connection : null;
    let phase: 'connecting' | 'answering' = 'connecting';
    try {
      const connection = kept ?? (await this.open(probed));
      phase = 'answering';
      const startMs = clock.monotonicMs();
      const apis = await connection.apiVersions();
      probed.metadataVersion = Math.min(apis.get(metadata.key)?.max ?? 0, metadata.request.versions.max);
      const view = await connection.send(metadata, probed.metadataVersion, {
        topics: [],
        allowAutoTopicCreation: false,
      });
      const latencyMs = clock.monotonicMs() - startMs;
      return this.compared(probed.fact, {
        ...asked,
        state: latencyMs > slowMs ? 'slow' : 'answers',
        latencyMs,
        slowInARow: latencyMs > slowMs ? probed.fact.slowInARow + 1 : 0,
        answeredAtMs: asked.checkedAtMs,
        apis: apis.size,
        ...viewOf(view),
      });
    } catch (error) {
      probed.connection?.close();
      probed.connection = null;
      const state = stateAfter(error, phase);
      // A connection kept from the last turn may have ended for reasons of its own: only a new one tells.
      if (kept !== null && state !== 'silent') return this.ask(probed);
      return { ...asked, state, answeredAtMs: probed.fact.answeredAtMs, error: (error as Error).message };
    }
  }

  private async open(probed: Probed): Promise<ProbedConnection> {
    const { clock, timeoutMs, tasks, open = (options) => Connection.open(options) } = this.options;
    const connection = await open({
      ...probed.address,
      clientId: 'gregor-coordinator-probe',
      clock,
      connectTimeoutMs: timeoutMs,
      requestTimeoutMs: timeoutMs,
      signal: tasks.signal,
    });
    probed.connection = connection;
    return connection;
  }

  private compared(before: ProbeFact, fact: ProbeFact): ProbeFact {
    const expected = this.options.expected();
    if (!expected) return fact;
    return {
      ...fact,
      controllerDiffers: fact.seesControllerId === expected.controllerId ? 0 : before.controllerDiffers + 1,
      brokersDiffer: sameIds(fact.seesBrokers ?? [], expected.brokerIds) ? 0 : before.brokersDiffer + 1,
    };
  }

  private take(probed: Probed, fact: ProbeFact): void {
    const before = probed.fact;
    probed.fact = fact;
    const differs = (one: ProbeFact): string =>
      JSON.stringify([
        one.state,
        one.seesControllerId,
        one.seesBrokers,
        one.controllerDiffers > 1,
        one.brokersDiffer > 1,
        one.slowInARow > 1,
      ]);
    if (differs(before) !== differs(fact)) this.options.onChange();
  }

  private close(): void {
    for (const { connection } of this.probed.values()) connection?.close();
    this.probed.clear();
  }
}

/** Whether a broker has answered after a time, such as that of its registration: then it has started. */
export function hasAnsweredSince(timeMs: number, { answeredAtMs }: ProbeFact): boolean {
  return answeredAtMs !== null && answeredAtMs >= timeMs;
}

/** Whether an answer differs from what stands in ZooKeeper, be it only for a moment. */
export function isStale(fact: ProbeFact): boolean {
  return fact.controllerDiffers > 0 || fact.brokersDiffer > 0;
}

function viewOf(view: MetadataResponse): Pick<ProbeFact, 'seesControllerId' | 'seesBrokers' | 'seesClusterId'> {
  return {
    seesControllerId: view.controllerId < 0 ? null : view.controllerId,
    seesBrokers: view.brokers.map(({ nodeId }) => nodeId).sort((one, other) => one - other),
    seesClusterId: view.clusterId,
  };
}

/** How a failed question counts: who takes a connection and then says nothing hangs, whoever takes none is not there. */
function stateAfter(error: unknown, phase: 'connecting' | 'answering'): BrokerProbe['state'] {
  if (!(error instanceof ConnectionError)) return 'unreachable';
  const code = (error.cause as { code?: string } | undefined)?.code;
  if (phase === 'connecting') return code === 'ECONNREFUSED' ? 'refused' : 'unreachable';
  return code === undefined && error.message.includes(`did not answer`) ? 'silent' : 'unreachable';
}

function sameIds(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((id) => others.includes(id));
}

function text({ host, port }: Address): string {
  return `${host}:${port}`;
}
