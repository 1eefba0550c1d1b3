/**
 * Histories of produce, poll and commit under faults, checked as Jepsen checks Kafka. GREGOR_SEED=n plays the faults of that
 * seed; GREGOR_HISTORY_ROUNDS=n plays so many, one seed after the other.
 */
import { playHistory } from '../support/history/workload';

const seed = Number(process.env['GREGOR_SEED'] ?? 1);
const rounds = Number(process.env['GREGOR_HISTORY_ROUNDS'] ?? 1);
const ROUND_TIMEOUT_MS = 600_000;

const seeds = Array.from({ length: rounds }, (_, index) => seed + index);

test.each(seeds)(
  'clients of three brokers see nothing impossible while every kind of fault strikes: seed %i',
  async (each) => {
    const lines: string[] = [];
    try {
      const { anomalies, counts } = await playHistory(each, (line) => lines.push(line));
      lines.push(JSON.stringify(counts));
      expect(anomalies).toEqual([]);
      // A history without failures and hand-overs would prove little.
      expect(counts['assign']).toBeGreaterThan(5);
      expect(counts['send ok']).toBeGreaterThan(1000);
    } finally {
      console.log(`history of seed ${each} (GREGOR_SEED=${each} plays its faults again):\n  ${lines.join('\n  ')}`);
    }
  },
  ROUND_TIMEOUT_MS,
);
