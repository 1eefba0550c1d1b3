/** All topics in a table, and the way to make a new one. */
import type { TopicPage, TopicSummary } from '@schemas';
import { useState } from 'preact/hooks';
import { CreateTopicDialog } from '../components/create-topic-dialog.js';
import { type Column, DataTable } from '../components/data-table.js';
import { Fresh, Heading, Loaded } from '../components/page.js';
import { Term } from '../components/term.js';
import { VerdictBadge } from '../components/verdict.js';
import { bytes, count, plural } from '../logic/format.js';
import { linkTo } from '../logic/routes.js';
import { useResource } from '../resource.js';

const columns: readonly Column<TopicSummary>[] = [
  {
    id: 'name',
    title: 'Topic',
    sort: ({ name }) => name,
    cell: ({ name, internal, deleting }) => (
      <>
        <a href={linkTo(['topics', name])}>{name}</a> {internal ? <span class="badge">internal</span> : null}{' '}
        {deleting ? <span class="badge warn">being deleted</span> : null}
      </>
    ),
  },
  { id: 'verdict', title: 'Health', sort: ({ verdict }) => rank[verdict.verdict], cell: healthCell },
  {
    id: 'partitions',
    title: <Term name="partition">Partitions</Term>,
    name: 'partitions',
    number: true,
    sort: (topic) => topic.partitions,
    cell: (topic) => count(topic.partitions),
  },
  {
    id: 'replicas',
    title: <Term name="replica">Replicas</Term>,
    name: 'replicas',
    number: true,
    sort: (topic) => topic.replicationFactor,
    cell: (topic) => `${topic.replicationFactor}×`,
  },
  {
    id: 'records',
    title: <Term name="record">Records</Term>,
    name: 'records',
    number: true,
    sort: ({ records }) => records,
    cell: ({ records }) => count(records),
  },
  {
    id: 'size',
    title: 'On disk',
    number: true,
    sort: ({ sizeBytes }) => sizeBytes,
    cell: ({ sizeBytes }) => bytes(sizeBytes),
  },
];

const rank = { unhealthy: 0, degraded: 1, unknown: 2, healthy: 3 };

function healthCell(topic: TopicSummary) {
  const findings = [
    topic.offline > 0 ? `${topic.offline} offline` : '',
    topic.underReplicated > 0 ? `${topic.underReplicated} under-replicated` : '',
    topic.underMinIsr > 0 ? `${topic.underMinIsr} below min ISR` : '',
    topic.leaderNotPreferred > 0 ? `${topic.leaderNotPreferred} not led by the preferred replica` : '',
  ].filter((text) => text !== '');
  return (
    <>
      <VerdictBadge verdict={topic.verdict.verdict} /> <span class="small soft">{findings.join(', ')}</span>
    </>
  );
}

export function TopicsPage() {
  const topics = useResource<TopicPage>('/api/topics');
  const [creating, setCreating] = useState(false);
  const [internal, setInternal] = useState(false);
  return (
    <>
      <Heading
        title="Topics"
        lead="A topic is a named stream of records, kept in partitions that are spread over the brokers."
        actions={
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            Create topic
          </button>
        }
      />
      <Loaded resource={topics}>
        {({ topics: all, freshness }) => (
          <>
            <div class="row">
              <span class="small soft">{plural(all.length, 'topic')}</span>
              <Fresh freshness={freshness} atMs={topics.atMs} />
              <label>
                <input
                  type="checkbox"
                  checked={internal}
                  onChange={(event) => setInternal(event.currentTarget.checked)}
                />{' '}
                Show internal topics
              </label>
            </div>
            <DataTable
              caption="Topics"
              columns={columns}
              rows={internal ? all : all.filter((topic) => !topic.internal)}
              rowKey={({ name }) => name}
              text={({ name }) => name}
              filterLabel="Filter topics by name"
              empty="There is no topic yet. Create one to begin."
            />
          </>
        )}
      </Loaded>
      {creating ? <CreateTopicDialog onClose={() => setCreating(false)} onDone={() => void topics.reload()} /> : null}
    </>
  );
}
