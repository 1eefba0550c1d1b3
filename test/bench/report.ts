/** The benchmarks' figures as a table with ratios, and as a bar chart of those ratios. */

export interface Figure {
  what: string;
  unit: string;
  broker: string;
  value: number;
  better: 'more' | 'less';
}

interface Row {
  what: string;
  unit: string;
  better: Figure['better'];
  gregor: number;
  kafka: number;
  nullBroker: number | null;
}

function rowsOf(figures: readonly Figure[]): Row[] {
  const find = (what: string, broker: string): number | null =>
    figures.find((figure) => figure.what === what && figure.broker === broker)?.value ?? null;
  return figures
    .filter((figure) => figure.broker === 'Gregor')
    .flatMap(({ what, unit, better, value }) => {
      const kafka = find(what, 'Apache Kafka');
      return kafka === null
        ? []
        : [{ what, unit, better, gregor: value, kafka, nullBroker: find(what, 'null broker') }];
    });
}

/** How many times better than Kafka: above 1 is better, whatever the figure is. */
function advantage(row: Row): number {
  return row.better === 'more' ? row.gregor / row.kafka : row.kafka / row.gregor;
}

/** The table, with what was measured and on what machine. */
export function markdown(figures: readonly Figure[], machine: string): string {
  const lines = [
    '# Measured against Apache Kafka 3.9.1',
    '',
    "Written by `npm run bench`: both brokers in turn, in one run, on one ZooKeeper, by Kafka's own perf tools.",
    `Machine: ${machine}. "Times better" is the ratio read so that more than 1 is in Gregor's favour.`,
    'The null broker only checks the CRC and appends to one file: the ceiling of client and runtime.',
    '',
    '![Times better than Apache Kafka](bench.svg)',
    '',
    '| Figure | Unit | Gregor | Apache Kafka | Times better | Null broker |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
  ];
  for (const row of rowsOf(figures)) {
    const ceiling = row.nullBroker === null ? '' : row.nullBroker.toFixed(1);
    const cells = [row.what, row.unit, row.gregor.toFixed(1), row.kafka.toFixed(1), advantage(row).toFixed(2), ceiling];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

const ROW_PX = 18;
const LABEL_PX = 430;
const BAR_PX = 420;
/** Bars are drawn on a logarithmic scale from 1/4 to 64 times. */
const SMALLEST_LOG2 = -2;
const LARGEST_LOG2 = 6;

function x(times: number): number {
  const log = Math.min(LARGEST_LOG2, Math.max(SMALLEST_LOG2, Math.log2(times)));
  return LABEL_PX + ((log - SMALLEST_LOG2) / (LARGEST_LOG2 - SMALLEST_LOG2)) * BAR_PX;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Horizontal bars: right of the line is better than Apache Kafka. */
export function chart(figures: readonly Figure[]): string {
  const rows = rowsOf(figures);
  const height = (rows.length + 3) * ROW_PX;
  const middle = x(1);
  const bars = rows.map((row, index) => {
    const times = advantage(row);
    const y = (index + 2) * ROW_PX;
    const [left, right] = times >= 1 ? [middle, x(times)] : [x(times), middle];
    const colour = times >= 1 ? '#2a7f62' : '#b5483a';
    return [
      `<text x="${LABEL_PX - 8}" y="${y + 12}" text-anchor="end">${escapeXml(row.what)}</text>`,
      `<rect x="${left.toFixed(1)}" y="${y + 3}" width="${(right - left).toFixed(1)}" height="${ROW_PX - 6}" fill="${colour}"/>`,
      `<text x="${(right + 4).toFixed(1)}" y="${y + 12}">${times.toFixed(2)}×</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LABEL_PX + BAR_PX + 80}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="white"/>
<text x="8" y="16" font-size="13">Times better than Apache Kafka 3.9.1 (logarithmic; right of the line is better)</text>
<line x1="${middle}" y1="${ROW_PX * 1.5}" x2="${middle}" y2="${height - ROW_PX / 2}" stroke="#555"/>
${bars.join('\n')}
</svg>
`;
}
