/** A real consumer of a lesson: a kafkajs client that reads with a group, keeps what it read, and goes with the run. */
import type { Consumer } from 'kafkajs';
import type { StepContext } from '../lesson';
import { makesGroup } from './groups';
import type { ReadRecord } from './offsets';

/** Quick to notice a change of the group; the shortest session that brokers allow by default. */
const TIMES = { sessionTimeout: 6_000, rebalanceTimeout: 10_000, heartbeatInterval: 500, maxWaitTimeInMs: 100 };
/** Members that are told to stop may first have to finish a rebalance. */
const QUICK_RETRIES = { initialRetryTime: 50, maxRetryTime: 500, retries: 30 };

export class GroupMember {
  /** In the order in which they came. */
  readonly read: ReadRecord[] = [];
  private consumer: Consumer | null = null;

  constructor(
    readonly name: string,
    private readonly groupId: string,
    private readonly topic: string,
  ) {}

  get thing(): string {
    return `consumer ${this.name}`;
  }

  /** Connects and joins the group; what it reads is committed after each batch. A try before is ended first. */
  async join(context: StepContext, fromBeginning = true): Promise<void> {
    const { kafka, makes, unlessAborted } = context;
    await context.unmakes(this.thing);
    this.read.length = 0;
    makesGroup(context, this.groupId);
    const consumer = kafka
      .kafka(this.name)
      .consumer({ groupId: this.groupId, ...TIMES, retry: QUICK_RETRIES, allowAutoTopicCreation: false });
    this.consumer = consumer;
    makes(this.thing, () => consumer.disconnect());
    await unlessAborted(consumer.connect());
    await unlessAborted(consumer.subscribe({ topic: this.topic, fromBeginning }));
    await unlessAborted(
      consumer.run({
        eachMessage: async ({ partition, message: { offset, timestamp, key, value } }) => {
          const place = { partition, offset: Number(offset), timestampMs: Number(timestamp) };
          this.read.push({ ...place, key: key === null ? null : key.toString(), value: String(value ?? '') });
        },
      }),
    );
  }

  /** Leaves the group in an orderly way. */
  async leave(context: StepContext): Promise<void> {
    await context.unlessAborted(context.unmakes(this.thing));
    this.consumer = null;
  }

  get joined(): boolean {
    return this.consumer !== null;
  }
}
