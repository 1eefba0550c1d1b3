/** Which page an address shows. Each page is a module of its own, loaded when it is first needed. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { moduleArrived, reloadForModule } from './page-reload.js';
import type { PageProps } from './page-props.js';
import { OverviewPage } from './pages/overview.js';
import { usePlace } from './router.js';

type PageComponent = ComponentType<PageProps>;

const lazy: Record<string, (rest: readonly string[]) => Promise<PageComponent>> = {
  topics: async (rest) => {
    if (rest.length === 0) return (await import('./pages/topics.js')).TopicsPage;
    if (rest[1] === 'records') return (await import('./pages/records.js')).RecordsPage;
    return (await import('./pages/topic.js')).TopicPage;
  },
  groups: async (rest) =>
    rest.length === 0 ? (await import('./pages/groups.js')).GroupsPage : (await import('./pages/group.js')).GroupPage,
  brokers: async () => (await import('./pages/broker.js')).BrokerPage,
  zookeeper: async () => (await import('./pages/zookeeper.js')).ZooKeeperPage,
  timeline: async () => (await import('./pages/timeline.js')).TimelinePage,
  events: async () => (await import('./pages/events.js')).EventsPage,
  faults: async () => (await import('./pages/faults.js')).FaultsPage,
  lessons: async (rest) =>
    rest.length === 0
      ? (await import('./pages/lessons.js')).LessonsPage
      : (await import('./pages/lesson.js')).LessonPage,
};

export function Pages() {
  const { segments, query } = usePlace();
  const [first, ...rest] = segments;
  if (first === undefined) return <OverviewPage />;
  return <Lazy key={segments.join('/')} name={first} rest={rest} query={query} />;
}

interface LazyProps extends PageProps {
  name: string;
}

function Lazy({ name, rest, query }: LazyProps) {
  const [page, setPage] = useState<{ component: PageComponent } | null>(null);
  const [error, setError] = useState(false);
  const load = Object.hasOwn(lazy, name) ? lazy[name] : undefined;
  useEffect(() => {
    let gone = false;
    load?.(rest).then(
      (component) => {
        moduleArrived();
        if (!gone) setPage({ component });
      },
      () => {
        if (!gone && !reloadForModule()) setError(true);
      },
    );
    return () => {
      gone = true;
    };
  }, [load]);
  if (!load) return <Missing />;
  if (error) return <Broken />;
  if (!page)
    return (
      <p class="loading" role="status">
        Loading …
      </p>
    );
  const Component = page.component;
  return <Component rest={rest} query={query} />;
}

/** Browsers remember that a module could not be loaded until the whole page is loaded anew. */
function Broken() {
  return (
    <header class="page-head">
      <h1 tabIndex={-1}>This page could not be loaded</h1>
      <p class="note bad" role="alert">
        Is the coordinator still running?
      </p>
      <div>
        <button type="button" class="button primary" onClick={() => location.reload()}>
          Try again
        </button>
      </div>
    </header>
  );
}

function Missing() {
  return (
    <header class="page-head">
      <h1 tabIndex={-1}>There is no such page</h1>
      <p>
        Go to the <a href="#/">overview</a>.
      </p>
    </header>
  );
}
