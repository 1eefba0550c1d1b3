/** Produces one record with kafkajs. A key that is left out or null is no key; an empty one is a key of no bytes. */
import type { Producer } from 'kafkajs';
import type { NewRecord, ProducedRecord } from '../schemas';
import { checkKafkaError } from '../http/error-answers';
import { Errors } from '../../protocol';

const ACKS_ALL = -1;

/** @throws ApiError with Kafka's name; what kafkajs throws is told likewise by error-answers.ts */
export async function produceRecord(producer: Producer, topic: string, record: NewRecord): Promise<ProducedRecord> {
  const [written] = await producer.send({
    topic,
    acks: ACKS_ALL,
    messages: [
      {
        key: record.key ?? null,
        value: record.value,
        partition: record.partition,
        headers: record.headers,
      },
    ],
  });
  if (written === undefined) checkKafkaError(Errors.UNKNOWN_SERVER_ERROR.code, 'The broker said nothing of the record');
  else checkKafkaError(written.errorCode);
  return { topic, partition: written?.partition ?? 0, offset: Number(written?.baseOffset ?? written?.offset) };
}
