/** The log of what happens, as it happens. */
import type { EventList, LiveEvent } from '@schemas';
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.js';
import { after } from '../clock.js';
import { Empty, Heading } from '../components/page.js';
import { onEvent } from '../live.js';
import { joinEvents } from '../logic/event-list.js';
import { dateTime, plural, timeOfDay } from '../logic/format.js';
import { linkTo } from '../logic/routes.js';
import { matches } from '../logic/pages.js';

const MOST_KEPT = 1000;
const SHOWN = 60;
const GATHER_MS = 300;

/** `view` only tells pages to look again. */
const tells = ({ type }: LiveEvent) => type !== 'view';

/** Newest last. What comes in a burst is shown at once. */
function useEvents(paused: boolean): readonly LiveEvent[] {
  const [events, setEvents] = useState<readonly LiveEvent[]>([]);
  useEffect(() => {
    if (paused) return;
    let waiting: LiveEvent[] = [];
    let cancel: (() => void) | null = null;
    void latest().then(
      (list) => setEvents((known) => joinEvents(known, list, MOST_KEPT)),
      () => undefined,
    );
    const off = onEvent((event) => {
      if (!tells(event)) return;
      // The coordinator was started anew, and counts from the beginning.
      if (event.type === 'lost') {
        setEvents([]);
        waiting = [];
      }
      waiting.push(event);
      cancel ??= after(GATHER_MS, () => {
        cancel = null;
        const fresh = waiting;
        waiting = [];
        setEvents((known) => joinEvents(known, fresh, MOST_KEPT));
      });
    });
    return () => {
      off();
      cancel?.();
    };
  }, [paused]);
  return events;
}

/** The newest that are kept; the interface gives them from an id on. */
async function latest(): Promise<LiveEvent[]> {
  const { lastId } = await get<EventList>('/api/events?limit=1');
  if (lastId === null) return [];
  const list = await get<EventList>(`/api/events?limit=1000&after=${Math.max(0, lastId - 1000)}`);
  return list.events.filter(tells);
}

/** All but those that tell people nothing; the compiler misses a kind that is left out. */
const kindsToTell: Record<Exclude<LiveEvent['type'], 'view' | 'lost'>, true> = {
  znode: true,
  health: true,
  broker: true,
  controller: true,
  partition: true,
  topic: true,
  group: true,
  zookeeper: true,
  startup: true,
  fault: true,
  lesson: true,
};
const kinds = Object.keys(kindsToTell);

/** `told`: all but single znodes, since what they mean is told as an event of its own. */
function isOfKind({ type }: LiveEvent, kind: string): boolean {
  return kind === '' || (kind === 'told' ? type !== 'znode' : type === kind);
}

export function EventsPage() {
  const [paused, setPaused] = useState(false);
  const [kind, setKind] = useState('told');
  const [filter, setFilter] = useState('');
  const [most, setMost] = useState(SHOWN);
  const events = useEvents(paused);
  const chosen = events.filter(
    (event) =>
      isOfKind(event, kind) && (filter.trim() === '' || matches(`${event.text} ${event.subject ?? ''}`, filter.trim())),
  );
  const shown = chosen.slice(-most).reverse();
  return (
    <>
      <Heading
        title="Events"
        lead="Everything that happens to brokers, partitions, groups and in ZooKeeper, the newest first."
      />
      <div class="filters">
        <select aria-label="Kind of event" value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          <option value="told">what happened</option>
          <option value="">everything, each znode too</option>
          {kinds.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <div class="field grow">
          <input
            type="search"
            aria-label="Filter events"
            placeholder="Filter events"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
        </div>
        <button type="button" class="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? 'Go on' : 'Pause'}
        </button>
      </div>
      <p class="small soft">
        {plural(chosen.length, 'event')}
        {chosen.length > shown.length ? `, the newest ${most} are shown` : ''}
        {paused ? ' – paused' : ''}
      </p>
      <Log events={shown} none={events.length === 0} />
      {chosen.length > shown.length ? (
        <div>
          <button type="button" class="button" onClick={() => setMost(most + SHOWN)}>
            Show earlier ones
          </button>
        </div>
      ) : null}
    </>
  );
}

function Log({ events, none }: { events: readonly LiveEvent[]; none: boolean }) {
  if (events.length === 0) {
    return <Empty>{none ? 'Nothing has happened yet since the coordinator started.' : 'Nothing matches.'}</Empty>;
  }
  return (
    <div class="scroll">
      <ol class="log" aria-label="Events">
        {events.map((event) => (
          <Item event={event} key={event.id} />
        ))}
      </ol>
    </div>
  );
}

function Item({ event }: { event: LiveEvent }) {
  const href = hrefOf(event);
  return (
    <li>
      <time dateTime={new Date(event.atMs).toISOString()} title={dateTime(event.atMs)}>
        {timeOfDay(event.atMs)}
      </time>
      <span>
        <span class={event.type === 'fault' ? 'badge bad' : 'badge'}>{event.type}</span>
      </span>
      <span>
        {event.text} {href ? <a href={href}>look</a> : null}
      </span>
    </li>
  );
}

function hrefOf({ type, subject, data }: LiveEvent): string | null {
  if (type === 'znode') {
    const change = data as { path?: string; sequence?: number } | null;
    return change?.path ? linkTo(['zookeeper'], { path: change.path, at: change.sequence }) : null;
  }
  if (subject === null) return null;
  if (type === 'topic') return linkTo(['topics', subject]);
  if (type === 'partition') return linkTo(['topics', subject.replace(/-\d+$/, '')]);
  if (type === 'group') return linkTo(['groups', subject]);
  if (type === 'broker' && /^\d+$/.test(subject)) return linkTo(['brokers', subject]);
  return null;
}
