/**
 * ZooKeeper's error codes by name, and the one error class that operations reject with.
 * Source: org.apache.zookeeper.KeeperException.Code.
 */

const CODE_NUMBERS = {
  OK: 0,
  SYSTEM_ERROR: -1,
  RUNTIME_INCONSISTENCY: -2,
  DATA_INCONSISTENCY: -3,
  CONNECTION_LOSS: -4,
  MARSHALLING_ERROR: -5,
  UNIMPLEMENTED: -6,
  OPERATION_TIMEOUT: -7,
  BAD_ARGUMENTS: -8,
  UNKNOWN_SESSION: -12,
  NEW_CONFIG_NO_QUORUM: -13,
  RECONFIG_IN_PROGRESS: -14,
  API_ERROR: -100,
  NO_NODE: -101,
  NO_AUTH: -102,
  BAD_VERSION: -103,
  NO_CHILDREN_FOR_EPHEMERALS: -108,
  NODE_EXISTS: -110,
  NOT_EMPTY: -111,
  SESSION_EXPIRED: -112,
  INVALID_CALLBACK: -113,
  INVALID_ACL: -114,
  AUTH_FAILED: -115,
  SESSION_MOVED: -118,
  NOT_READ_ONLY: -119,
  EPHEMERAL_ON_LOCAL_SESSION: -120,
  NO_WATCHER: -121,
  REQUEST_TIMEOUT: -122,
  RECONFIG_DISABLED: -123,
  SESSION_CLOSED_REQUIRE_SASL_AUTH: -124,
  QUOTA_EXCEEDED: -125,
  THROTTLED_OP: -127,
} as const;

/** The name of a ZooKeeper result. `UNKNOWN`: a code that no ZooKeeper release we know of defines. `CLOSED`: ours, the client was closed. */
export type ZkCode = keyof typeof CODE_NUMBERS | 'UNKNOWN' | 'CLOSED';

const NAMES = new Map<number, ZkCode>(
  Object.entries(CODE_NUMBERS).map(([name, code]) => [code, name as keyof typeof CODE_NUMBERS]),
);

/** The name of a code on the wire; `UNKNOWN` for codes we do not know (a newer server may send some). */
export function codeName(code: number): ZkCode {
  return NAMES.get(code) ?? 'UNKNOWN';
}

/** The number of a code on the wire; names of our own have none and give SYSTEM_ERROR's. */
export function codeNumber(name: ZkCode): number {
  return name === 'UNKNOWN' || name === 'CLOSED' ? CODE_NUMBERS.SYSTEM_ERROR : CODE_NUMBERS[name];
}

/** Why an operation failed. */
export class ZkError extends Error {
  /**
   * @param path the znode concerned, below the chroot; null when the failure belongs to no path
   * @param detail what else is worth knowing, e.g. the number of an unknown code
   */
  constructor(
    readonly code: ZkCode,
    readonly path: string | null = null,
    detail = '',
  ) {
    super(`ZooKeeper answered ${code}${path === null ? '' : ` for ${path}`}${detail === '' ? '' : ` (${detail})`}`);
    this.name = 'ZkError';
  }
}

/** Whether `error` is a ZooKeeper error with that code. */
export function isZkError(error: unknown, code: ZkCode): error is ZkError {
  return error instanceof ZkError && error.code === code;
}
