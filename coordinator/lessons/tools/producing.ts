/**
 * Producing in lessons: through kafkajs, as a user's program would. Each run has a producer of its own: kafkajs asks for the
 * metadata of all topics that a producer ever wrote to, and gives up when one of them has been deleted meanwhile.
 */
import type { Message, Producer, RecordMetadata } from 'kafkajs';
import type { StepContext } from '../lesson';

const ALL_IN_SYNC_REPLICAS = -1;
const CLIENT_ID = 'lesson-producer';
/** Goes on asking for the leaders for as long as a fail-over takes; a step's own deadline ends it. */
const PATIENT = { initialRetryTime: 50, maxRetryTime: 500, retries: 300 };

export interface Sent {
  readonly partition: number;
  /** Offset of the first record of the batch. */
  readonly baseOffset: number;
}

export class LessonProducer {
  private producer: Producer | null = null;

  /** Sends records with acks=all and resolves when they are acknowledged; one entry for each partition they went to. */
  async send(context: StepContext, topic: string, messages: Message[]): Promise<Sent[]> {
    const producer = this.producer ?? (await this.open(context));
    const sent = await context.unlessAborted(producer.send({ topic, acks: ALL_IN_SYNC_REPLICAS, messages }));
    return sent.map(toSent);
  }

  private async open({ kafka, makes, unlessAborted }: StepContext): Promise<Producer> {
    const producer = kafka
      .kafka(CLIENT_ID)
      .producer({ metadataMaxAge: 1_000, retry: PATIENT, allowAutoTopicCreation: false });
    makes(`producer ${CLIENT_ID}`, () => producer.disconnect());
    await unlessAborted(producer.connect());
    this.producer = producer;
    return producer;
  }
}

function toSent({ partition, baseOffset, offset }: RecordMetadata): Sent {
  return { partition, baseOffset: Number(baseOffset ?? offset ?? -1) };
}
