import { openFetchContext, type FetchContextOptions } from '../../../../broker/replication/fetch-context';
import type { FetchEntry } from '../../../../broker/replication/fetch-entry';
import { FetchSessionCache } from '../../../../broker/replication/fetch-session-cache';
import { fetchError, type AnsweredEntry, type FetchAnswer } from '../../../../broker/replication/fetch-types';
import { Errors, ZERO_UUID } from '../../../../protocol';
import type { FetchRequest } from '../../../../protocol/apis';
import { ManualClock } from '../../../../runtime/manual-clock';
import { seededRandom } from '../../../../runtime/random';

const TOPIC_ID = 'TP9cSBN7ShaBGIn-e4c3tw';

function newCache(slots = 10) {
  const clock = new ManualClock();
  return { clock, cache: new FetchSessionCache(slots, clock, seededRandom(1)) };
}

interface Asked {
  session?: [id: number, epoch: number];
  partitions?: [partition: number, offset: number][];
  forget?: number[];
  topic?: string;
  leaderEpoch?: number;
}

function requestOf({
  session = [0, 0],
  partitions = [],
  forget = [],
  topic = 'orders',
  leaderEpoch = 0,
}: Asked): FetchRequest {
  const ask = ([partition, fetchOffset]: [number, number]) => ({
    partition,
    currentLeaderEpoch: leaderEpoch,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    partitionMaxBytes: 1000,
    replicaDirectoryId: ZERO_UUID,
  });
  const id = topic === '' ? TOPIC_ID : ZERO_UUID;
  return {
    clusterId: null,
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1 },
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 1000,
    isolationLevel: 0,
    sessionId: session[0],
    sessionEpoch: session[1],
    topics: partitions.length > 0 ? [{ topic, topicId: id, partitions: partitions.map(ask) }] : [],
    forgottenTopicsData: forget.length > 0 ? [{ topic, topicId: id, partitions: forget }] : [],
    rackId: '',
  };
}

const options: FetchContextOptions = { version: 12, isFromFollower: false, topicName: () => null };

function answerFor(entry: FetchEntry, changes: Partial<FetchAnswer> = {}): AnsweredEntry {
  const answer = { ...fetchError(entry.partition, Errors.NONE), highWatermark: 5, logStartOffset: 0, ...changes };
  return { entry, answer };
}

/** Opens a context, answers every partition the same way, and gives what the client is told. */
function fetch(cache: FetchSessionCache, asked: Asked, changes: Partial<FetchAnswer> = {}, opts = options) {
  const context = openFetchContext(cache, requestOf(asked), opts);
  const entries = [...context.entries()];
  const result = context.finish(entries.map((entry) => answerFor(entry, changes)));
  return { entries, ...result, told: result.answers.map(({ entry }) => entry.partition) };
}

