import type { ClusterClient, VersionedConnection } from '../../../../client';
import { ConnectionError } from '../../../../client';
import { LoadProducer } from '../../../../cli/perf/load-producer';
import { producerConfig } from '../../../../cli/producer/config';
import { batch, readRecords } from '../../../../protocol/records';
import { Errors, type KafkaError } from '../../../../protocol';
import { systemClock } from '../../../../runtime/clock';
import { seededRandom } from '../../../../runtime/random';

/** A leader with one partition that appends in order of sequence numbers, and fails as it is told to. */
class ScriptedLeader {
  readonly values: string[] = [];
  /** What to do with the next requests: an error code, or a lost connection. */
  readonly script: (number | 'lost' | 'lost answer')[] = [];
  private nextSequence = 0;
  mostInFlight = 0;
  private inFlight = 0;

  async produce(records: Buffer): Promise<number> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    const planned = this.script.shift() ?? 0;
    const code = typeof planned === 'number' && planned !== 0 ? planned : this.append(records, planned);
    await new Promise((resolve) => setImmediate(resolve));
    this.inFlight -= 1;
    if (typeof planned === 'string') throw new ConnectionError('lost');
    return code;
  }

  private append(records: Buffer, planned: number | string): number {
    if (planned === 'lost') return 0;
    const sequence = batch.baseSequence(records);
    if (sequence < this.nextSequence && sequence >= 0) return Errors.DUPLICATE_SEQUENCE_NUMBER.code;
    if (sequence > this.nextSequence) return Errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code;
    for (const { value } of readRecords(records)) this.values.push(String(value));
    this.nextSequence += batch.recordCount(records);
    return 0;
  }

  get client(): ClusterClient {
    const send = async (_api: unknown, body: { topicData: { partitionData: { records: Buffer }[] }[] }) => {
      const errorCode = await this.produce(body.topicData[0]?.partitionData[0]?.records as Buffer);
      return { responses: [{ partitionResponses: [{ index: 0, errorCode, errorMessage: null }] }] };
    };
    return {
      metadata: () => Promise.resolve({ topics: [{ errorCode: 0, partitions: [{ partitionIndex: 0, leaderId: 1 }] }] }),
      retrying: (attempt: () => Promise<unknown>) => attempt(),
      toAny: () => {
        this.nextSequence = 0;
        return Promise.resolve({ errorCode: 0, producerId: 7, producerEpoch: 0 });
      },
      broker: () => Promise.resolve({ send } as unknown as VersionedConnection),
    } as unknown as ClusterClient;
  }
}

const RECORDS = 200;

async function produceAll(leader: ScriptedLeader, properties: Record<string, string> = {}) {
  const config = producerConfig(
    new Map(Object.entries({ 'batch.size': '200', 'retry.backoff.ms': '1', ...properties })),
  );
  const outcome = { acknowledged: 0, failed: [] as [string, number][] };
  const producer = new LoadProducer(leader.client, 't', config, systemClock, seededRandom(1), {
    acknowledged: () => (outcome.acknowledged += 1),
    failed: (error, records) => outcome.failed.push([(error as KafkaError).error.name, records]),
  });
  await producer.start();
  for (let index = 0; index < RECORDS; index += 1)
    producer.send(Buffer.from(String(index)), systemClock.monotonicMs(), 1n);
  await producer.flush();
  return outcome;
}

const inOrder = Array.from({ length: RECORDS }, (_, index) => String(index));

describe('the producer for load', () => {
  it('has up to five requests under way and keeps the order', async () => {
    const leader = new ScriptedLeader();
    expect(await produceAll(leader)).toEqual({ acknowledged: RECORDS, failed: [] });
    expect(leader.values).toEqual(inOrder);
    expect(leader.mostInFlight).toBe(5);
  });

  it.each([
    ['an error that may pass', [0, Errors.NOT_LEADER_OR_FOLLOWER.code]],
    ['a request that is lost', [0, 'lost', 0, 0]],
    ['answers that are lost', ['lost answer', 'lost answer', 0, 'lost answer']],
    ['all of it', [Errors.NOT_ENOUGH_REPLICAS.code, 'lost', 0, 'lost answer', 0, Errors.REQUEST_TIMED_OUT.code]],
  ] as [string, ScriptedLeader['script']][])(
    'keeps each record once and in order through %s',
    async (_what, script) => {
      const leader = new ScriptedLeader();
      leader.script.push(...script);
      expect(await produceAll(leader)).toEqual({ acknowledged: RECORDS, failed: [] });
      expect(leader.values).toEqual(inOrder);
    },
  );

  it.each(['false', 'true'])(
    'tells of records that are lost, and goes on (enable.idempotence=%s)',
    async (idempotence) => {
      const leader = new ScriptedLeader();
      leader.script.push(Errors.TOPIC_AUTHORIZATION_FAILED.code);
      const { acknowledged, failed } = await produceAll(leader, { 'enable.idempotence': idempotence });
      expect(failed).toEqual([['TOPIC_AUTHORIZATION_FAILED', RECORDS - acknowledged]]);
      expect(leader.values).toEqual(inOrder.slice(-acknowledged));
    },
  );
});
