/**
 * Every error code of the wire protocol, listed once: name, code, whether a client may try again, and what it means.
 * An error inside a response is such a value; KafkaError carries one through code that throws.
 */

export interface WireError {
  readonly name: string;
  readonly code: number;
  readonly retriable: boolean;
  readonly meaning: string;
}

/** code, retriable, meaning */
const table = {
  UNKNOWN_SERVER_ERROR: [-1, false, 'The broker ran into something unexpected; its log tells more.'],
  NONE: [0, false, 'No error.'],
  OFFSET_OUT_OF_RANGE: [1, false, 'The offset lies before the log start offset or behind the log end offset.'],
  CORRUPT_MESSAGE: [2, true, 'A record batch is damaged: its checksum or its structure is wrong.'],
  UNKNOWN_TOPIC_OR_PARTITION: [3, true, 'This broker does not know the topic or hosts no such partition.'],
  INVALID_FETCH_SIZE: [4, false, 'The fetch size is not usable.'],
  LEADER_NOT_AVAILABLE: [5, true, 'The partition has no leader at the moment.'],
  NOT_LEADER_OR_FOLLOWER: [
    6,
    true,
    'This broker does not lead the partition, or has no replica of it; ask for the metadata again.',
  ],
  REQUEST_TIMED_OUT: [7, true, 'The time given for the request has passed.'],
  BROKER_NOT_AVAILABLE: [8, false, 'No such broker is alive.'],
  REPLICA_NOT_AVAILABLE: [9, true, 'The replica that was asked for is not here.'],
  MESSAGE_TOO_LARGE: [10, false, 'The record batch is larger than max.message.bytes of the topic allows.'],
  STALE_CONTROLLER_EPOCH: [11, false, 'The request comes from a controller that has been replaced.'],
  OFFSET_METADATA_TOO_LARGE: [12, false, 'The text stored with an offset is longer than offset.metadata.max.bytes.'],
  NETWORK_EXCEPTION: [13, true, 'The connection broke before the answer came.'],
  COORDINATOR_LOAD_IN_PROGRESS: [14, true, 'The coordinator is still reading its partition of the internal topic.'],
  COORDINATOR_NOT_AVAILABLE: [15, true, 'The coordinator is not reachable, or its internal topic does not exist yet.'],
  NOT_COORDINATOR: [16, true, 'Another broker coordinates this group or transactional id.'],
  INVALID_TOPIC_EXCEPTION: [17, false, 'The name is no valid topic name, or the topic may not be used this way.'],
  RECORD_LIST_TOO_LARGE: [18, false, 'The batch is larger than a log segment may be.'],
  NOT_ENOUGH_REPLICAS: [19, true, 'The ISR is smaller than min.insync.replicas; nothing was written.'],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: [
    20,
    true,
    'The ISR became smaller than min.insync.replicas after the records were written to the leader.',
  ],
  INVALID_REQUIRED_ACKS: [21, false, 'acks is neither 0 nor 1 nor all.'],
  ILLEGAL_GENERATION: [22, false, 'The generation is not the current one of the group.'],
  INCONSISTENT_GROUP_PROTOCOL: [
    23,
    false,
    "The member shares no protocol with the group, or names a protocol that is not the group's.",
  ],
  INVALID_GROUP_ID: [24, false, 'The group id is empty or not allowed here.'],
  UNKNOWN_MEMBER_ID: [25, false, 'The group has no member with this id.'],
  INVALID_SESSION_TIMEOUT: [
    26,
    false,
    'The session time-out is outside of group.min.session.timeout.ms and group.max.session.timeout.ms.',
  ],
  REBALANCE_IN_PROGRESS: [27, false, 'The group is rebalancing; join it again.'],
  INVALID_COMMIT_OFFSET_SIZE: [28, false, 'The offsets to commit are too large for one batch.'],
  TOPIC_AUTHORIZATION_FAILED: [29, false, 'The client may not do this with the topic.'],
  GROUP_AUTHORIZATION_FAILED: [30, false, 'The client may not do this with the group.'],
  CLUSTER_AUTHORIZATION_FAILED: [31, false, 'The client may not do this with the cluster.'],
  INVALID_TIMESTAMP: [32, false, "The time stamp of a record is too far from the broker's clock."],
  UNSUPPORTED_SASL_MECHANISM: [33, false, 'The broker does not offer this SASL mechanism.'],
  ILLEGAL_SASL_STATE: [34, false, 'The request does not fit the state of the SASL exchange.'],
  UNSUPPORTED_VERSION: [35, false, 'The broker does not speak this version of the API.'],
  TOPIC_ALREADY_EXISTS: [36, false, 'There is a topic of this name already.'],
  INVALID_PARTITIONS: [37, false, 'The number of partitions is not usable.'],
  INVALID_REPLICATION_FACTOR: [38, false, 'The replication factor is below 1 or above the number of live brokers.'],
  INVALID_REPLICA_ASSIGNMENT: [39, false, 'The assignment of replicas to brokers is not usable.'],
  INVALID_CONFIG: [40, false, 'A configuration key or value is wrong.'],
  NOT_CONTROLLER: [41, true, 'This broker is not the controller.'],
  INVALID_REQUEST: [42, false, 'The request contradicts itself or asks for something impossible.'],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: [43, false, 'The format of the stored records is too old for this.'],
  POLICY_VIOLATION: [44, false, 'A policy of the cluster forbids it.'],
  OUT_OF_ORDER_SEQUENCE_NUMBER: [
    45,
    false,
    'The sequence number does not follow the last one of this producer; a batch before it is missing.',
  ],
  DUPLICATE_SEQUENCE_NUMBER: [46, false, 'The batch was written before.'],
  INVALID_PRODUCER_EPOCH: [47, false, 'A newer instance of the producer has taken over its id.'],
  INVALID_TXN_STATE: [48, false, 'The transaction is in a state that does not allow this.'],
  INVALID_PRODUCER_ID_MAPPING: [49, false, 'The producer id is not the one that belongs to the transactional id.'],
  INVALID_TRANSACTION_TIMEOUT: [50, false, 'The transaction time-out is larger than transaction.max.timeout.ms.'],
  CONCURRENT_TRANSACTIONS: [51, true, 'The former transaction of this transactional id is still being finished.'],
  TRANSACTION_COORDINATOR_FENCED: [
    52,
    false,
    'The transaction marker comes from a coordinator that has been replaced.',
  ],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [53, false, 'The client may not use this transactional id.'],
  SECURITY_DISABLED: [54, false, 'The broker runs without this security feature.'],
  OPERATION_NOT_ATTEMPTED: [55, false, 'Not tried, because another part of the same request failed.'],
  KAFKA_STORAGE_ERROR: [56, true, 'The disk that holds the partition failed; its log directory is offline.'],
  LOG_DIR_NOT_FOUND: [57, false, 'The broker has no such log directory.'],
  SASL_AUTHENTICATION_FAILED: [58, false, 'The credentials were refused.'],
  UNKNOWN_PRODUCER_ID: [59, false, 'The leader no longer knows this producer, since its records have gone.'],
  REASSIGNMENT_IN_PROGRESS: [60, false, 'The partition is being reassigned already.'],
  DELEGATION_TOKEN_AUTH_DISABLED: [
    61,
    false,
    'Delegation tokens are switched off: delegation.token.secret.key is not set.',
  ],
  DELEGATION_TOKEN_NOT_FOUND: [62, false, 'There is no such delegation token.'],
  DELEGATION_TOKEN_OWNER_MISMATCH: [63, false, 'The delegation token belongs to somebody else.'],
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: [
    64,
    false,
    'Delegation tokens cannot be managed over this kind of connection.',
  ],
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: [65, false, 'The client may not do this with the delegation token.'],
  DELEGATION_TOKEN_EXPIRED: [66, false, 'The delegation token has expired.'],
  INVALID_PRINCIPAL_TYPE: [67, false, 'Principals of this type are not supported here.'],
  NON_EMPTY_GROUP: [68, false, 'The group still has members.'],
  GROUP_ID_NOT_FOUND: [69, false, 'There is no such group.'],
  FETCH_SESSION_ID_NOT_FOUND: [70, true, 'The fetch session is gone; start a new one with a full fetch.'],
  INVALID_FETCH_SESSION_EPOCH: [71, true, "The fetch session's epoch is not the expected one; start a new session."],
  LISTENER_NOT_FOUND: [72, true, 'The leader has no listener of the name on which the question came.'],
  TOPIC_DELETION_DISABLED: [73, false, 'delete.topic.enable is false.'],
  FENCED_LEADER_EPOCH: [74, true, 'The leader epoch in the request is older than the current one.'],
  UNKNOWN_LEADER_EPOCH: [75, true, 'The leader epoch in the request is newer than the one this broker knows.'],
  UNSUPPORTED_COMPRESSION_TYPE: [76, false, "The client's version of the API does not allow this compression."],
  STALE_BROKER_EPOCH: [77, false, 'The broker has registered anew since the request was made.'],
  OFFSET_NOT_AVAILABLE: [78, true, 'The leader is new and does not know a high watermark of its own epoch yet.'],
  MEMBER_ID_REQUIRED: [79, false, 'Join again with the member id that comes with this answer.'],
  PREFERRED_LEADER_NOT_AVAILABLE: [80, true, 'The preferred leader is not alive or not in the ISR.'],
  GROUP_MAX_SIZE_REACHED: [81, false, 'The group has group.max.size members already.'],
  FENCED_INSTANCE_ID: [82, false, 'Another static member has joined with the same group.instance.id.'],
  ELIGIBLE_LEADERS_NOT_AVAILABLE: [83, true, 'No replica is alive that may become the leader.'],
  ELECTION_NOT_NEEDED: [84, true, 'The partition has the wanted leader already.'],
  NO_REASSIGNMENT_IN_PROGRESS: [85, false, 'The partition is not being reassigned.'],
  GROUP_SUBSCRIBED_TO_TOPIC: [86, false, 'A member of the group still reads the topic.'],
  INVALID_RECORD: [87, false, 'A record breaks a rule of its topic, for instance it has no key in a compacted one.'],
  UNSTABLE_OFFSET_COMMIT: [88, true, 'An open transaction may still change these offsets.'],
  THROTTLING_QUOTA_EXCEEDED: [89, true, 'The quota for changes is used up; try again after the throttle time.'],
  PRODUCER_FENCED: [90, false, 'A newer producer uses the same transactional id.'],
  RESOURCE_NOT_FOUND: [91, false, 'What the request refers to does not exist.'],
  DUPLICATE_RESOURCE: [92, false, 'The request names the same thing twice.'],
  UNACCEPTABLE_CREDENTIAL: [93, false, 'The credential breaks a rule, such as the number of iterations.'],
  INCONSISTENT_VOTER_SET: [94, false, 'The sender or receiver is not one of the voters that the other side expects.'],
  INVALID_UPDATE_VERSION: [95, false, 'The state was changed by somebody else in the meantime.'],
  FEATURE_UPDATE_FAILED: [96, false, 'The change of features could not be applied.'],
  PRINCIPAL_DESERIALIZATION_FAILURE: [97, false, 'The forwarded principal cannot be read.'],
  SNAPSHOT_NOT_FOUND: [98, false, 'There is no such snapshot.'],
  POSITION_OUT_OF_RANGE: [99, false, 'The position lies outside of the snapshot.'],
  UNKNOWN_TOPIC_ID: [100, true, 'This broker knows no topic of this id.'],
  DUPLICATE_BROKER_REGISTRATION: [101, false, 'Another live broker has registered with this id.'],
  BROKER_ID_NOT_REGISTERED: [102, false, 'No broker of this id is registered.'],
  INCONSISTENT_TOPIC_ID: [103, true, 'The log here belongs to another topic of the same name.'],
  INCONSISTENT_CLUSTER_ID: [104, false, 'The request is meant for another cluster.'],
  TRANSACTIONAL_ID_NOT_FOUND: [105, false, 'There is no such transactional id.'],
  FETCH_SESSION_TOPIC_ID_ERROR: [106, true, 'Topic ids and topic names were mixed within one fetch session.'],
  INELIGIBLE_REPLICA: [
    107,
    false,
    'The new ISR holds a replica that may not be in it: fenced, stopping, or of an old broker epoch.',
  ],
  NEW_LEADER_ELECTED: [108, false, 'The change made another broker the leader.'],
  OFFSET_MOVED_TO_TIERED_STORAGE: [109, false, 'The records at this offset have been moved to remote storage.'],
  FENCED_MEMBER_EPOCH: [110, false, "The member's epoch is not the current one; join the group again."],
  UNRELEASED_INSTANCE_ID: [111, false, 'Another member still uses this instance id.'],
  UNSUPPORTED_ASSIGNOR: [112, false, 'The broker has no such assignor.'],
  STALE_MEMBER_EPOCH: [113, false, "The member's epoch is old; try again with the one from its latest heartbeat."],
  MISMATCHED_ENDPOINT_TYPE: [
    114,
    false,
    'The request went to a broker but was meant for a controller, or the other way round.',
  ],
  UNSUPPORTED_ENDPOINT_TYPE: [115, false, 'This kind of endpoint is not known here.'],
  UNKNOWN_CONTROLLER_ID: [116, false, 'No controller of this id is known.'],
  UNKNOWN_SUBSCRIPTION_ID: [117, false, 'The subscription to telemetry is unknown or has changed.'],
  TELEMETRY_TOO_LARGE: [118, false, 'More telemetry was pushed than telemetry.max.bytes allows.'],
  INVALID_REGISTRATION: [119, false, 'The registration of the controller is not usable.'],
  TRANSACTION_ABORTABLE: [120, false, 'The transaction cannot go on, but may be aborted; the producer stays usable.'],
  INVALID_RECORD_STATE: [121, false, 'The acknowledgement does not fit the state of the record.'],
  SHARE_SESSION_NOT_FOUND: [122, true, 'The share session is gone.'],
  INVALID_SHARE_SESSION_EPOCH: [123, true, "The share session's epoch is not the expected one."],
  FENCED_STATE_EPOCH: [124, false, 'The state epoch of the share coordinator is not the current one.'],
  INVALID_VOTER_KEY: [125, false, 'The voter key is not that of the receiving replica.'],
  DUPLICATE_VOTER: [126, false, 'The voter is in the set already.'],
  VOTER_NOT_FOUND: [127, false, 'The voter is not in the set.'],
} as const satisfies Record<string, readonly [number, boolean, string]>;

