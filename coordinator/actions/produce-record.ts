/** Produces one record with kafkajs. A key that is left out or null is no key; an empty one is a key of no bytes. */
import type { Producer } from 'kafkajs';
import type { ClusterClient } from '../../client';
import { Errors } from '../../protocol';
import { checkKafkaError } from '../http/error-answers';
import type { NewRecord, ProducedRecord } from '../schemas';
import { partitionsOf } from './partition-offsets';

const ACKS_ALL = -1;

/** @throws ApiError with Kafka's name; what kafkajs throws is told likewise by error-answers.ts */
export async function produceRecord(
  { cluster, producer }: { cluster: ClusterClient; producer: () => Promise<Producer> },
  topic: string,
  record: NewRecord,
): Promise<ProducedRecord> {
  const { partition } = record;
  // kafkajs has no error of its own for a partition that is not there.
  if (!(await partitionsOf(cluster, topic)).includes(partition ?? 0)) {
    checkKafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION.code, `There is no partition ${topic}-${partition}`);
  }
  const [written] = await (
    await producer()
  ).send({
    topic,
    acks: ACKS_ALL,
    messages: [
      {
        key: record.key ?? null,
        value: record.value,
        partition,
        headers: record.headers,
      },
    ],
  });
  if (written === undefined) checkKafkaError(Errors.UNKNOWN_SERVER_ERROR.code, 'The broker said nothing of the record');
  else checkKafkaError(written.errorCode);
  return { topic, partition: written?.partition ?? 0, offset: Number(written?.baseOffset ?? written?.offset) };
}
