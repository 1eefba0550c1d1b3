/** All consumer groups. */
import type { GroupList, GroupSummary } from '@schemas';
import { type Column, DataTable } from '../components/data-table.js';
import { Fresh, Heading, Loaded } from '../components/page.js';
import { GroupState } from '../components/group-state.js';
import { Term } from '../components/term.js';
import { VerdictBadge } from '../components/verdict.js';
import { count, plural } from '../logic/format.js';
import { linkTo } from '../logic/routes.js';
import { useResource } from '../resource.js';

const rank = { unhealthy: 0, degraded: 1, unknown: 2, healthy: 3 };

const columns: readonly Column<GroupSummary>[] = [
  {
    id: 'group',
    title: 'Group',
    sort: ({ groupId }) => groupId,
    long: true,
    cell: ({ groupId }) => <a href={linkTo(['groups', groupId])}>{groupId === '' ? '(no name)' : groupId}</a>,
  },
  {
    id: 'verdict',
    title: 'Health',
    sort: ({ verdict }) => rank[verdict.verdict],
    cell: ({ verdict }) => (
      <>
        <VerdictBadge verdict={verdict.verdict} />
        {verdict.reasons.slice(0, 1).map(({ code, text }) => (
          <div class="small soft" key={code}>
            {text}
          </div>
        ))}
      </>
    ),
  },
  { id: 'state', title: 'State', sort: ({ state }) => state, cell: ({ state }) => <GroupState state={state} /> },
  {
    id: 'members',
    title: <Term name="member">Members</Term>,
    name: 'members',
    number: true,
    sort: ({ members }) => members,
    cell: ({ members }) => count(members),
  },
  {
    id: 'lag',
    title: <Term name="lag">Lag</Term>,
    name: 'lag',
    number: true,
    sort: ({ totalLag }) => totalLag,
    cell: ({ totalLag }) => count(totalLag),
  },
  { id: 'topics', title: 'Topics', long: true, cell: topicsCell },
  {
    id: 'coordinator',
    title: <Term name="group coordinator">Coordinator</Term>,
    cell: ({ coordinatorId }) =>
      coordinatorId === null ? (
        <span class="soft">not known</span>
      ) : (
        <a class="nowrap" href={linkTo(['brokers', coordinatorId])}>
          broker {coordinatorId}
        </a>
      ),
  },
];

function topicsCell({ topics }: GroupSummary) {
  const more = topics.length > 5 ? ` and ${topics.length - 5} more` : '';
  return (
    <>
      {topics.slice(0, 5).map((topic, index) => (
        <span key={topic}>
          {index > 0 ? ', ' : ''}
          <a href={linkTo(['topics', topic])}>{topic}</a>
        </span>
      ))}
      {more}
    </>
  );
}

export function GroupsPage() {
  const groups = useResource<GroupList>('/api/groups');
  return (
    <>
      <Heading
        title="Groups"
        lead="Consumers that share a name divide the partitions among themselves. Each group reads everything once, at its own pace."
      />
      <Loaded resource={groups}>
        {({ groups: all, freshness }) => (
          <>
            <div class="row">
              <span class="small soft">{plural(all.length, 'group')}</span>
              <Fresh freshness={freshness} atMs={groups.atMs} />
            </div>
            <DataTable
              caption="Consumer groups"
              columns={columns}
              rows={all}
              rowKey={({ groupId }) => groupId}
              text={({ groupId, topics, state }) => `${groupId} ${state} ${topics.join(' ')}`}
              filterLabel="Filter by name, state or topic"
              empty="No group has turned up yet. One appears when a consumer with a group.id joins."
            />
          </>
        )}
      </Loaded>
    </>
  );
}