export type ErrorName = keyof typeof table;

/** All errors by name: `Errors.NOT_CONTROLLER.code`. */
export const Errors = Object.fromEntries(
  Object.entries(table).map(([name, [code, retriable, meaning]]) => [name, { name, code, retriable, meaning }]),
) as { readonly [N in ErrorName]: WireError & { readonly name: N } };

const byCode = new Map<number, WireError>(Object.values(Errors).map((error) => [error.code, error]));

/** The error of a code; an unknown code is UNKNOWN_SERVER_ERROR, as clients treat it. */
export function errorForCode(code: number): WireError {
  return byCode.get(code) ?? Errors.UNKNOWN_SERVER_ERROR;
}

/** A wire error on its way through code that throws; dispatch turns it into the response's error code. */
export class KafkaError extends Error {
  readonly error: WireError;

  constructor(error: WireError | ErrorName, text?: string) {
    const resolved = typeof error === 'string' ? Errors[error] : error;
    super(text ?? resolved.meaning);
    this.name = 'KafkaError';
    this.error = resolved;
  }

  get code(): number {
    return this.error.code;
  }
}

/** The wire error behind whatever was thrown; anything that is not a KafkaError is UNKNOWN_SERVER_ERROR. */
export function wireErrorOf(thrown: unknown): WireError {
  return thrown instanceof KafkaError ? thrown.error : Errors.UNKNOWN_SERVER_ERROR;
}
