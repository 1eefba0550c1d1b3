/** Rules for topic names (org.apache.kafka.common.internals.Topic). */

export const GROUP_METADATA_TOPIC = '__consumer_offsets';
export const TRANSACTION_STATE_TOPIC = '__transaction_state';

const INTERNAL_TOPICS: ReadonlySet<string> = new Set([
  GROUP_METADATA_TOPIC,
  TRANSACTION_STATE_TOPIC,
  '__share_group_state',
]);
const LONGEST_NAME = 249;

/** Clients may read internal topics, but not write to them or delete them. */
export function isInternalTopic(topic: string): boolean {
  return INTERNAL_TOPICS.has(topic);
}

/** What is wrong with a topic name, in Kafka's words; null when it is valid. */
export function invalidTopicName(topic: string): string | null {
  const reason = reasonInvalid(topic);
  return reason === null ? null : `Topic name is invalid: ${reason}`;
}

function reasonInvalid(topic: string): string | null {
  if (topic === '') return 'the empty string is not allowed';
  if (topic === '.' || topic === '..') return `'${topic}' is not allowed`;
  if (topic.length > LONGEST_NAME) {
    return `the length of '${topic}' is longer than the max allowed length ${LONGEST_NAME}`;
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(topic)) {
    return `'${topic}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return null;
}

/** Metric names treat `.` and `_` alike, so two topics that differ only in those must not both exist. */
export function topicNamesCollide(one: string, other: string): boolean {
  return one.replaceAll('.', '_') === other.replaceAll('.', '_');
}
