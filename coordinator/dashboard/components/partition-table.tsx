/** The partitions of a topic. */
import type { PartitionView } from '@schemas';
import { bytes, count } from '../logic/format.js';
import { linkTo } from '../logic/routes.js';
import { type Column, DataTable } from './data-table.js';
import { Replicas } from './replicas.js';
import { Term } from './term.js';
import { VerdictBadge } from './verdict.js';

const rank = { unhealthy: 0, degraded: 1, unknown: 2, healthy: 3 };

function sizeOf({ sizeBytes, leader }: PartitionView): number | null {
  return sizeBytes[String(leader)] ?? Object.values(sizeBytes)[0] ?? null;
}

function lagText({ offsetLag }: PartitionView): string {
  const behind = Object.entries(offsetLag).filter(([, lag]) => lag > 0);
  return behind.map(([id, lag]) => `broker ${id} is ${count(lag)} behind`).join(', ');
}

const columnsFor = (topic: string): readonly Column<PartitionView>[] => [
  {
    id: 'partition',
    title: <Term name="partition">Partition</Term>,
    name: 'partition',
    sort: ({ partition }) => partition,
    cell: ({ partition }) => (
      <a href={linkTo(['topics', topic, 'records'], { partition })} aria-label={`Records of partition ${partition}`}>
        {partition}
      </a>
    ),
  },
  {
    id: 'health',
    title: 'Health',
    sort: ({ verdict }) => rank[verdict.verdict],
    cell: ({ verdict }) => (
      <>
        <VerdictBadge verdict={verdict.verdict} />
        {verdict.reasons.slice(0, 2).map(({ code, text }) => (
          <div class="small soft" key={code}>
            {text}
          </div>
        ))}
      </>
    ),
  },
  {
    id: 'leader',
    title: <Term name="leader">Leader</Term>,
    name: 'leader',
    sort: ({ leader }) => leader,
    cell: ({ leader }) =>
      leader === null ? (
        <span class="badge bad">nobody</span>
      ) : (
        <a href={linkTo(['brokers', leader])} class="nowrap">
          broker {leader}
        </a>
      ),
  },
  {
    id: 'replicas',
    title: <Term name="replica">Replicas</Term>,
    cell: (row) => (
      <>
        <Replicas replicas={row.replicas} isr={row.isr} leader={row.leader} offline={row.offlineReplicas} />
        {lagText(row) === '' ? null : <div class="small soft">{lagText(row)}</div>}
      </>
    ),
  },
  { id: 'isr', title: <Term name="ISR" />, cell: ({ isr }) => <span class="nowrap">{isr.join(', ')}</span> },
];

const numberColumns: readonly Column<PartitionView>[] = [
  {
    id: 'start',
    title: <Term name="log start offset">Log start</Term>,
    number: true,
    cell: ({ logStartOffset }) => count(logStartOffset),
  },
  {
    id: 'hw',
    title: <Term name="high watermark">High watermark</Term>,
    name: 'high watermark',
    number: true,
    sort: ({ highWatermark }) => highWatermark,
    cell: ({ highWatermark }) => count(highWatermark),
  },
  { id: 'size', title: 'On disk', number: true, sort: sizeOf, cell: (row) => bytes(sizeOf(row)) },
  {
    id: 'leader-epoch',
    title: <Term name="leader epoch">Leader epoch</Term>,
    number: true,
    cell: ({ leaderEpoch }) => count(leaderEpoch),
  },
  {
    id: 'partition-epoch',
    title: <Term name="partition epoch">Partition epoch</Term>,
    number: true,
    cell: ({ partitionEpoch }) => count(partitionEpoch),
  },
];

export function PartitionTable({ partitions, topic }: { partitions: readonly PartitionView[]; topic: string }) {
  return (
    <DataTable
      caption={`Partitions of ${topic}`}
      columns={[...columnsFor(topic), ...numberColumns]}
      rows={partitions}
      rowKey={({ partition }) => String(partition)}
      text={({ partition, leader, verdict }) =>
        `${partition} ${leader === null ? 'nobody' : `broker ${leader}`} ${verdict.verdict}`
      }
      filterLabel="Filter by number, leader or health"
    />
  );
}
