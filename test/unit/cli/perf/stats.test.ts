import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headerLine, intervalLine, summaryLine } from '../../../../cli/perf/consumer-stats';
import { dateFormat } from '../../../../cli/perf/date-format';
import { filePayloads, monotonicPayloads, randomPayloads } from '../../../../cli/perf/payloads';
import { ProducerStats } from '../../../../cli/perf/producer-stats';
import { seededRandom } from '../../../../runtime/random';

describe("the producer's figures", () => {
  it('are told every five seconds, and as a whole at the end', () => {
    const lines: string[] = [];
    const stats = new ProducerStats(4, 1_000, (line) => lines.push(line));
    for (const latencyMs of [1, 2, 3]) stats.acknowledged(latencyMs, 1024 * 1024);
    stats.tick(5_999);
    expect(lines).toEqual([]);
    stats.tick(6_000);
    stats.acknowledged(9.6, 1024 * 1024);
    stats.finish(11_000);
    expect(lines).toEqual([
      '3 records sent, 0.6 records/sec (0.60 MB/sec), 2.0 ms avg latency, 3.0 ms max latency.',
      '4 records sent, 0.400000 records/sec (0.40 MB/sec), 4.00 ms avg latency, 10.00 ms max latency, 3 ms 50th, 10 ms 95th, 10 ms 99th, 10 ms 99.9th.',
    ]);
  });

  it('keep at most half a million latencies', () => {
    const lines: string[] = [];
    const stats = new ProducerStats(2_000_000, 0, (line) => lines.push(line));
    for (let index = 0; index < 2_000_000; index += 1) stats.acknowledged(index < 1_000_000 ? 5 : 50, 1);
    stats.finish(1_000);
    expect(lines[0]).toContain(
      '2000000.000000 records/sec (1.91 MB/sec), 27.50 ms avg latency, 50.00 ms max latency, 50 ms 50th',
    );
  });
});

describe("the consumer's figures", () => {
  const mib = 1024 * 1024;
  const stretch = { startMs: 0, endMs: 2_000, records: 300, bytes: 3 * mib, rebalanceMs: 500 };

  it('are told as a whole', () => {
    expect(headerLine(false)).toBe(
      'start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec',
    );
    expect(summaryLine(stretch, String)).toBe('0, 2000, 3.0000, 1.5000, 300, 150.0000, 500, 1500, 2.0000, 200.0000');
  });

  it('or interval by interval', () => {
    expect(headerLine(true)).toMatch(/^time, threadId, data/);
    expect(intervalLine(stretch, { records: 900, bytes: 9 * mib }, String)).toBe(
      '2000, 0, 9.0000, 1.5000, 900, 150.0000, 500, 1500, 2.0000, 200.0000',
    );
    expect(intervalLine({ ...stretch, rebalanceMs: 2_000 }, stretch, String)).toMatch(/2000, 0, 0\.0000, 0\.0000$/);
  });
});

describe('times', () => {
  const noon = new Date(2026, 2, 7, 13, 4, 5, 6).getTime();

  it.each([
    ['yyyy-MM-dd HH:mm:ss:SSS', '2026-03-07 13:04:05:006'],
    ["h:m a 'at' yy", '1:4 PM at 26'],
  ])('are written as %s', (pattern, expected) => {
    expect(dateFormat(pattern)(noon)).toBe(expected);
  });

  it('are not written in letters that nobody knows', () => {
    expect(() => dateFormat('yyyy b')).toThrow("Illegal pattern character 'b'");
  });
});

describe('payloads', () => {
  it('are random capital letters of the size wanted, each time others', () => {
    const next = randomPayloads(50);
    const [first, second] = [next(0).toString(), next(1).toString()];
    expect(first).toMatch(/^[A-Z]{50}$/);
    expect(second).not.toBe(first);
    const letters = new Set(randomPayloads(10_000)(0).toString());
    expect(letters.size).toBe(26);
  });

  it('are numbers, or lines of a file', async () => {
    expect(monotonicPayloads(41).toString()).toBe('41');
    const folder = mkdtempSync(join(tmpdir(), 'gregor-payloads-'));
    const file = join(folder, 'payloads');
    const said: string[] = [];
    try {
      writeFileSync(file, 'one\ntwo\n\n');
      const next = await filePayloads(file, '\n', seededRandom(1), (line) => said.push(line));
      expect(said).toEqual([`Reading payloads from: ${file}`, 'Number of messages read: 2']);
      expect(new Set(Array.from({ length: 50 }, (_, index) => next(index).toString()))).toEqual(
        new Set(['one', 'two']),
      );
      writeFileSync(file, '');
      await expect(filePayloads(file, '\n', seededRandom(1), () => undefined)).rejects.toThrow(
        'File does not exist or empty file provided.',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
