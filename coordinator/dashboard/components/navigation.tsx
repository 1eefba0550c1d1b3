/** The list of pages. */
import { useEffect, useRef } from 'preact/hooks';
import { usePlace } from '../router.js';
import { Icon, type IconName } from './icon.js';

const entries: readonly { name: string; segment: string; icon: IconName; also?: string }[] = [
  { name: 'Overview', segment: '', icon: 'overview', also: 'brokers' },
  { name: 'Topics', segment: 'topics', icon: 'topics' },
  { name: 'Groups', segment: 'groups', icon: 'groups' },
  { name: 'ZooKeeper', segment: 'zookeeper', icon: 'znodes' },
  { name: 'Timeline', segment: 'timeline', icon: 'timeline' },
  { name: 'Events', segment: 'events', icon: 'events' },
  { name: 'Faults', segment: 'faults', icon: 'faults' },
  { name: 'Lessons', segment: 'lessons', icon: 'lessons' },
];

export function Navigation() {
  const here = usePlace().segments[0] ?? '';
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the list scrolls sideways: the present page stays in sight.
    const current = list.current?.querySelector<HTMLElement>('[aria-current]');
    if (list.current && current) list.current.scrollLeft = current.offsetLeft - 60;
  }, [here]);
  return (
    <nav class="nav" aria-label="Pages" ref={list}>
      <ul>
        {entries.map(({ name, segment, icon, also }) => (
          <li key={segment}>
            <a href={`#/${segment}`} aria-current={here === segment || here === also ? 'page' : undefined}>
              <Icon name={icon} />
              {name}
            </a>
          </li>
        ))}
        <li>
          <a href="/docs/" target="gregor-docs">
            <Icon name="documents" />
            Documents
          </a>
        </li>
      </ul>
    </nav>
  );
}
