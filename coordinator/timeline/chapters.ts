/** Which kind of event of the timeline a change of a znode is, and how that is explained. Pure. */
import type { ZnodeChange } from '../schemas';

export interface Chapter {
  readonly name: string;
  /** Of one change. */
  readonly title: string;
  /** Of several; `#` stands for their number. */
  readonly titleOfMany: string;
  readonly explanation: string;
  readonly document: string;
  /** Whether changes that follow each other closely are one step. */
  readonly together: boolean;
  /** `near`: shown only around starts, losses and faults, where it belongs to the story; else it would bury them. */
  readonly weight: 'always' | 'near';
  /** In the lane of ZooKeeper, whoever did it; else in that of the broker, where it is known. */
  readonly byZooKeeper?: true;
  /** The startup event that tells the same. */
  readonly startupEvent?: string;
}

const sequence = 'startup-sequence.md';
const firstBroker = `${sequence}#the-first-broker-of-a-new-cluster`;
const moreBrokers = `${sequence}#more-brokers`;
const topicCreated = `${sequence}#a-topic-is-created`;
const kill = `${sequence}#a-kill`;
const controllersDeath = `${sequence}#the-controllers-death`;

function chapter(
  name: string,
  [title, titleOfMany]: [string, string],
  explanation: string,
  document: string,
  more: Partial<Chapter> = {},
): Chapter {
  return { name, title, titleOfMany, explanation, document, together: true, weight: 'always', ...more };
}

const sessionOpened = chapter(
  'session opened',
  ['Session opened', '# sessions opened'],
  'A client, mostly a broker, opened a session; ZooKeeper keeps it while it hears from its owner in time.',
  firstBroker,
  { byZooKeeper: true, together: false, weight: 'near' },
);

const sessionClosed = chapter(
  'session closed',
  ['Session ended', '# sessions ended'],
  'Closed by its owner, by another broker that fenced it, or by ZooKeeper, which had not heard from it for too long. Its ephemeral znodes vanish with it.',
  kill,
  { byZooKeeper: true, together: false, weight: 'near' },
);

const directories = chapter(
  'directories created',
  ['Top-level znode created', '# top-level znodes created'],
  'Every broker makes sure of the top-level znodes when it starts; only the first one finds them missing.',
  firstBroker,
);

const clusterId = chapter(
  'cluster id created',
  ['The cluster gets its id', 'The cluster gets its id'],
  'The first broker ever makes up the id of the cluster; all later ones read it.',
  firstBroker,
  { together: false },
);

const registered = chapter(
  'broker registered',
  ['Is registered', 'Is registered'],
  'The ephemeral znode /brokers/ids/<id> says that the broker is alive and where it listens. The zxid of its creation is the broker epoch.',
  moreBrokers,
  { together: false, startupEvent: 'broker registered' },
);

const registrationChanged = chapter(
  'registration changed',
  ['Changes its registration', 'Changes its registration'],
  'Where the broker listens was written anew.',
  moreBrokers,
  { weight: 'near' },
);

const unregistered = chapter(
  'broker gone',
  ['Is no longer registered', 'Is no longer registered'],
  'Its session has ended, orderly or not, and with it the registration. The controller sees it and gives its partitions to others.',
  kill,
  { together: false },
);

const elected = chapter(
  'controller elected',
  ['Becomes the controller', 'Becomes the controller'],
  'It was the first to create /controller, and in the same step raised the controller epoch.',
  controllersDeath,
  { together: false, startupEvent: 'controller elected' },
);

const resigned = chapter(
  'controller gone',
  ['No controller any more', 'No controller any more'],
  'The ephemeral /controller has vanished. All brokers that watch it now try to create it; one succeeds.',
  controllersDeath,
  { together: false, byZooKeeper: true },
);

const topicMade = chapter(
  'topic created',
  ['Topic created', '# topics created'],
  'The znode of the topic says which brokers hold which replicas. The controller watches, and makes the partitions.',
  topicCreated,
);

const partitionsBegin = chapter(
  'partitions begin',
  ['Partition begins', '# partitions begin'],
  'The controller has chosen the first leader of each partition, and tells the brokers.',
  topicCreated,
);

const leaders = chapter(
  'leaders elected',
  ['Leader elected', '# leaders elected'],
  'The controller has written who leads now. Producers and consumers go on as soon as the brokers have been told.',
  controllersDeath,
  { weight: 'near' },
);

const isr = chapter(
  'ISR changed',
  ['ISR changed', 'ISR of # partitions changed'],
  'Replicas fell behind or were lost, or have caught up; only those in the ISR can become leaders without loss.',
  'replication.md#the-isr-shrinks-and-grows',
  { weight: 'near' },
);

