/** Which partitions kafka-get-offsets is asked for. */
import { CommandError } from '../command';
import { topicFilter } from '../topics/names';

export interface PartitionFilter {
  allowsTopic(topic: string): boolean;
  allows(topic: string, partition: number): boolean;
}

const RULE = /^([^:,]*)(?::(?:([0-9]*)|(?:([0-9]*)-([0-9]*))))?$/;

/** `topic1:1,topic2:0-3,topic3,topic4:5-,:7`: any of the rules may match. */
export function filterByRules(text: string): PartitionFilter {
  const rules = text.split(',').map(parseRule);
  return {
    allowsTopic: (topic) => rules.some((rule) => rule.allowsTopic(topic)),
    allows: (topic, partition) => rules.some((rule) => rule.allows(topic, partition)),
  };
}

function parseRule(text: string): PartitionFilter {
  const match = RULE.exec(text);
  if (!match) throw new CommandError(`Error occurred: Invalid rule specification: ${text}`);
  const [, pattern, exact, from, to] = match;
  const topics = topicFilter(pattern ? pattern : '.*');
  const lower = exact ? Number(exact) : Number(from ?? 0);
  const upper = exact ? Number(exact) + 1 : to ? Number(to) : Infinity;
  const allowsTopic = (topic: string): boolean => topics.test(topic);
  return { allowsTopic, allows: (topic, partition) => allowsTopic(topic) && partition >= lower && partition < upper };
}

/** @param topics regular expression, any topic when null  @param partitions ids, any partition when null */
export function filterByTopic(topics: string | null, partitions: string | null): PartitionFilter {
  const filter = topicFilter(topics ?? '.*');
  const ids = partitions ? new Set(partitions.split(',').map((text) => parsePartition(text, partitions))) : null;
  const allowsTopic = (topic: string): boolean => filter.test(topic);
  return { allowsTopic, allows: (topic, partition) => allowsTopic(topic) && (ids === null || ids.has(partition)) };
}

function parsePartition(text: string, all: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new CommandError(
    `Error occurred: --partitions expects a comma separated list of numeric partition ids, but received: ${all}`,
  );
}
