/** The cluster as the coordinator sees it: brokers, controller, ZooKeeper, and the verdict over all. */
import { Type, type Static } from '@sinclair/typebox';
import { BrokerId, Freshness, Long, Nullable, OneOf, SessionId, TimeMs, Verdict, Zxid } from './common';

/** What a broker answered to ApiVersions and Metadata over the wire. */
export const BrokerProbe = Type.Object(
  {
    /** `silent`: connected, but no answer within the limit; `refused`: nothing listens; `unreachable`: no connection in time. */
    state: OneOf('answers', 'slow', 'silent', 'refused', 'unreachable', 'unknown'),
    address: Nullable(Type.String({ description: 'host:port that was asked' })),
    latencyMs: Nullable(Type.Number()),
    checkedAtMs: Nullable(TimeMs),
    error: Nullable(Type.String()),
    apis: Nullable(Type.Integer({ description: 'How many API keys the broker serves' })),
    /** The cluster in the eyes of this broker; null when it did not answer. */
    seesControllerId: Nullable(BrokerId),
    seesBrokers: Nullable(Type.Array(BrokerId)),
    seesClusterId: Nullable(Type.String()),
    staleView: Type.Boolean({ description: 'Its Metadata differs from what stands in ZooKeeper' }),
  },
  { $id: 'BrokerProbe' },
);
export type BrokerProbe = Static<typeof BrokerProbe>;

export const BrokerView = Type.Object(
  {
    brokerId: BrokerId,
    registered: Type.Boolean({ description: 'Whether /brokers/ids/<id> exists' }),
    isController: Type.Boolean(),
    brokerEpoch: Nullable(Long),
    sessionId: Nullable(SessionId),
    registeredAtMs: Nullable(TimeMs),
    lastSeenAtMs: Nullable(TimeMs),
    endpoints: Type.Array(
      Type.Object({
        listener: Type.String(),
        securityProtocol: Type.String(),
        host: Type.String(),
        port: Type.Integer(),
      }),
    ),
    rack: Nullable(Type.String()),
    probe: BrokerProbe,
    /** Whether it has the HTTP listener that tells startup events, traces and metrics; a Gregor broker with gregor.http.listener. */
    httpListener: Nullable(Type.String({ description: 'host:port' })),
    leaders: Type.Integer({ description: 'Partitions that it leads' }),
    replicas: Type.Integer({ description: 'Replicas assigned to it' }),
    inSync: Type.Integer({ description: 'Replicas of it that are in the ISR' }),
    logBytes: Nullable(Type.Number({ description: 'Bytes of all its replicas' })),
    verdict: Verdict,
  },
  { $id: 'BrokerView' },
);
export type BrokerView = Static<typeof BrokerView>;

export const ControllerView = Type.Object(
  {
    brokerId: Nullable(BrokerId),
    controllerEpoch: Nullable(Type.Integer()),
    controllerEpochZkVersion: Nullable(Type.Integer()),
    sinceMs: Nullable(TimeMs),
    czxid: Nullable(Zxid),
    sessionId: Nullable(SessionId),
    verdict: Verdict,
  },
  { $id: 'ControllerView' },
);
export type ControllerView = Static<typeof ControllerView>;

/** One ZooKeeper server, from its four-letter words; what it does not allow is null. */
export const ZooKeeperServerView = Type.Object(
  {
    address: Type.String(),
    state: OneOf('answers', 'not-allowed', 'unreachable', 'unknown'),
    ruok: Nullable(Type.Boolean()),
    /** Which word the figures are from. */
    figuresFrom: OneOf('mntr', 'srvr', 'none'),
    version: Nullable(Type.String()),
    mode: Nullable(OneOf('leader', 'follower', 'observer', 'standalone', 'read-only')),
    latencyMs: Nullable(Type.Object({ min: Type.Number(), avg: Type.Number(), max: Type.Number() })),
    outstandingRequests: Nullable(Type.Integer()),
    connections: Nullable(Type.Integer()),
    sessions: Nullable(Type.Integer()),
    znodes: Nullable(Type.Integer()),
    watches: Nullable(Type.Integer()),
    ephemerals: Nullable(Type.Integer()),
    checkedAtMs: Nullable(TimeMs),
    answerMs: Nullable(Type.Number({ description: 'How long ruok or srvr took' })),
    error: Nullable(Type.String()),
  },
  { $id: 'ZooKeeperServerView' },
);
export type ZooKeeperServerView = Static<typeof ZooKeeperServerView>;

export const ZooKeeperView = Type.Object(
  {
    connectString: Type.String(),
    session: Type.Object({
      state: OneOf('connecting', 'connected', 'disconnected', 'expired', 'closed'),
      sessionId: Nullable(SessionId),
      timeoutMs: Type.Integer(),
      sinceMs: Nullable(TimeMs),
    }),
    servers: Type.Array(ZooKeeperServerView),
    /** Znodes that the coordinator holds in memory. */
    knownZnodes: Type.Integer(),
    verdict: Verdict,
  },
  { $id: 'ZooKeeperView' },
);
export type ZooKeeperView = Static<typeof ZooKeeperView>;

/** The first thing that a page asks: everything of the overview but the single topics and groups. */
export const ClusterView = Type.Object(
  {
    clusterId: Nullable(Type.String()),
    freshness: Freshness,
    nowMs: TimeMs,
    verdict: Verdict,
    controller: ControllerView,
    brokers: Type.Array(BrokerView),
    zookeeper: ZooKeeperView,
    counts: Type.Object({
      brokers: Type.Integer(),
      topics: Type.Integer(),
      internalTopics: Type.Integer(),
      partitions: Type.Integer(),
      offline: Type.Integer(),
      underReplicated: Type.Integer(),
      underMinIsr: Type.Integer(),
      atMinIsr: Type.Integer(),
      leaderNotPreferred: Type.Integer(),
      groups: Nullable(Type.Integer()),
      totalLag: Nullable(Type.Number()),
    }),
    faultsActive: Type.Integer({ description: 'Faults on purpose that are under way' }),
  },
  { $id: 'ClusterView' },
);
export type ClusterView = Static<typeof ClusterView>;

export const BrokerList = Type.Object({ freshness: Freshness, brokers: Type.Array(BrokerView) }, { $id: 'BrokerList' });
export type BrokerList = Static<typeof BrokerList>;

/** `GET /health`: 200 unless unhealthy, then 503. */
export const HealthAnswer = Type.Object(
  { status: Verdict.properties.verdict, reasons: Verdict.properties.reasons, freshness: Freshness },
  { $id: 'HealthAnswer' },
);
export type HealthAnswer = Static<typeof HealthAnswer>;

/** `GET /ready`: 200 once the tree of znodes has been read, 503 until then. */
export const ReadyAnswer = Type.Object(
  { ready: Type.Boolean(), why: Nullable(Type.String({ description: 'Why it is not ready' })) },
  { $id: 'ReadyAnswer' },
);
export type ReadyAnswer = Static<typeof ReadyAnswer>;
