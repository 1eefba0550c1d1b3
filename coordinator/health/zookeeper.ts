/** Judges ZooKeeper: does the coordinator's own session stand, and what do the servers say of themselves? */
import type { Reason, Verdict, ZooKeeperServerView } from '../schemas';
import { reason } from './reasons';
import { judge } from './verdict';

export interface ZooKeeperFacts {
  readonly connectString: string;
  readonly connected: boolean;
  /** Age of what is known, null when nothing is; and whether that is longer than it takes to be told of a change. */
  readonly ageMs: number | null;
  readonly stale: boolean;
  readonly servers: readonly ZooKeeperServerView[];
}

/** An average over the server's whole life: once it is that high, it has been slow for long. */
const SLOW_AVERAGE_MS = 100;
/** ruok and srvr wait for nothing: a server that takes this long for them is busy or starved. */
const SLOW_ANSWER_MS = 1_000;
const MANY_OUTSTANDING = 10;

/** @returns unhealthy when it cannot be reached, hangs or has no leader, degraded when a server is away or slow */
export function judgeZooKeeper({ connectString, connected, ageMs, stale, servers }: ZooKeeperFacts): Verdict {
  const reasons = servers.flatMap((server) => judgeServer(server));
  const subject = { kind: 'zookeeper', id: connectString } as const;
  // A process that hangs keeps its connections for as long as a session lasts. A word alone may fail for reasons of its own.
  const hangs = stale && servers.length > 0 && servers.every(({ state }) => state === 'unreachable');
  if (!connected || hangs) reasons.unshift(reason('ZOOKEEPER_UNREACHABLE', subject, { ageMs, connected }));
  const modes = servers.map(({ mode }) => mode);
  const ensemble = modes.length > 1 && modes.every((mode) => mode !== null && mode !== 'standalone');
  if (ensemble && !modes.includes('leader')) reasons.unshift(reason('ZOOKEEPER_NO_LEADER', subject, {}));
  return judge(reasons);
}

function judgeServer(server: ZooKeeperServerView): Reason[] {
  const { address } = server;
  const subject = { kind: 'zookeeper', id: address } as const;
  if (server.state === 'unreachable') {
    return [reason('ZOOKEEPER_SERVER_AWAY', subject, { address, error: server.error ?? 'no connection' })];
  }
  if (server.state === 'unknown') return [];
  const reasons: Reason[] = [];
  if (server.state === 'answers' && server.ruok === false)
    reasons.push(reason('ZOOKEEPER_NOT_OK', subject, { address }));
  if (server.figuresFrom === 'none') reasons.push(reason('ZOOKEEPER_FIGURES_UNKNOWN', subject, { address }));
  const averageMs = server.latencyMs?.avg ?? 0;
  const answerMs = server.answerMs ?? 0;
  if (averageMs >= SLOW_AVERAGE_MS || answerMs >= SLOW_ANSWER_MS) {
    const slowest = averageMs >= SLOW_AVERAGE_MS ? averageMs : answerMs;
    reasons.push(reason('ZOOKEEPER_SLOW', subject, { address, averageMs: slowest }));
  }
  const requests = server.outstandingRequests ?? 0;
  if (requests >= MANY_OUTSTANDING) reasons.push(reason('ZOOKEEPER_OUTSTANDING', subject, { address, requests }));
  return reasons;
}
