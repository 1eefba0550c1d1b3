/** Pages of several partitions: their order, where the next page begins, and partitions that do not answer. */
import { ConnectionError, type ClusterClient } from '../../../../client';
import { browseRecords, type BrowseQuery } from '../../../../coordinator/actions/record-browser';
import { buildBatch } from '../../../../protocol/records';
import { ManualClock } from '../../../../runtime/manual-clock';

type Record = { value: string; timestampMs: number };

/** A topic in memory behind what the browser uses of a client; `silent` partitions have a leader that does not answer. */
function clusterWith(partitions: readonly Record[][], silent: readonly number[] = []): ClusterClient {
  const end = (partition: number): number => (partitions[partition] as Record[]).length;
  const offsetAt = (partition: number, time: bigint): number => {
    if (time === -1n) return end(partition);
    if (time === -2n) return 0;
    return (partitions[partition] as Record[]).findIndex(({ timestampMs }) => BigInt(timestampMs) >= time);
  };
  const fetched = (partition: number, from: number): Buffer => {
    const left = (partitions[partition] as Record[]).slice(from);
    const records = left.map(({ value, timestampMs }) => ({
      timestamp: BigInt(timestampMs),
      key: null,
      value: Buffer.from(value),
    }));
    return records.length === 0 ? Buffer.alloc(0) : buildBatch(records, { baseOffset: from });
  };
  return {
    metadata: () =>
      Promise.resolve({
        topics: [{ errorCode: 0, partitions: partitions.map((_, partitionIndex) => ({ partitionIndex })) }],
      }),
    retrying: (attempt: () => unknown) => attempt(),
    leaderOf: ({ partition }: { partition: number }) => Promise.resolve(partition),
    toBroker: (leader: number, api: { name: string }, body: { topics: { partitions: object[] }[] }) => {
      if (silent.includes(leader)) return Promise.reject(new ConnectionError(`broker ${leader} did not answer`));
      const asked = body.topics[0]?.partitions[0] as { timestamp: bigint; fetchOffset: number };
      if (api.name === 'Fetch') {
        const partition = { errorCode: 0, records: fetched(leader, asked.fetchOffset) };
        return Promise.resolve({ errorCode: 0, responses: [{ partitions: [partition] }] });
      }
      const offset = offsetAt(leader, asked.timestamp);
      return Promise.resolve({ topics: [{ partitions: [{ errorCode: 0, offset }] }] });
    },
  } as unknown as ClusterClient;
}

const browse = (cluster: ClusterClient, query: Partial<BrowseQuery> = {}) =>
  browseRecords({ cluster, clock: new ManualClock(), signal: new AbortController().signal }, { topic: 't', ...query });

const texts = ({ records }: { records: { value: { text: string } | null }[] }) =>
  records.map(({ value }) => value?.text);

/** Partition 0 has the even times, partition 1 the odd ones; the third is out of order in itself. */
const partitions: Record[][] = [
  [0, 2, 4].map((timestampMs) => ({ value: `a${timestampMs}`, timestampMs })),
  [1, 3, 5].map((timestampMs) => ({ value: `b${timestampMs}`, timestampMs })),
  [9, 1].map((timestampMs) => ({ value: `c${timestampMs}`, timestampMs })),
];

describe('a page of records', () => {
  it('is in the order of time, as far as the order of each partition allows', async () => {
    const page = await browse(clusterWith(partitions));
    expect(texts(page)).toEqual(['a0', 'b1', 'a2', 'b3', 'a4', 'b5', 'c9', 'c1']);
    expect(page).toMatchObject({ next: { 0: 3, 1: 3, 2: 2 }, examined: 8, unavailable: [], searchEnded: 'end-of-log' });
    const newest = await browse(clusterWith(partitions), { newest: true });
    expect(texts(newest)).toEqual(['b5', 'a4', 'b3', 'a2', 'b1', 'c1', 'c9', 'a0']);
    expect(newest).toMatchObject({ next: {}, searchEnded: 'end-of-log' });
  });

  it('tells where each partition goes on', async () => {
    const first = await browse(clusterWith(partitions), { limit: 3 });
    expect(first).toMatchObject({ next: { 0: 2, 1: 1, 2: 0 }, searchEnded: 'page-full' });
    const second = await browse(clusterWith(partitions), { limit: 3, from: '0:2,1:1,2:0' });
    expect([texts(first), texts(second)]).toEqual([
      ['a0', 'b1', 'a2'],
      ['b3', 'a4', 'b5'],
    ]);
  });

  it('begins at a time', async () => {
    expect(texts(await browse(clusterWith(partitions), { timeMs: 3 }))).toEqual(['b3', 'a4', 'b5', 'c9', 'c1']);
    expect(texts(await browse(clusterWith(partitions), { timeMs: 3, newest: true }))).toEqual(['a2', 'b1', 'a0']);
  });

  it('has what the other partitions have when the leader of one does not answer, and names that one', async () => {
    const page = await browse(clusterWith(partitions, [1]));
    expect(texts(page)).toEqual(['a0', 'a2', 'a4', 'c9', 'c1']);
    expect(page.unavailable).toEqual([
      { partition: 1, error: 'BROKERS_UNREACHABLE', message: 'broker 1 did not answer' },
    ]);
  });

  it('has the other partitions also when a leader falls silent in the middle', async () => {
    const cluster = clusterWith(partitions);
    const { toBroker } = cluster;
    const falling = (leader: number, api: { name: string }, body: never) =>
      leader === 0 && api.name === 'Fetch'
        ? Promise.reject(new ConnectionError('gone'))
        : toBroker(leader, api as never, body);
    const page = await browse({ ...cluster, toBroker: falling } as unknown as ClusterClient);
    expect(texts(page)).toEqual(['b1', 'b3', 'b5', 'c9', 'c1']);
    expect(page).toMatchObject({ unavailable: [{ partition: 0, message: 'gone' }], next: { 0: 0 } });
    expect(page.searchEnded).not.toBe('end-of-log');
  });

  it('is an error when no leader that is asked answers', async () => {
    await expect(browse(clusterWith(partitions, [0, 1, 2]))).rejects.toThrow('broker 0 did not answer');
    await expect(browse(clusterWith(partitions, [1]), { partition: 1 })).rejects.toThrow('broker 1 did not answer');
  });

  it('wants one beginning only, in partitions that there are', async () => {
    const wrong = [{ offset: 1, timeMs: 1 }, { offset: 1, from: '0:1' }, { partition: 3 }, { from: '0:1,7:1' }];
    const codes = await Promise.all(
      wrong.map((query) => browse(clusterWith(partitions), query).catch(({ code }: { code: string }) => code)),
    );
    expect(codes).toEqual([
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
  });
});
