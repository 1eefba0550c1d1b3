/** Banners that no page may hide: faults on purpose, and that what is shown is no longer fresh. */
import { cluster } from '../cluster.js';
import { liveState } from '../live.js';
import { ago, plural } from '../logic/format.js';
import { useStore } from '../store.js';
import { Icon } from './icon.js';
import { useNow } from './page.js';

export function Alerts() {
  return (
    <div class="alerts">
      <FaultAlert />
      <SilenceAlert />
    </div>
  );
}

function FaultAlert() {
  const active = useStore(cluster).view?.faultsActive ?? 0;
  if (active === 0) return null;
  return (
    <div class="alert red" role="alert">
      <Icon name="faults" />
      <strong>{plural(active, 'fault')} made on purpose</strong>
      <span>Part of this cluster is broken because somebody asked for it here.</span>
      <a href="#/faults">See the faults and end them</a>
    </div>
  );
}

function SilenceAlert() {
  const { error, atMs } = useStore(cluster);
  const live = useStore(liveState);
  const now = useNow();
  if (!error) {
    return live === 'broken' ? (
      <div class="alert amber" role="status">
        The live stream is interrupted; the pages are read again every few seconds meanwhile.
      </div>
    ) : null;
  }
  return (
    <div class="alert red" role="alert">
      <Icon name="unhealthy" />
      <strong>{error.message}.</strong>
      <span>{atMs === null ? 'Nothing is known yet.' : `What you see is from ${ago(now - atMs)}.`}</span>
    </div>
  );
}
