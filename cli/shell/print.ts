/** How the ZooKeeper shell shows what it found: stats, events, errors, in the form of ZooKeeper's own. */
import type { SessionState, Stat, WatchEvent, ZkCode, ZkError } from '../../zookeeper';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** `Sat Nov 21 04:16:41 UTC 2026`, in the zone of the machine. */
export function javaDate(timeMs: number): string {
  const date = new Date(timeMs);
  const zone = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' })
    .formatToParts(date)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const day = `${WEEKDAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${twoDigits(date.getDate())}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return `${day} ${time} ${zone} ${date.getFullYear()}`;
}

/** The eleven lines of a znode's metadata. */
export function statText(stat: Stat): string {
  return [
    `cZxid = 0x${stat.czxid.toString(16)}`,
    `ctime = ${javaDate(stat.ctimeMs)}`,
    `mZxid = 0x${stat.mzxid.toString(16)}`,
    `mtime = ${javaDate(stat.mtimeMs)}`,
    `pZxid = 0x${stat.pzxid.toString(16)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = 0x${stat.ephemeralOwner.readBigUInt64BE().toString(16)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
    '',
  ].join('\n');
}

const EVENT_TYPES: Record<WatchEvent['type'], string> = {
  created: 'NodeCreated',
  deleted: 'NodeDeleted',
  data: 'NodeDataChanged',
  children: 'NodeChildrenChanged',
};

const STATES: Record<Exclude<SessionState, 'connecting'>, string> = {
  connected: 'SyncConnected',
  disconnected: 'Disconnected',
  expired: 'Expired',
  closed: 'Closed',
};

/** A watch that has fired. */
export function eventText(event: WatchEvent): string {
  return eventLines('SyncConnected', EVENT_TYPES[event.type], event.path);
}

/** A change of the session; nothing for its first attempt to connect. */
export function stateText(state: SessionState): string {
  return state === 'connecting' ? '' : eventLines(STATES[state], 'None', 'null');
}

function eventLines(state: string, type: string, path: string): string {
  return `\nWATCHER::\n\nWatchedEvent state:${state} type:${type} path:${path}\n`;
}

/** Errors that ZooKeeper's shell tells in words. A wrong version is told in exactly this odd way. */
const SENTENCES: Partial<Record<ZkCode, string>> = {
  NO_NODE: 'Node does not exist: ',
  NODE_EXISTS: 'Node already exists: ',
  NOT_EMPTY: 'Node not empty: ',
  NO_CHILDREN_FOR_EPHEMERALS: 'Ephemerals cannot have children: ',
  NO_AUTH: 'Insufficient permission : ',
  BAD_VERSION: 'version No is not valid : ',
};

/** The others as KeeperException names them. */
const EXCEPTION_NAMES: Partial<Record<ZkCode, string>> = {
  CONNECTION_LOSS: 'ConnectionLoss',
  SESSION_EXPIRED: 'Session expired',
  MARSHALLING_ERROR: 'MarshallingError',
  UNIMPLEMENTED: 'Unimplemented',
  OPERATION_TIMEOUT: 'OperationTimeout',
  BAD_ARGUMENTS: 'BadArguments',
  INVALID_ACL: 'InvalidACL',
  AUTH_FAILED: 'AuthFailed',
  SESSION_MOVED: 'Session moved',
  NOT_READ_ONLY: 'Not a read-only call',
  QUOTA_EXCEEDED: 'Quota has exceeded',
  THROTTLED_OP: 'Op throttled due to high load',
};

/** @param path what the command was about */
export function zkErrorText(error: ZkError, path: string): string {
  const sentence = SENTENCES[error.code];
  if (sentence) return `${sentence}${error.path ?? path}`;
  return `KeeperErrorCode = ${EXCEPTION_NAMES[error.code] ?? error.code} for ${error.path ?? path}`;
}