describe('fetch sessions', () => {
  it('are granted to a full fetch, and remember its partitions', () => {
    const { cache } = newCache();
    const first = fetch(cache, {
      partitions: [
        [0, 10],
        [1, 20],
      ],
    });
    expect(first.sessionId).not.toBe(0);
    expect(first.told).toEqual([0, 1]);
    const second = fetch(cache, { session: [first.sessionId, 1] });
    expect(second.entries.map(({ partition, fetchOffset }) => [partition, fetchOffset])).toEqual([
      [0, 10],
      [1, 20],
    ]);
    expect(second.sessionId).toBe(first.sessionId);
  });

  it('tell only what is new: records, another high watermark or log start, an error', () => {
    const { cache } = newCache();
    const { sessionId } = fetch(cache, {
      partitions: [
        [0, 10],
        [1, 20],
      ],
    });
    expect(fetch(cache, { session: [sessionId, 1] }).told).toEqual([]);
    expect(fetch(cache, { session: [sessionId, 2] }, { sizeBytes: 9 }).told).toEqual([0, 1]);
    expect(fetch(cache, { session: [sessionId, 3] }, { highWatermark: 6 }).told).toEqual([0, 1]);
    expect(fetch(cache, { session: [sessionId, 4] }, { highWatermark: 6 }).told).toEqual([]);
    expect(fetch(cache, { session: [sessionId, 5] }, { highWatermark: 6, logStartOffset: 2 }).told).toEqual([0, 1]);
    const same = { highWatermark: 6, logStartOffset: 2 };
    expect(
      fetch(cache, { session: [sessionId, 6] }, { ...same, divergingEpoch: { epoch: 1, endOffset: 3 } }).told,
    ).toEqual([0, 1]);
    expect(fetch(cache, { session: [sessionId, 7] }, { ...same, error: Errors.NOT_LEADER_OR_FOLLOWER }).told).toEqual([
      0, 1,
    ]);
    expect(fetch(cache, { session: [sessionId, 8] }, same).told).toEqual([0, 1]);
    expect(fetch(cache, { session: [sessionId, 9] }, same).told).toEqual([]);
  });

  it('tell the high watermark again to a follower that truncated instead of taking it, or follows in another epoch', () => {
    const { cache } = newCache();
    const diverging = { divergingEpoch: { epoch: 1, endOffset: 3 } };
    const { sessionId } = fetch(cache, { partitions: [[0, 10]] }, diverging);
    expect(fetch(cache, { session: [sessionId, 1], partitions: [[0, 3]] }).told).toEqual([0]);
    expect(fetch(cache, { session: [sessionId, 2], partitions: [[0, 4]] }).told).toEqual([]);
    expect(fetch(cache, { session: [sessionId, 3], partitions: [[0, 4]], leaderEpoch: 1 }).told).toEqual([0]);
    expect(fetch(cache, { session: [sessionId, 4], partitions: [[0, 5]], leaderEpoch: 1 }).told).toEqual([]);
  });

  it('take changed, new and forgotten partitions', () => {
    const { cache } = newCache();
    const { sessionId } = fetch(cache, {
      partitions: [
        [0, 10],
        [1, 20],
      ],
    });
    const { entries } = fetch(cache, {
      session: [sessionId, 1],
      partitions: [
        [1, 25],
        [2, 0],
      ],
      forget: [0],
    });
    expect(entries.map(({ partition, fetchOffset }) => [partition, fetchOffset])).toEqual([
      [1, 25],
      [2, 0],
    ]);
  });

  it('let partitions that the client has moved on in come last next time', () => {
    const { cache } = newCache();
    const { sessionId } = fetch(cache, {
      partitions: [
        [0, 0],
        [1, 0],
        [2, 0],
      ],
    });
    fetch(cache, { session: [sessionId, 1] });
    const { entries } = fetch(cache, { session: [sessionId, 2], partitions: [[0, 5]] });
    expect(entries.map(({ partition }) => partition)).toEqual([1, 2, 0]);
  });

  it('look only at partitions that changed, but at all of them once a second', () => {
    const { cache, clock } = newCache();
    const { sessionId } = fetch(cache, {
      partitions: [
        [0, 0],
        [1, 0],
        [2, 0],
      ],
    });
    const read = (epoch: number): FetchEntry[] => {
      const context = openFetchContext(cache, requestOf({ session: [sessionId, epoch] }), options);
      const entries = [...context.entries()];
      for (const entry of entries) entry.noteRead(true);
      context.finish(entries.map((entry) => answerFor(entry)));
      return entries;
    };
    const [, second] = read(1) as [FetchEntry, FetchEntry];
    expect(read(2)).toEqual([]);
    second.changed();
    expect(read(3)).toEqual([second]);
    expect(read(4)).toEqual([]);
    clock.advance(1_000);
    expect(read(5)).toHaveLength(3);
  });

  it('do not lose a change that comes while the answer is made', () => {
    const { cache } = newCache();
    const { sessionId } = fetch(cache, { partitions: [[0, 0]] });
    const context = openFetchContext(cache, requestOf({ session: [sessionId, 1] }), options);
    const [entry] = [...context.entries()] as [FetchEntry];
    entry.noteRead(true);
    entry.changed();
    context.finish([answerFor(entry)]);
    expect(fetch(cache, { session: [sessionId, 2] }).entries).toEqual([entry]);
  });

  it('end when nothing is left in them', () => {
    const { cache } = newCache();
    const { sessionId } = fetch(cache, { partitions: [[0, 10]] });
    expect(fetch(cache, { session: [sessionId, 1], forget: [0] }).sessionId).toBe(0);
    expect(cache.size).toBe(0);
  });

  it('end with a full fetch that names them, and are not made for epoch -1', () => {
    const { cache } = newCache();
    const { sessionId } = fetch(cache, { partitions: [[0, 10]] });
    expect(fetch(cache, { session: [sessionId, -1], partitions: [[0, 10]] }).sessionId).toBe(0);
    expect(cache.size).toBe(0);
  });

  it('are refused by name when unknown, with a wrong epoch, or when topic ids and names are mixed', () => {
    const { cache } = newCache();
    const { sessionId } = fetch(cache, { partitions: [[0, 10]] });
    expect(fetch(cache, { session: [sessionId + 1, 1] }).error).toBe(Errors.FETCH_SESSION_ID_NOT_FOUND);
    expect(fetch(cache, { session: [sessionId, 2] }).error).toBe(Errors.INVALID_FETCH_SESSION_EPOCH);
    const ids = { ...options, version: 13 };
    expect(fetch(cache, { session: [sessionId, 1] }, {}, ids).error).toBe(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
  });

  it('refuse the later of two answers to the same request', () => {
    const { cache } = newCache();
    const { sessionId } = fetch(cache, { partitions: [[0, 10]] });
    const slow = openFetchContext(cache, requestOf({ session: [sessionId, 1] }), options);
    fetch(cache, { session: [sessionId, 2] });
    expect(slow.finish([]).error).toBe(Errors.INVALID_FETCH_SESSION_EPOCH);
  });

  it('find the name of a topic id later when it is not known yet', () => {
    const { cache } = newCache();
    let name: string | null = null;
    const ids = { version: 13, isFromFollower: true, topicName: () => name };
    const { sessionId, entries } = fetch(cache, { topic: '', partitions: [[0, 10]] }, {}, ids);
    expect(entries[0]?.topic).toBeNull();
    name = 'orders';
    expect(fetch(cache, { topic: '', session: [sessionId, 1] }, {}, ids).entries[0]?.topic).toBe('orders');
  });
});

describe('the cache of fetch sessions', () => {
  const partitions = (count: number) => Array.from({ length: count }, (_, i): [number, number] => [i, 0]);

  it('grants no session when it is full of young ones', () => {
    const { cache } = newCache(2);
    fetch(cache, { partitions: partitions(1) });
    fetch(cache, { partitions: partitions(1) });
    expect(fetch(cache, { partitions: partitions(9) }).sessionId).toBe(0);
    expect(cache.size).toBe(2);
  });

  it('gives the place of a session that was idle for two minutes', () => {
    const { cache, clock } = newCache(1);
    const old = fetch(cache, { partitions: partitions(1) });
    clock.advance(120_001);
    const { sessionId } = fetch(cache, { partitions: partitions(1) });
    expect(sessionId).not.toBe(0);
    expect(cache.get(old.sessionId)).toBeNull();
  });

  it('prefers followers, then larger sessions', () => {
    const { cache, clock } = newCache(2);
    const follower = { ...options, isFromFollower: true };
    const consumer = fetch(cache, { partitions: partitions(3) });
    const large = fetch(cache, { partitions: partitions(8) });
    const followed = fetch(cache, { partitions: partitions(2) }, {}, follower);
    expect(followed.sessionId).not.toBe(0);
    expect(cache.get(consumer.sessionId)).toBeNull();
    expect(fetch(cache, { partitions: partitions(99) }).sessionId).toBe(0);
    clock.advance(119_000);
    fetch(cache, { session: [large.sessionId, 1] });
    fetch(cache, { session: [followed.sessionId, 1] }, {}, follower);
    clock.advance(2_000);
    fetch(cache, { session: [large.sessionId, 2] });
    expect(fetch(cache, { partitions: partitions(7) }).sessionId).toBe(0);
    expect(fetch(cache, { partitions: partitions(9) }).sessionId).not.toBe(0);
    expect(cache.get(large.sessionId)).toBeNull();
  });
});
