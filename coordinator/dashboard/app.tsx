/** The frame around all pages: header with the verdict, banners, navigation, and the page itself. */
import type { FaultsView } from '@schemas';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Alerts } from './components/alerts.js';
import { Icon } from './components/icon.js';
import { Navigation } from './components/navigation.js';
import { Notices } from './components/notices.js';
import { Fresh } from './components/page.js';
import { Tips } from './components/term.js';
import { TokenDialog } from './components/token-dialog.js';
import { VerdictBadge } from './components/verdict.js';
import { cluster, watchCluster } from './cluster.js';
import { useResource } from './resource.js';
import { Pages } from './routes.js';
import { useStore } from './store.js';
import { chooseTheme, type Theme, theme } from './theme.js';

export function App() {
  useEffect(watchCluster, []);
  const main = useRef<HTMLElement>(null);
  return (
    <div class="shell">
      <button type="button" class="button skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Bar />
      <Alerts />
      <Navigation />
      <main class="main" tabIndex={-1} ref={main}>
        <Pages />
      </main>
      <VerdictAloud />
      <Notices />
      <TokenDialog />
      <Tips />
    </div>
  );
}

function Bar() {
  const { view, atMs, error } = useStore(cluster);
  return (
    <header class="bar">
      <a class="brand" href="#/">
        <Beetle />
        Gregor
      </a>
      {view ? <VerdictBadge verdict={error ? 'unknown' : view.verdict.verdict} prefix="The cluster is" /> : null}
      {view ? <Fresh freshness={view.freshness} atMs={atMs} /> : null}
      <FaultsBadge />
      <span class="push optional small soft">
        {view?.clusterId ? (
          <>
            Cluster <code>{view.clusterId}</code>
          </>
        ) : null}
      </span>
      <ThemeChoice />
    </header>
  );
}

/** Shown on every page while faults can be made here. */
function FaultsBadge() {
  const faults = useResource<FaultsView>('/api/faults', { on: ['fault'], everyMs: 60_000 });
  return faults.data?.enabled ? (
    <a class="badge bad" href="#/faults">
      <Icon name="faults" /> Faults on
    </a>
  ) : null;
}

function ThemeChoice() {
  const chosen = useStore(theme);
  return (
    <span class="row">
      <Icon name="sun" />
      <select aria-label="Colours" value={chosen} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
        <option value="system">System</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </span>
  );
}

/** Says a new verdict aloud; the first one is no news. */
function VerdictAloud() {
  const { view } = useStore(cluster);
  const [said, setSaid] = useState('');
  const last = useRef<string | null>(null);
  const now = view?.verdict.verdict ?? null;
  useEffect(() => {
    if (now === null) return;
    if (last.current !== null && last.current !== now) {
      setSaid(`The cluster is now ${now}. ${view?.verdict.reasons[0]?.text ?? ''}`);
    }
    last.current = now;
  }, [now]);
  return (
    <div class="visually-hidden" role="status" aria-live="polite" aria-label="Changes of the verdict">
      {said}
    </div>
  );
}

function Beetle() {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round">
        <path d="M9 4L7 1.5M15 4l2-2.5M6 10L2.5 8M6 14H2M7 18l-3.5 2.5M18 10l3.5-2M18 14h4M17 18l3.5 2.5" />
      </g>
      <path
        d="M12 3.5c3.8 0 6.5 3.6 6.5 9S15.8 22 12 22s-6.500-4.100-6.500-9.500S8.200 3.500 12 3.500z"
        fill="currentColor"
      />
      <path d="M12 8v14M7 8.500c3 1.300 7 1.300 10 0" stroke="var(--surface)" stroke-width="1.500" fill="none" />
    </svg>
  );
}
