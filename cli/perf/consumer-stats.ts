/** What kafka-consumer-perf-test counts and how it tells it: once at the end, or for each interval. */
const MIB = 1024 * 1024;

const RATES = 'data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec';
const FETCH_RATES = 'rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec';

/** The line above the figures. */
export function headerLine(detailed: boolean): string {
  return `${detailed ? 'time, threadId' : 'start.time, end.time'}, ${RATES}, ${FETCH_RATES}`;
}

/** A stretch of time: what was read in it, and how long the group took of it to hand out partitions. */
export interface Stretch {
  startMs: number;
  endMs: number;
  records: number;
  bytes: number;
  rebalanceMs: number;
}

type Format = (timeMs: number) => string;

/** The figures of the whole whole. */
export function summaryLine(whole: Stretch, format: Format): string {
  const seconds = (whole.endMs - whole.startMs) / 1000;
  const fetchMs = whole.endMs - whole.startMs - whole.rebalanceMs;
  const mib = whole.bytes / MIB;
  return [
    format(whole.startMs),
    format(whole.endMs),
    mib.toFixed(4),
    (mib / seconds).toFixed(4),
    whole.records,
    (whole.records / seconds).toFixed(4),
    whole.rebalanceMs,
    fetchMs,
    (mib / (fetchMs / 1000)).toFixed(4),
    (whole.records / (fetchMs / 1000)).toFixed(4),
  ].join(', ');
}

function perSecond(amount: number, ms: number): string {
  return (ms <= 0 ? 0 : (amount * 1000) / ms).toFixed(4);
}

/** The figures of one interval, with what has been read since the beginning. */
export function intervalLine(interval: Stretch, total: Pick<Stretch, 'records' | 'bytes'>, format: Format): string {
  const elapsedMs = interval.endMs - interval.startMs;
  const fetchMs = elapsedMs - interval.rebalanceMs;
  const mib = interval.bytes / MIB;
  return [
    format(interval.endMs),
    0,
    (total.bytes / MIB).toFixed(4),
    perSecond(mib, elapsedMs),
    total.records,
    perSecond(interval.records, elapsedMs),
    interval.rebalanceMs,
    fetchMs,
    perSecond(mib, fetchMs),
    perSecond(interval.records, fetchMs),
  ].join(', ');
}
