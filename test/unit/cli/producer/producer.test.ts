import type { ClusterClient } from '../../../../client';
import { ConnectionError } from '../../../../client';
import { producerConfig } from '../../../../cli/producer/config';
import { Producer } from '../../../../cli/producer/producer';
import { Errors } from '../../../../protocol';
import { batch, readAllRecords } from '../../../../protocol/records';
import { systemClock } from '../../../../runtime/clock';
import { seededRandom } from '../../../../runtime/random';

interface Sent {
  partition: number;
  producerId: number;
  baseSequence: number;
  values: string[];
}

/** A cluster of one broker that stores what it is sent, after the failures in `script`. */
class ScriptedCluster {
  readonly sent: Sent[] = [];
  readonly stored: string[] = [];
  producerIds = 0;
  constructor(private readonly script: (number | 'lost connection')[] = []) {}

  asClient(): ClusterClient {
    return this as unknown as ClusterClient;
  }

  retrying<T>(attempt: () => Promise<T>): Promise<T> {
    return attempt();
  }

  toAny() {
    this.producerIds += 1;
    return Promise.resolve({ errorCode: 0, producerId: this.producerIds, producerEpoch: 0 });
  }

  metadata() {
    const partitions = [0, 1].map((partitionIndex) => ({ partitionIndex, leaderId: 1 }));
    return Promise.resolve({ topics: [{ errorCode: 0, name: 't', partitions }] });
  }

  broker() {
    return Promise.resolve({ send: (_api: unknown, body: ProduceBody) => this.produce(body) });
  }

  private produce(body: ProduceBody) {
    const failure = this.script.shift();
    const partitionResponses = (body.topicData[0]?.partitionData ?? []).map(({ index, records }) => {
      const values = readAllRecords(records).map(({ value }) => String(value));
      const identity = { producerId: batch.producerId(records), baseSequence: batch.baseSequence(records) };
      this.sent.push({ partition: index, ...identity, values });
      if (failure === undefined) this.stored.push(...values);
      return { index, errorCode: failure ?? 0, baseOffset: 100, errorMessage: null };
    });
    if (failure === 'lost connection') return Promise.reject(new ConnectionError('gone'));
    return Promise.resolve({ responses: [{ name: 't', partitionResponses }] });
  }
}

interface ProduceBody {
  topicData: { name: string; partitionData: { index: number; records: Buffer }[] }[];
}

const QUICK = { 'retry.backoff.ms': '1', 'linger.ms': '0' };

async function producing(cluster: ScriptedCluster, count: number, properties: Record<string, string> = {}) {
  const config = producerConfig(new Map(Object.entries({ ...QUICK, ...properties })));
  const producer = new Producer(cluster.asClient(), config, systemClock, seededRandom(1));
  await producer.start();
  expect(await producer.prepareTopic('t')).toBe(2);
  const outcomes: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const record = { timestamp: 0n, key: null, value: Buffer.from(String(index)) };
    producer.send(
      't',
      record,
      (error, place) => outcomes.push(error ? error.message : `${place?.partition}@${place?.offset}`),
      1,
    );
  }
  await producer.flush();
  return outcomes;
}

describe('the producer of the command line tools', () => {
  it('acknowledges each record with its own offset', async () => {
    expect(await producing(new ScriptedCluster(), 3)).toEqual(['1@100', '1@101', '1@102']);
  });

  it('numbers batches one after the other', async () => {
    const cluster = new ScriptedCluster();
    await producing(cluster, 10, { 'batch.size': '80' });
    expect(cluster.sent.length).toBeGreaterThan(2);
    let next = 0;
    for (const { baseSequence, values } of cluster.sent) {
      expect(baseSequence).toBe(next);
      next += values.length;
    }
    expect(cluster.stored).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('sends the same batch again, under the same numbers, before any later one', async () => {
    const cluster = new ScriptedCluster([Errors.NOT_LEADER_OR_FOLLOWER.code, 'lost connection']);
    expect(await producing(cluster, 6, { 'batch.size': '80' })).toEqual([
      '1@100',
      '1@101',
      '1@102',
      '1@100',
      '1@101',
      '1@102',
    ]);
    expect(cluster.stored).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(cluster.sent.slice(0, 3).map(({ baseSequence }) => baseSequence)).toEqual([0, 0, 0]);
  });

  it('takes a duplicate for what it is: written before', async () => {
    const outcomes = await producing(new ScriptedCluster([Errors.DUPLICATE_SEQUENCE_NUMBER.code]), 1);
    expect(outcomes).toEqual(['1@100']);
  });

  it('gives up after its retries, and goes on under a new identity', async () => {
    const failure = Errors.NOT_ENOUGH_REPLICAS.code;
    const cluster = new ScriptedCluster([failure, failure]);
    const outcomes = await producing(cluster, 6, { 'batch.size': '80', retries: '1' });
    expect(outcomes.slice(0, 3)).toEqual(Array(3).fill(Errors.NOT_ENOUGH_REPLICAS.meaning));
    expect(cluster.stored).toEqual(['3', '4', '5']);
    expect(cluster.producerIds).toBe(2);
  });

  it('refuses a record that no broker would take', async () => {
    const outcomes = await producing(new ScriptedCluster(), 1, { 'max.request.size': '10' });
    expect(outcomes[0]).toMatch(/which is larger than 10, which is the value of the max\.request\.size configuration/);
  });
});

describe('the properties of a producer', () => {
  const config = (properties: Record<string, string>) => producerConfig(new Map(Object.entries(properties)));

  it('make it idempotent unless they contradict that', () => {
    expect(config({}).idempotent).toBe(true);
    expect(config({ acks: '1' }).idempotent).toBe(false);
    expect(config({ retries: '0' }).idempotent).toBe(false);
    expect(() => config({ acks: '1', 'enable.idempotence': 'true' })).toThrow('Must set acks to all');
  });

  it('are refused when they make no sense', () => {
    expect(() => config({ acks: '2' })).toThrow('Invalid value 2 for configuration acks');
    expect(() => config({ 'compression.type': 'brotli' })).toThrow(
      'Invalid value brotli for configuration compression.type',
    );
    expect(() => config({ 'linger.ms': 'long' })).toThrow('Invalid value long for configuration linger.ms');
  });
});
