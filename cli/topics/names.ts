/** Which topics a command means. */
import type { ClusterClient } from '../../client';
import { errorForCode, isInternalTopic, KafkaError } from '../../protocol';
import type { MetadataResponse } from '../../protocol/apis';
import { CommandError } from '../command';

/** All topics of the cluster that `pattern` matches, sorted; all when it is null. */
export async function matchingTopics(
  cluster: ClusterClient,
  pattern: string | null,
  excludeInternal: boolean,
): Promise<string[]> {
  const { topics } = await cluster.metadata(null);
  const filter = pattern === null ? null : topicFilter(pattern);
  return topics
    .map((topic) => topic.name ?? '')
    .filter((name) => !(excludeInternal && isInternalTopic(name)))
    .filter((name) => filter === null || filter.test(name))
    .toSorted();
}

/** The regular expression of --topic, which must match the whole name; commas separate alternatives. */
export function topicFilter(pattern: string): RegExp {
  const expression = pattern
    .trim()
    .replaceAll(',', '|')
    .replaceAll(' ', '')
    .replaceAll(/^["']+|["']+$/g, '');
  try {
    return new RegExp(`^(?:${expression})$`);
  } catch {
    throw new CommandError(`${expression} is an invalid regex.`);
  }
}

/** @throws CommandError when a topic was asked for by name and there is none */
export function ensureFound(found: readonly string[], asked: string | null, ifExists: boolean): void {
  if (asked !== null && asked !== '' && !ifExists && found.length === 0) {
    throw new CommandError(`Topic '${asked}' does not exist as expected`);
  }
}

/** Metadata of the topics; an error of one of them is thrown. */
export async function describedTopics(
  cluster: ClusterClient,
  names: readonly string[],
): Promise<MetadataResponse['topics']> {
  if (names.length === 0) return [];
  const { topics } = await cluster.metadata(names);
  for (const topic of topics) {
    if (topic.errorCode !== 0) throw kafkaError(topic.errorCode, null, topic.name ?? '');
  }
  return topics;
}

/** The error that a response carries, as an exception. */
export function kafkaError(code: number, text: string | null, about = ''): KafkaError {
  const error = errorForCode(code);
  return new KafkaError(error, text || (about === '' ? error.meaning : `${about}: ${error.meaning}`));
}
