/** One group: who is in it, who reads what, how far each partition is, and how the lag went. */
import type { GroupDetail, GroupMember, GroupOffset } from '@schemas';
import { useState } from 'preact/hooks';
import { type Column, DataTable } from '../components/data-table.js';
import { GroupState } from '../components/group-state.js';
import { LagChart } from '../components/lag-chart.js';
import { Card, Fact, Figure, Fresh, Heading, Loaded } from '../components/page.js';
import { ResetOffsetsDialog } from '../components/reset-offsets-dialog.js';
import { Term } from '../components/term.js';
import { Reasons, VerdictBadge } from '../components/verdict.js';
import { shortMember } from '../logic/flow-layout.js';
import { count } from '../logic/format.js';
import { linkTo, searchOf } from '../logic/routes.js';
import { useResource } from '../resource.js';
import type { PageProps } from '../page-props.js';

export function GroupPage({ rest }: PageProps) {
  const [groupId = ''] = rest;
  const group = useResource<GroupDetail>(`/api/group?${searchOf({ groupId })}`);
  const [resetting, setResetting] = useState(false);
  const verdict = group.data?.group.verdict;
  return (
    <>
      <Heading
        title={groupId}
        crumbs={[{ text: 'Groups', href: '#/groups' }]}
        beside={verdict ? <VerdictBadge verdict={verdict.verdict} prefix={`Group ${groupId} is`} /> : null}
        actions={
          <button type="button" class="button" disabled={!group.data} onClick={() => setResetting(true)}>
            Reset offsets
          </button>
        }
      />
      <Loaded resource={group}>
        {(detail) => (
          <>
            <Summary detail={detail} atMs={group.atMs} />
            <Card title="Lag over time" label="Lag over time">
              <LagChart points={detail.lagHistory} />
            </Card>
            <Card title="Members" label="Members">
              <DataTable
                caption={`Members of ${groupId}`}
                columns={memberColumns}
                rows={detail.members}
                rowKey={({ memberId }) => memberId}
                empty="Nobody is in this group at the moment. Its committed offsets wait for the next member."
              />
            </Card>
            <Card title="Partitions" label="Committed offsets and lag">
              <DataTable
                caption={`Offsets and lag of ${groupId}`}
                columns={offsetColumns}
                rows={detail.offsets}
                rowKey={({ topic, partition }) => `${topic}-${partition}`}
                text={({ topic, partition, memberId }) => `${topic}-${partition} ${memberId ?? ''}`}
                filterLabel="Filter by topic, partition or member"
                empty="Nothing is assigned, and nothing has been committed."
              />
            </Card>
            {resetting ? (
              <ResetOffsetsDialog
                detail={detail}
                onClose={() => setResetting(false)}
                onDone={() => void group.reload()}
              />
            ) : null}
          </>
        )}
      </Loaded>
    </>
  );
}

function Summary({ detail: { group, freshness }, atMs }: { detail: GroupDetail; atMs: number | null }) {
  return (
    <Card title="In short" beside={<Fresh freshness={freshness} atMs={atMs} />} label="Summary of the group">
      <dl class="figures">
        <Figure name={<Term name="member">members</Term>} value={count(group.members)} />
        <Figure name={<Term name="lag">records of lag</Term>} value={count(group.totalLag)} />
        <Figure
          name={
            <>
              <Term name="rebalance">rebalances</Term> in five minutes
            </>
          }
          value={count(group.recentRebalances)}
        />
      </dl>
      <Reasons reasons={group.verdict.reasons} />
      <dl class="facts small">
        <Fact name="State">
          <GroupState state={group.state} />
        </Fact>
        <Fact name="Way of assigning">{group.protocol === '' ? '–' : <code>{group.protocol}</code>}</Fact>
        <Fact name={<Term name="group coordinator">Coordinator</Term>}>
          {group.coordinatorId === null ? (
            'not known'
          ) : (
            <a href={linkTo(['brokers', group.coordinatorId])}>broker {group.coordinatorId}</a>
          )}
        </Fact>
      </dl>
    </Card>
  );
}

const memberColumns: readonly Column<GroupMember>[] = [
  {
    id: 'member',
    title: <Term name="member">Member</Term>,
    cell: ({ memberId }) => <span title={memberId}>{shortMember(memberId)}</span>,
  },
  { id: 'host', title: 'From', cell: ({ clientHost }) => <code>{clientHost.replace(/^\//, '')}</code> },
  {
    id: 'reads',
    title: 'Reads',
    long: true,
    cell: ({ assignment }) =>
      assignment.length === 0 ? (
        <span class="soft">nothing: there are more members than partitions</span>
      ) : (
        assignment.map(({ topic, partitions }) => (
          <div key={topic}>
            <a href={linkTo(['topics', topic])}>{topic}</a> {partitions.length > 1 ? 'partitions' : 'partition'}{' '}
            {partitions.join(', ')}
          </div>
        ))
      ),
  },
];

const offsetColumns: readonly Column<GroupOffset>[] = [
  {
    id: 'topic',
    title: 'Topic',
    sort: ({ topic }) => topic,
    cell: ({ topic }) => <a href={linkTo(['topics', topic])}>{topic}</a>,
  },
  {
    id: 'partition',
    title: 'Partition',
    number: true,
    sort: ({ partition }) => partition,
    cell: ({ partition }) => partition,
  },
  {
    id: 'committed',
    title: <Term name="committed offset">Committed</Term>,
    number: true,
    cell: ({ committedOffset }) => (committedOffset === null ? 'nothing yet' : count(committedOffset)),
  },
  {
    id: 'hw',
    title: <Term name="high watermark">High watermark</Term>,
    number: true,
    cell: ({ highWatermark }) => count(highWatermark),
  },
  {
    id: 'lag',
    title: <Term name="lag">Lag</Term>,
    name: 'lag',
    number: true,
    sort: ({ lag }) => lag,
    cell: ({ lag }) => count(lag),
  },
  {
    id: 'member',
    title: 'Read by',
    sort: ({ memberId }) => memberId,
    cell: ({ memberId }) =>
      memberId === null ? <span class="soft">nobody</span> : <span title={memberId}>{shortMember(memberId)}</span>,
  },
];
