/** Records on their way, as the brokers report them: polled while the picture is seen, and merged. */
import type { RecordFlow, TracedRecord } from '@schemas';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../api.js';
import { every } from '../clock.js';

const POLL_MS = 1000;
/** Records this old are asked for again, since a follower or reader may have got them meanwhile. */
const BACK_MS = 8000;
const MOST_KEPT = 300;

export interface Flow {
  source: RecordFlow['source'];
  tracedBrokers: RecordFlow['tracedBrokers'];
  rates: RecordFlow['rates'];
  /** By growing time of append. */
  records: readonly TracedRecord[];
  /** The coordinator's clock at the last answer; null before the first. */
  nowMs: number | null;
}

export const recordKey = ({ topic, partition, offset }: TracedRecord) => `${topic} ${partition} ${offset}`;

function merge(known: readonly TracedRecord[], fresh: readonly TracedRecord[]): readonly TracedRecord[] {
  const byKey = new Map(known.map((record) => [recordKey(record), record]));
  for (const record of fresh) byKey.set(recordKey(record), record);
  return [...byKey.values()].sort((a, b) => a.appendedMs - b.appendedMs).slice(-MOST_KEPT);
}

/** Polls once per second, not while the tab is hidden. */
export function useFlow(): Flow {
  const [flow, setFlow] = useState<Flow>({ source: 'none', tracedBrokers: [], rates: [], records: [], nowMs: null });
  const since = useRef<number | null>(null);
  useEffect(() => {
    let running = false;
    const controller = new AbortController();
    const poll = async () => {
      if (running || document.hidden) return;
      running = true;
      const bound = since.current === null ? '' : `?sinceMs=${since.current}`;
      try {
        const answer = await get<RecordFlow>(`/api/flow${bound}`, controller.signal);
        since.current = Math.round(answer.nowMs - BACK_MS);
        setFlow((last) => ({ ...answer, records: merge(last.records, answer.records) }));
      } catch {
        // The banner of the shell tells that the coordinator does not answer.
      } finally {
        running = false;
      }
    };
    void poll();
    const off = every(POLL_MS, () => void poll());
    return () => {
      off();
      controller.abort();
    };
  }, []);
  return flow;
}
