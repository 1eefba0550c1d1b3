/**
 * What the parts of the coordinator see of each other. server.ts builds them in this order; whatever is below may use
 * what is above. Everything here is safe to call while ZooKeeper or brokers are away: answers then say how old they are.
 */
import type { Admin, Kafka, Producer } from 'kafkajs';
import type { ClusterClient } from '../client';
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import type { Metrics } from '../runtime/metrics';
import type { TaskGroup } from '../runtime/task-group';
import type { CoordinatorConfig } from '../settings/coordinator';
import type { Stat, ZooKeeperClient } from '../zookeeper';
import type {
  ClusterView,
  EventList,
  Fault,
  FaultAction,
  FaultsView,
  FaultTarget,
  Freshness,
  GroupDetail,
  GroupList,
  LessonList,
  LessonRun,
  LiveEvent,
  RecordFlow,
  SessionOwner,
  Timeline,
  TopicDetail,
  TopicList,
  ZnodeChange,
  ZnodeHistory,
  ZnodeView,
  ZooKeeperServerView,
} from './schemas';

/** What every part gets. */
export interface Ground {
  readonly config: CoordinatorConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tasks: TaskGroup;
}

/** Events for the live stream: a bounded memory of the newest, by growing id. */
export interface EventHub {
  publish(type: LiveEvent['type'], subject: string | null, text: string, data?: unknown): LiveEvent;
  /** Events after an id, the oldest first; begins with one of type `lost` when some in between are no longer kept. */
  list(afterId: number, limit: number): EventList;
  /** Returns a function that takes the listener off again. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
}

export interface Znode {
  readonly path: string;
  readonly data: Buffer | null;
  readonly stat: Stat;
  /** Names of the children. */
  readonly children: ReadonlySet<string>;
}

/** A change of the tree as the watches told it. */
export interface TreeChange {
  readonly kind: 'created' | 'changed' | 'deleted';
  readonly path: string;
  readonly before: Znode | null;
  readonly after: Znode | null;
  /** When the coordinator learned of it. */
  readonly atMs: number;
  /** Versions of the data in between that nobody saw. */
  readonly missedVersions: number;
}

/** The znodes as last read, through the coordinator's own session. */
export interface ZnodeTree {
  /** Number of nodes. */
  readonly size: number;
  /** Whether the whole tree has been read once. */
  readonly ready: boolean;
  get(path: string): Znode | undefined;
  freshness(): Freshness;
  /** Called once, when the whole tree has been read for the first time; at once when it has been already. */
  onReady(listener: () => void): () => void;
  /** Called synchronously for every change but the first whole read. Returns a function that takes it off again. */
  onChange(listener: (change: TreeChange) => void): () => void;
  /** The watches lapsed (expired session): changes may have been missed between the two times. */
  onGap(listener: (gap: { fromMs: number; toMs: number; why: string }) => void): () => void;
}

/** What ZooKeeper's servers answered to four-letter words when they were asked last; one entry per server of zookeeper.connect. */
export interface ZooKeeperProbe {
  servers(): ZooKeeperServerView[];
  /** Called after each round of questions. Returns a function that takes the listener off again. */
  onUpdate(listener: () => void): () => void;
}

/** Ways to talk to the brokers; each finds them through the registrations in ZooKeeper. */
export interface KafkaAccess {
  /** `host:port` of one broker on the listener that the coordinator uses; null when it is not registered. */
  addressOf(brokerId: number): { host: string; port: number } | null;
  /** `host:port,…` of all registered brokers. @throws NoBrokers when there are none */
  bootstrapServers(): string;
  /** Connected; shared, not to be disconnected by who asks. Rejects within probe.timeout.ms when no broker answers. */
  admin(): Promise<Admin>;
  producer(): Promise<Producer>;
  /** A new client, for consumers of a lesson. */
  kafka(clientId: string): Kafka;
  /** Our own wire client: for what kafkajs does not know. Shared. */
  wire(): ClusterClient;
}

/** What the observation is made from; `faultsActive` counts faults on purpose that are under way. */
export type ObservationParts = Pick<CoordinatorParts, 'zookeeper' | 'tree' | 'zookeeperProbe' | 'kafka' | 'events'> & {
  readonly faultsActive?: () => number;
};

/**
 * The cluster as pieced together from the tree, the probes and the polled offsets. Made by observe/observation.ts'
 * `createObservation(ground, parts)`, which also publishes `health`, `group` and `view` events and declares the metrics.
 * All calls are synchronous.
 */
export interface Observation {
  cluster(): ClusterView;
  topics(): TopicList;
  topic(name: string): TopicDetail | null;
  groups(): GroupList;
  group(groupId: string): GroupDetail | null;
  /** @param sinceMs records that were appended before are left out */
  flow(sinceMs: number): RecordFlow;
  /** Polls offsets, sizes and groups now instead of at the next turn; resolves when done. */
  refresh(): Promise<void>;
  /** Called after each change of any of the above, at most a few times a second. */
  onUpdate(listener: () => void): () => void;
}

export interface HistoryQuery {
  /** Only this path, or with `below` also everything under it. */
  path?: string;
  below?: boolean;
  /** Only changes after or before this sequence number. */
  after?: number;
  before?: number;
  limit: number;
  /** The newest first when given, else the oldest. */
  newestFirst?: boolean;
}

/** Every change of a znode, kept on disk within a bound. */
export interface FlightRecorder {
  history(query: HistoryQuery): Promise<ZnodeHistory>;
  /** One node as it stood right after the change with this sequence number; null when it did not exist or is not known. */
  nodeAt(path: string, sequence: number): Promise<ZnodeView | null>;
  /** What stood in ZooKeeper at the beginning of what is kept, and whether that is the whole tree. */
  onChange(listener: (change: ZnodeChange) => void): () => void;
}

export interface TimelineSource {
  timeline(): Promise<Timeline>;
  /** The same as a picture: a whole SVG document. */
  svg(): Promise<string>;
}

export interface FaultControl {
  readonly kind: 'supervisor' | 'docker';
  targets(): Promise<FaultTarget[]>;
  /** Resolves when it is done (killed, paused, cut …), not when the cluster has recovered. */
  perform(target: string, action: FaultAction): Promise<void>;
}

export interface Faults {
  view(): Promise<FaultsView>;
  /** @throws ApiError FAULTS_DISABLED, UNKNOWN_TARGET, ACTION_NOT_POSSIBLE */
  perform(target: string, action: FaultAction): Promise<Fault>;
  active(): number;
}

export interface Lessons {
  list(): LessonList;
  /** Starts a lesson; its steps are done one by one. Another run that is under way ends. */
  begin(lessonId: string): Promise<LessonRun>;
  run(runId: number): LessonRun | null;
  /** Does the next step; resolves when it has ended. */
  step(runId: number): Promise<LessonRun>;
  /** Ends a run and removes what it made. */
  end(runId: number): Promise<LessonRun>;
}

/** Who a ZooKeeper session belongs to. */
export type OwnerOf = (session: Buffer) => SessionOwner;

/** Everything that a route may use. */
export interface CoordinatorParts extends Ground {
  readonly zookeeper: ZooKeeperClient;
  readonly tree: ZnodeTree;
  readonly ownerOf: OwnerOf;
  readonly events: EventHub;
  readonly zookeeperProbe: ZooKeeperProbe;
  readonly kafka: KafkaAccess;
  readonly observation: Observation;
  readonly recorder: FlightRecorder;
  readonly timeline: TimelineSource;
  readonly faults: Faults;
  readonly lessons: Lessons;
  /** The token that actions need. */
  readonly token: string;
}
