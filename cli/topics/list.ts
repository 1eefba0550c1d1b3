/** kafka-topics --list */
import type { ClusterClient } from '../../client';
import type { TopicsOptions } from './options';
import { matchingTopics } from './names';

export async function listTopics(
  cluster: ClusterClient,
  given: TopicsOptions,
  print: (line: string) => void,
): Promise<void> {
  const names = await matchingTopics(cluster, given.text('topic'), given.has('exclude-internal'));
  print(names.join('\n'));
}
