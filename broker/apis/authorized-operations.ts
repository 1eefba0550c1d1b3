/**
 * The operations a caller may do on a resource, as a set of bits numbered by AclOperation (KIP-430). Without an
 * authorizer everybody may do everything that the resource supports.
 */

/** Codes of org.apache.kafka.common.acl.AclOperation. */
const Operation = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
} as const;

function bits(...operations: (keyof typeof Operation)[]): number {
  return operations.reduce((set, operation) => set | (1 << Operation[operation]), 0);
}

/** What the field holds when it was not asked for: the smallest int32. */
export const NOT_ASKED_FOR = -2_147_483_648;

export const ALL_CLUSTER_OPERATIONS = bits(
  'CREATE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
  'ALTER',
  'DESCRIBE',
);
export const ALL_TOPIC_OPERATIONS = bits(
  'READ',
  'WRITE',
  'CREATE',
  'DESCRIBE',
  'DELETE',
  'ALTER',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
);
export const ALL_GROUP_OPERATIONS = bits('READ', 'DESCRIBE', 'DELETE');
