/**
 * `/brokers/topics/<topic>`, persistent: which brokers hold which partition. Version 3:
 * `{"partitions":{"0":[1,0]},"topic_id":"<uuid>","adding_replicas":{},"removing_replicas":{},"version":3}`.
 * The order of replicas is the order of preference; adding_replicas and removing_replicas hold only partitions that
 * are being reassigned. Versions: 1 partitions only; 2 adding and removing (KIP-455); 3 topic_id (KIP-516).
 */
import { decodeJson, encodeJson, type JsonObject } from './json';

export const TOPICS_PATH = '/brokers/topics';

export function topicPath(topic: string): string {
  return `${TOPICS_PATH}/${topic}`;
}

export interface ReplicaAssignment {
  /** All replicas, the preferred leader first; those being added are included, those being removed still are. */
  replicas: number[];
  addingReplicas: number[];
  removingReplicas: number[];
}

export interface TopicAssignment {
  /** 22 characters of base64url; null for a topic made before IBP 2.8. */
  topicId: string | null;
  /** By partition. */
  partitions: Map<number, ReplicaAssignment>;
}

export function encodeTopicAssignment({ topicId, partitions }: TopicAssignment): Buffer {
  const replicas: Record<string, number[]> = {};
  const adding: Record<string, number[]> = {};
  const removing: Record<string, number[]> = {};
  for (const [partition, assignment] of partitions) {
    replicas[partition] = assignment.replicas;
    if (assignment.addingReplicas.length > 0) adding[partition] = assignment.addingReplicas;
    if (assignment.removingReplicas.length > 0) removing[partition] = assignment.removingReplicas;
  }
  return encodeJson({
    partitions: replicas,
    ...(topicId === null ? {} : { topic_id: topicId }),
    adding_replicas: adding,
    removing_replicas: removing,
    version: 3,
  });
}

/** Reads versions 1 to 3. */
export function decodeTopicAssignment(topic: string, data: Buffer | null): TopicAssignment {
  const json = decodeJson(data, `assignment of topic ${topic}`);
  const adding = json.has('adding_replicas') ? json.object('adding_replicas') : null;
  const removing = json.has('removing_replicas') ? json.object('removing_replicas') : null;
  const partitions = new Map<number, ReplicaAssignment>();
  if (json.has('partitions')) {
    const replicas = json.object('partitions');
    for (const partition of replicas.keys()) {
      partitions.set(Number(partition), {
        replicas: replicas.intArray(partition),
        addingReplicas: intsOrNone(adding, partition),
        removingReplicas: intsOrNone(removing, partition),
      });
    }
  }
  return { topicId: json.has('topic_id') ? json.string('topic_id') : null, partitions };
}

function intsOrNone(json: JsonObject | null, key: string): number[] {
  return json?.has(key) ? json.intArray(key) : [];
}
