/** Lists of partitions as several znodes have them: `{"version":1,"partitions":[{"topic":"orders","partition":0}]}`. */
import { decodeJson, encodeJson } from './json';

export interface NodePartition {
  topic: string;
  partition: number;
}

export function encodePartitionList(partitions: readonly NodePartition[]): Buffer {
  return encodeJson({ version: 1, partitions: partitions.map(({ topic, partition }) => ({ topic, partition })) });
}

export function decodePartitionList(data: Buffer | null, what: string): NodePartition[] {
  return decodeJson(data, what)
    .objectArray('partitions')
    .map((json) => ({ topic: json.string('topic'), partition: json.int('partition') }));
}