const topicDeleted = chapter(
  'topic deleted',
  ['Topic deleted', '# topics deleted'],
  'Brokers have deleted their replicas, and the controller the znodes.',
  topicCreated,
);

const fence = chapter(
  'fast fence',
  ['Brokers agree that one is dead', 'Brokers agree that one is dead'],
  'Gregor brokers that were refused ask the others, vote, and one closes the session of the dead broker at once.',
  kill,
  { weight: 'near' },
);

const settings = chapter(
  'settings changed',
  ['Settings changed', 'Settings changed (# znodes)'],
  'Settings were written, and a notification tells all brokers to read them again.',
  topicCreated,
  { weight: 'near' },
);

const producerIds = chapter(
  'producer ids',
  ['Producer ids given out', 'Producer ids given out # times'],
  'A broker got a block of ids for idempotent producers.',
  `${sequence}#the-first-record-and-a-groups-first-commit`,
  { weight: 'near' },
);

const other = chapter(
  'znodes written',
  ['Znode written', '# znodes written'],
  'Other writes of the same moment.',
  firstBroker,
  { weight: 'near' },
);

/** All of them, for the test that their documents exist. */
export const chapters: readonly Chapter[] = [
  sessionOpened,
  sessionClosed,
  directories,
  clusterId,
  registered,
  registrationChanged,
  unregistered,
  elected,
  resigned,
  topicMade,
  partitionsBegin,
  leaders,
  isr,
  topicDeleted,
  fence,
  settings,
  producerIds,
  other,
];

const TOP_LEVEL =
  /^\/(consumers|cluster|feature|admin|brokers|config|gregor|isr_change_notification|log_dir_event_notification|latest_producer_id_block|controller_epoch|(brokers|admin|config|gregor)\/(ids|topics|seqid|delete_topics|changes|clients|users|brokers|ips|sessions|suspects|fences))$/;

/** Null for what another change of the same moment tells already. */
export function chapterOf(change: ZnodeChange): { chapter: Chapter; brokerId: number | null } | null {
  const { kind, path } = change;
  if (kind === 'session-opened') return found(sessionOpened);
  if (kind === 'session-closed') return found(sessionClosed);
  const broker = /^\/brokers\/ids\/(\d+)$/.exec(path);
  if (broker) return registration(change, Number(broker[1]));
  if (path === '/controller') return controller(change);
  // In the same step as the election, as the registration and the session of a broker.
  if (path === '/controller_epoch' && kind === 'changed') return null;
  if (path.startsWith('/gregor/sessions/')) return null;
  if (path === '/cluster/id') return kind === 'created' ? found(clusterId) : found(other);
  if (kind === 'created' && TOP_LEVEL.test(path)) return found(directories);
  if (/^\/gregor\/(suspects|fences)\//.test(path)) return kind === 'deleted' ? null : found(fence);
  if (path === '/latest_producer_id_block') return found(producerIds);
  return topicChapter(change);
}

function topicChapter({ kind, path, differences, after }: ZnodeChange): { chapter: Chapter; brokerId: null } | null {
  if (/^\/brokers\/topics\/[^/]+\/partitions\/\d+\/state$/.test(path)) {
    if (kind === 'created') return found(partitionsBegin);
    if (kind === 'deleted') return null;
    const election = after === null || differences.some(({ path: key }) => key === 'leader');
    return found(election ? leaders : isr);
  }
  if (/^\/brokers\/topics\/[^/]+$/.test(path)) {
    return found(kind === 'created' ? topicMade : kind === 'deleted' ? topicDeleted : other);
  }
  // The folders of partitions say nothing that their states do not.
  if (path.startsWith('/brokers/topics/')) return null;
  if (/^\/config\/(topics|brokers)\//.test(path)) return kind === 'changed' ? found(settings) : null;
  if (path.startsWith('/config/changes/') || path.startsWith('/admin/delete_topics/')) return null;
  return found(other);
}

function registration(
  { kind, multiIndex }: ZnodeChange,
  brokerId: number,
): { chapter: Chapter; brokerId: number } | null {
  if (kind === 'created') return { chapter: registered, brokerId };
  if (kind === 'deleted') return { chapter: unregistered, brokerId };
  // Registration is create and set in one transaction.
  return multiIndex === null ? { chapter: registrationChanged, brokerId } : null;
}

function controller({ kind, after, owner }: ZnodeChange): { chapter: Chapter; brokerId: number | null } {
  if (kind === 'deleted') return { chapter: resigned, brokerId: null };
  const id = /"brokerid"\s*:\s*(\d+)/.exec(after?.text ?? '')?.[1];
  return { chapter: elected, brokerId: id === undefined ? (owner?.brokerId ?? null) : Number(id) };
}

function found(chapterFound: Chapter): { chapter: Chapter; brokerId: null } {
  return { chapter: chapterFound, brokerId: null };
}
