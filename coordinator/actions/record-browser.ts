/**
 * Looks at the records of a topic without a consumer group: a page from an offset or a time on, or the newest ones going back,
 * of one partition or of all, those of several in the order of their timestamps as far as the order within each allows.
 */
import type { ClusterClient } from '../../client';
import { Errors } from '../../protocol';
import type { Clock } from '../../runtime/clock';
import { ApiError } from '../http/api-error';
import { apiErrorOf, checkKafkaError } from '../http/error-answers';
import type { RecordPage, RecordView } from '../schemas';
import { EARLIEST, LATEST, offsetAt, partitionsOf } from './partition-offsets';
import { readPiece } from './partition-reader';
import { BackwardSearch, Budget, ForwardSearch, PAGE_BYTES, type Search, type SearchOptions } from './partition-search';
import { recordFilter, recordViewOf, viewBytes } from './record-view';

export interface BrowseQuery {
  topic: string;
  partition?: number;
  /** Begin at this offset; with `newest` before it. */
  offset?: number;
  /** Begin at the first record with this timestamp or a later one; with `newest` before it. */
  timeMs?: number;
  /** Where to go on, by partition: `0:15,1:7`. */
  from?: string;
  newest?: boolean;
  limit?: number;
  key?: string;
  value?: string;
  previewBytes?: number;
}

export interface BrowseContext {
  cluster: ClusterClient;
  clock: Clock;
  /** Ends the search early. */
  signal: AbortSignal;
}

const USUAL_LIMIT = 50;
const USUAL_PREVIEW_BYTES = 4_096;

function positionsOf(from: string): Map<number, number> {
  const pairs = from.split(',').map((pair) => pair.split(':').map(Number) as [number, number]);
  return new Map(pairs);
}

/** The partitions to look into. @throws ApiError UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST */
async function chosenPartitions(cluster: ClusterClient, query: BrowseQuery): Promise<number[]> {
  const { topic, partition, from } = query;
  const places = [query.offset, query.timeMs, from].filter((place) => place !== undefined);
  if (places.length > 1) {
    throw new ApiError(400, 'INVALID_REQUEST', 'Of the query parameters offset, timeMs and from only one may be given');
  }
  const all = await partitionsOf(cluster, topic);
  const wanted = from === undefined ? (partition === undefined ? all : [partition]) : [...positionsOf(from).keys()];
  const missing = wanted.find((one) => !all.includes(one));
  if (missing !== undefined) {
    checkKafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION.code, `There is no partition ${topic}-${missing}`);
  }
  return wanted;
}

async function searchOf(
  { cluster }: BrowseContext,
  query: BrowseQuery,
  partition: number,
  budget: Budget,
): Promise<Search> {
  const { topic, newest = false, timeMs } = query;
  const previewBytes = query.previewBytes ?? USUAL_PREVIEW_BYTES;
  const [start, end, atTime] = await Promise.all([
    offsetAt(cluster, topic, partition, EARLIEST),
    offsetAt(cluster, topic, partition, LATEST),
    timeMs === undefined ? null : offsetAt(cluster, topic, partition, BigInt(timeMs)),
  ]);
  const options: SearchOptions = {
    partition,
    start: start ?? 0,
    end: end ?? 0,
    limit: query.limit ?? USUAL_LIMIT,
    budget,
    read: (fromOffset) => readPiece(cluster, topic, partition, fromOffset),
    filter: recordFilter(query.key, query.value),
    view: ({ record, ...place }) => recordViewOf(record, { topic, partition, ...place }, previewBytes),
  };
  const goOn = query.from === undefined ? undefined : positionsOf(query.from).get(partition);
  const place = goOn ?? query.offset ?? (timeMs === undefined ? undefined : (atTime ?? options.end));
  return newest
    ? new BackwardSearch(options, place ?? options.end)
    : new ForwardSearch(options, place ?? options.start);
}

/** The page: always the head that comes first in time, and how many of each search are on it. */
function merge(
  searches: readonly Search[],
  limit: number,
  newest: boolean,
): { records: RecordView[]; taken: number[] } {
  const taken = searches.map(() => 0);
  const records: RecordView[] = [];
  let bytes = 0;
  const headOf = (index: number): RecordView | undefined => searches[index]?.found[taken[index] as number];
  while (records.length < limit && bytes < PAGE_BYTES) {
    let best: number | null = null;
    for (let index = 0; index < searches.length; index++) {
      const head = headOf(index);
      if (!head) continue;
      const other = best === null ? undefined : headOf(best);
      const earlier = !other || (newest ? head.timestampMs > other.timestampMs : head.timestampMs < other.timestampMs);
      if (earlier) best = index;
    }
    if (best === null) break;
    const record = headOf(best) as RecordView;
    records.push(record);
    bytes += viewBytes(record);
    taken[best] = (taken[best] as number) + 1;
  }
  return { records, taken };
}

type Unavailable = RecordPage['unavailable'][number];

/** What has come of each of some attempts; when all failed, the first failure is thrown. */
async function eachOrAll<T>(
  partitions: readonly number[],
  attempts: readonly Promise<T>[],
): Promise<{ done: T[]; failed: Unavailable[] }> {
  const results = await Promise.allSettled(attempts);
  const done = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ partition: partitions[index] as number, reason: result.reason as unknown }] : [],
  );
  const [first] = failures;
  if (first && done.length === 0) throw first.reason;
  return { done, failed: failures.map(({ partition, reason }) => unavailableFor(partition, reason)) };
}

/** @throws what is no error of a broker or a connection */
function unavailableFor(partition: number, reason: unknown): Unavailable {
  const error = apiErrorOf(reason);
  if (!error) throw reason;
  return { partition, error: error.code, message: error.message };
}

/**
 * A partition whose leader does not answer is left out when there are others, and named.
 * @throws ApiError INVALID_REQUEST, and with Kafka's names
 */
export async function browseRecords(context: BrowseContext, query: BrowseQuery): Promise<RecordPage> {
  const { cluster, clock, signal } = context;
  const { limit = USUAL_LIMIT, newest = false } = query;
  const partitions = await chosenPartitions(cluster, query);
  const budget = new Budget(clock, signal);
  const begun = partitions.map((partition) => searchOf(context, query, partition, budget));
  const { done: searches, failed } = await eachOrAll(partitions, begun);
  budget.begin();
  // One after the other: a page is small, and a browser tab shall not take all of a broker's attention.
  for (const search of searches) {
    await search.run().catch((reason: unknown) => {
      if (partitions.length === 1) throw reason;
      failed.push(unavailableFor(search.partition, reason));
    });
  }
  const { records, taken } = merge(searches, limit, newest);
  const next = searches.flatMap((search, index) => {
    const position = search.next(taken[index] as number);
    return position === null ? [] : [[String(search.partition), position] as const];
  });
  return {
    topic: query.topic,
    records,
    next: Object.fromEntries(next),
    examined: budget.examined,
    unavailable: failed,
    searchEnded: endOf(searches, taken, budget),
  };
}

function endOf(searches: readonly Search[], taken: readonly number[], budget: Budget): RecordPage['searchEnded'] {
  const hasMore = (search: Search, index: number): boolean => search.found.length > (taken[index] as number);
  if (searches.every((search, index) => search.atEnd && !hasMore(search, index))) return 'end-of-log';
  return searches.some(hasMore) ? 'page-full' : (budget.exhausted() ?? 'page-full');
}
