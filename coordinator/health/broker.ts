/** Judges a broker: is it registered, does it answer in time, and does it see the cluster that ZooKeeper sees? */
import type { Reason, Verdict } from '../schemas';
import { reason } from './reasons';
import { judge } from './verdict';
import type { ProbeFact } from '../observe/broker-probe';

export interface BrokerFacts {
  readonly brokerId: number;
  readonly registered: boolean;
  /** Replicas assigned to it. */
  readonly replicas: number;
  readonly probe: ProbeFact;
  /** How long ago it registered; null when it is not registered. */
  readonly registeredForMs: number | null;
  /** Whether it has answered since then. */
  readonly hasAnswered: boolean;
  /** As ZooKeeper has them; null when that is not known or too old to hold against a broker. */
  readonly expected: { controllerId: number | null; clusterId: string | null; brokerIds: readonly number[] } | null;
  readonly slowMs: number;
  readonly timeoutMs: number;
}

/** A broker registers before it listens: in between it loads what it was told to lead. */
const STARTING_FOR_MS = 15_000;

interface Start extends Pick<BrokerFacts, 'registeredForMs' | 'hasAnswered'> {
  readonly state: ProbeFact['state'];
}

/** Whether a broker has just registered and takes no connections yet, which is how brokers start. */
export function isStarting({ state, hasAnswered, registeredForMs }: Start): boolean {
  const takesNone = state === 'refused' || state === 'unknown';
  return takesNone && !hasAnswered && registeredForMs !== null && registeredForMs < STARTING_FOR_MS;
}

/**
 * A view that differs for a single probe is on its way: UpdateMetadata takes a moment to arrive. And a single slow answer
 * may be the machine's, or the coordinator's own.
 */
const LASTING_PROBES = 2;

/** @returns unhealthy for a broker that is not there or does not answer, degraded for one that is slow or sees something else */
export function judgeBroker(facts: BrokerFacts): Verdict {
  const { brokerId: id, registered, replicas, probe } = facts;
  const subject = { kind: 'broker', id: String(id) } as const;
  if (!registered) {
    const answers = probe.state === 'answers' || probe.state === 'slow';
    // Without replicas nobody misses it: it has left, perhaps for good.
    const severity = replicas > 0 || answers ? 'critical' : 'warning';
    return judge([reason('BROKER_NOT_REGISTERED', subject, { id, replicas, answers }, severity)]);
  }
  const answer = judgeAnswer(facts, subject);
  return judge([...(answer ? [answer] : []), ...judgeView(facts, subject)]);
}

function judgeAnswer(facts: BrokerFacts, subject: { kind: 'broker'; id: string }): Reason | null {
  const { brokerId: id, probe, slowMs, timeoutMs } = facts;
  const address = probe.address ?? 'an unknown address';
  const error = probe.error ?? 'no reason given';
  if (isStarting({ ...facts, state: probe.state })) return reason('BROKER_STARTING', subject, { id });
  if (probe.state === 'silent') return reason('BROKER_SILENT', subject, { id, timeoutMs });
  if (probe.state === 'refused') return reason('BROKER_REFUSES', subject, { id, address });
  if (probe.state === 'unreachable') return reason('BROKER_UNREACHABLE', subject, { id, address, error });
  if (probe.slowInARow >= LASTING_PROBES)
    return reason('BROKER_SLOW', subject, { id, latencyMs: probe.latencyMs, slowMs });
  if (probe.state === 'unknown')
    return reason('BROKER_NOT_PROBED', subject, { id, why: probe.error ?? 'not asked yet' });
  return null;
}

function judgeView({ brokerId: id, probe, expected }: BrokerFacts, subject: { kind: 'broker'; id: string }): Reason[] {
  if (expected === null || probe.seesBrokers === null) return [];
  const reasons: Reason[] = [];
  const { seesClusterId: cluster, seesBrokers, seesControllerId: sees } = probe;
  const { clusterId, controllerId: controller, brokerIds } = expected;
  if (cluster !== null && clusterId !== null && cluster !== clusterId) {
    reasons.push(reason('BROKER_OTHER_CLUSTER', subject, { id, sees: cluster, clusterId }));
  }
  if (probe.controllerDiffers >= LASTING_PROBES && sees !== controller) {
    reasons.push(reason('BROKER_SEES_OTHER_CONTROLLER', subject, { id, sees, controller }));
  }
  const missing = brokerIds.filter((other) => !seesBrokers.includes(other));
  const extra = seesBrokers.filter((other) => !brokerIds.includes(other));
  if (probe.brokersDiffer >= LASTING_PROBES && missing.length + extra.length > 0) {
    reasons.push(reason('BROKER_SEES_OTHER_BROKERS', subject, { id, missing, extra }));
  }
  return reasons;
}
