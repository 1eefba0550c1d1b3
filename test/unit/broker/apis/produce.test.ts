/** What Produce says of bytes that are no single record batch, in the words of Kafka's ProduceRequest.validateRecords. */
import { produceHandler } from '../../../../broker/apis/00-produce';
import { Errors } from '../../../../protocol';
import { batch, buildBatch } from '../../../../protocol/records';

function good(): Buffer {
  return buildBatch([{ key: null, value: Buffer.from('a'), timestamp: 1n }]);
}

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = good();
  change(bytes);
  return bytes;
}

/** The name of the error for the records, and whether they came to the log. */
async function produced(records: Buffer | null, apiVersion = 9): Promise<{ error: string; appended: boolean }> {
  let appended = false;
  const replicas = {
    append: ({ entries }: { entries: { topicPartition: unknown }[] }) => {
      appended = true;
      return entries.map(({ topicPartition }) => ({ topicPartition, error: Errors.NONE }));
    },
  };
  const handler = produceHandler({ metadata: { partition: () => ({}) }, replicas } as never);
  const topicData = [{ name: 'orders', partitionData: [{ index: 0, records }] }];
  const request = { transactionalId: null, acks: 1, timeoutMs: 1_000, topicData };
  const answer = (await handler.handle(request as never, { apiVersion } as never)) as unknown as {
    responses: { partitionResponses: { errorCode: number }[] }[];
  };
  const code = answer.responses[0]?.partitionResponses[0]?.errorCode;
  return { error: Object.values(Errors).find((each) => each.code === code)?.name ?? `code ${code}`, appended };
}

it.each<[string, Buffer]>([
  ['no bytes at all', Buffer.alloc(0)],
  ['fewer bytes than a format begins with', Buffer.alloc(5)],
  ['a size beyond the bytes', changed((bytes) => bytes.writeInt32BE(bytes.length, 8))],
  ['a format before v2', changed((bytes) => bytes.writeInt8(1, 16))],
  ['two batches', Buffer.concat([good(), good()])],
])('calls %s an invalid record', async (_, records) => {
  expect(await produced(records)).toEqual({ error: 'INVALID_RECORD', appended: false });
});

it.each<[string, Buffer]>([
  ['a format after v2', changed((bytes) => bytes.writeInt8(3, 16))],
  ['a negative format', changed((bytes) => bytes.writeInt8(-1, 16))],
  ['a size that no record has', changed((bytes) => bytes.writeInt32BE(5, 8))],
  ['a negative size', changed((bytes) => bytes.writeInt32BE(-5, 8))],
  ['a batch shorter than its header', changed((bytes) => bytes.writeInt32BE(20, 8))],
  ['a second batch of an unknown format', Buffer.concat([good(), changed((bytes) => bytes.writeInt8(9, 16))])],
])('calls %s corrupt', async (_, records) => {
  expect(await produced(records)).toEqual({ error: 'CORRUPT_MESSAGE', appended: false });
});

it.each<[string, Buffer]>([
  ['a few bytes', Buffer.alloc(7)],
  ['a second batch that is cut off', good().subarray(0, batch.BATCH_HEADER_BYTES)],
])('takes a batch and leaves %s after it', async (_, rest) => {
  expect(await produced(Buffer.concat([good(), rest]))).toEqual({ error: 'NONE', appended: true });
});
