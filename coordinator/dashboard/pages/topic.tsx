/** One topic: its partitions with leader, replicas and offsets, its settings, and what can be done with it. */
import type { TopicDetail } from '@schemas';
import { useState } from 'preact/hooks';
import { ConfigCard } from '../components/config-card.js';
import { Card, Figure, Fresh, Heading, Loaded } from '../components/page.js';
import { PartitionTable } from '../components/partition-table.js';
import { Term } from '../components/term.js';
import { TopicActions } from '../components/topic-actions.js';
import { Reasons, VerdictBadge } from '../components/verdict.js';
import { bytes, count } from '../logic/format.js';
import { linkTo } from '../logic/routes.js';
import { useResource } from '../resource.js';
import type { PageProps } from '../page-props.js';

export function TopicPage({ rest, query }: PageProps) {
  const [name = ''] = rest;
  const topic = useResource<TopicDetail>(`/api/topics/${encodeURIComponent(name)}`);
  const [version, setVersion] = useState(0);
  const changed = () => {
    setVersion((last) => last + 1);
    void topic.reload();
  };
  return (
    <>
      <Heading
        title={name}
        crumbs={[{ text: 'Topics', href: '#/topics' }]}
        beside={topic.data ? <TopicBadges detail={topic.data} /> : null}
        actions={
          topic.error?.status === 404 ? null : (
            <>
              <a class="button primary" href={linkTo(['topics', name, 'records'])}>
                Look at the records
              </a>
              <TopicActions
                name={name}
                detail={topic.data}
                onChanged={changed}
                produceAtOnce={query['produce'] === '1'}
              />
            </>
          )
        }
      />
      <Loaded resource={topic}>
        {(detail) => (
          <>
            <Summary detail={detail} atMs={topic.atMs} />
            <Card title="Partitions" label="Partitions">
              <p class="small soft">
                Replicas in their order: the first is the <Term name="preferred leader" />. Filled: leads now; tinted:
                in the <Term name="ISR" />; dashed: behind or gone.
              </p>
              <PartitionTable partitions={detail.partitions} topic={name} />
            </Card>
            <ConfigCard
              path={`/api/topics/${encodeURIComponent(name)}/configs`}
              version={`${version} ${JSON.stringify(detail.overrides)}`}
              alterPath={`/api/topics/${encodeURIComponent(name)}`}
              onChanged={changed}
              ownSource="topic"
            />
          </>
        )}
      </Loaded>
    </>
  );
}

function TopicBadges({ detail: { topic } }: { detail: TopicDetail }) {
  return (
    <>
      <VerdictBadge verdict={topic.verdict.verdict} prefix={`Topic ${topic.name} is`} />
      {topic.internal ? <span class="badge">internal</span> : null}
      {topic.deleting ? <span class="badge warn">being deleted</span> : null}
    </>
  );
}

function Summary({ detail, atMs }: { detail: TopicDetail; atMs: number | null }) {
  const { topic, groups, freshness } = detail;
  return (
    <Card title="In short" beside={<Fresh freshness={freshness} atMs={atMs} />} label="Summary of the topic">
      <dl class="figures">
        <Figure name={<Term name="partition">partitions</Term>} value={count(topic.partitions)} />
        <Figure name={<Term name="replica">replicas of each</Term>} value={count(topic.replicationFactor)} />
        <Figure name={<Term name="record">records kept</Term>} value={count(topic.records)} />
        <Figure name="on disk, all replicas" value={bytes(topic.sizeBytes)} />
      </dl>
      <Reasons reasons={topic.verdict.reasons} />
      <p>
        {groups.length === 0 ? (
          <>
            No <Term name="group" /> has committed offsets here.
          </>
        ) : (
          <>
            Read by{' '}
            {groups.map((group, index) => (
              <span key={group}>
                {index > 0 ? ', ' : ''}
                <a href={linkTo(['groups', group])}>{group}</a>
              </span>
            ))}
          </>
        )}
      </p>
      {topic.topicId ? (
        <p class="small soft">
          Topic id <code>{topic.topicId}</code>
        </p>
      ) : null}
    </Card>
  );
}
