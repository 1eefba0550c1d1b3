/** Brokers as they are shown, from all that is known: those registered, those remembered, those that should hold replicas. Pure. */
import { judgeBroker } from '../health/broker';
import type { BrokerView } from '../schemas';
import { hasAnsweredSince, isStale, type ExpectedView, type ProbeFact } from './broker-probe';
import { leaderOf, type ClusterState } from './cluster-state';
import type { Knowledge } from './knowledge';

interface Load {
  leaders: number;
  replicas: number;
  inSync: number;
}

/** In the order of their ids. */
export function brokerViews(knowledge: Knowledge, expected: ExpectedView | null): BrokerView[] {
  const { state, remembered } = knowledge;
  const loads = loadsOf(state);
  const ids = new Set([...state.brokers.keys(), ...remembered.keys(), ...loads.keys()]);
  return [...ids]
    .sort((one, other) => one - other)
    .map((brokerId) => brokerView(brokerId, loads.get(brokerId) ?? noLoad(), knowledge, expected));
}

function brokerView(brokerId: number, load: Load, knowledge: Knowledge, expected: ExpectedView | null): BrokerView {
  const { state, remembered, nowMs, limits } = knowledge;
  const live = state.brokers.get(brokerId);
  const memory = remembered.get(brokerId);
  const known = live ?? memory?.broker;
  const probe = knowledge.probeOf(brokerId);
  return {
    brokerId,
    registered: live !== undefined,
    isController: state.controller?.brokerId === brokerId,
    brokerEpoch: live ? String(live.stat.czxid) : null,
    sessionId: live ? hexId(live.stat.ephemeralOwner) : null,
    registeredAtMs: live?.stat.ctimeMs ?? null,
    lastSeenAtMs: live ? (knowledge.freshness.asOfMs ?? nowMs) : (memory?.lastSeenAtMs ?? null),
    endpoints: (known?.registration.endpoints ?? []).map((endpoint) => ({ ...endpoint })),
    rack: known?.registration.rack ?? null,
    probe: shown(probe),
    httpListener: knowledge.httpListeners.get(brokerId) ?? null,
    ...load,
    logBytes: knowledge.offsets.bytesOf(brokerId),
    verdict: judgeBroker({
      brokerId,
      registered: live !== undefined,
      replicas: load.replicas,
      probe,
      registeredForMs: live ? nowMs - live.stat.ctimeMs : null,
      hasAnswered: live !== undefined && hasAnsweredSince(live.stat.ctimeMs, probe),
      expected,
      slowMs: limits.probeSlowMs,
      timeoutMs: limits.probeTimeoutMs,
    }),
  };
}

function shown(fact: ProbeFact): BrokerView['probe'] {
  const {
    controllerDiffers: _controller,
    brokersDiffer: _brokers,
    slowInARow: _slow,
    answeredAtMs: _,
    ...probe
  } = fact;
  return {
    ...probe,
    seesBrokers: probe.seesBrokers === null ? null : [...probe.seesBrokers],
    staleView: isStale(fact),
  };
}

/** What each broker leads and holds. */
function loadsOf(state: ClusterState): Map<number, Load> {
  const loads = new Map<number, Load>();
  const of = (brokerId: number): Load => {
    let load = loads.get(brokerId);
    if (!load) loads.set(brokerId, (load = noLoad()));
    return load;
  };
  for (const { partitions } of state.topics.values()) {
    for (const partition of partitions) {
      const leader = leaderOf(partition);
      if (leader !== null) of(leader).leaders++;
      for (const brokerId of partition.replicas) of(brokerId).replicas++;
      for (const brokerId of partition.state?.isr ?? []) of(brokerId).inSync++;
    }
  }
  return loads;
}

function noLoad(): Load {
  return { leaders: 0, replicas: 0, inSync: 0 };
}

/** A session's id as the brokers and the flight recorder print it, so that one finds it there; null for none. */
export function hexId(session: Buffer): string | null {
  const isNone = session.length !== 8 || session.readBigUInt64BE() === 0n;
  return isNone ? null : `0x${session.toString('hex')}`;
}
