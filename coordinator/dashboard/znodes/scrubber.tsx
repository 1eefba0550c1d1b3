/** The slider through the flight recorder: back to any change, and forth to the present. */
import type { ZnodeHistory } from '@schemas';
import { useEffect, useState } from 'preact/hooks';
import { after } from '../clock.js';
import { Card } from '../components/page.js';
import { Term } from '../components/term.js';
import { dateTime, timeOfDay } from '../logic/format.js';
import { searchOf } from '../logic/routes.js';
import { useResource } from '../resource.js';

interface ScrubberProps {
  /** Null: the present. */
  at: number | null;
  setAt(at: number | null): void;
}

const SETTLES_MS = 150;

export function Scrubber({ at, setAt }: ScrubberProps) {
  const bounds = useResource<ZnodeHistory>('/api/znodes/history?limit=1&newestFirst=true', { on: ['znode'] });
  const { firstSequence: first = null, lastSequence: last = null } = bounds.data ?? {};
  const [sliding, setSliding] = useState<number | null>(null);
  useEffect(() => {
    if (sliding === null) return;
    return after(SETTLES_MS, () => {
      setAt(sliding);
      setSliding(null);
    });
  }, [sliding]);
  if (first === null || last === null) {
    return (
      <Card title="Now" label="Flight recorder">
        <p class="soft">The flight recorder keeps every change from here on; there is none yet.</p>
      </Card>
    );
  }
  const shown = sliding ?? at ?? last;
  return (
    <Card
      title={at === null ? 'Now' : 'In the past'}
      label="Flight recorder"
      className={at === null ? '' : 'past'}
      beside={
        at === null ? (
          <span class="small soft">{sourceText(bounds.data)}</span>
        ) : (
          <button type="button" class="button primary" onClick={() => setAt(null)}>
            Back to now
          </button>
        )
      }
    >
      <Slider first={first} last={last} shown={shown} move={setAt} slide={setSliding} />
      {at === null ? (
        <p class="small soft">
          Slide to the left to see the tree as it stood after any of the {last - first + 1} recorded changes.
        </p>
      ) : (
        <Moment at={at} />
      )}
    </Card>
  );
}

function sourceText(history: ZnodeHistory | null): string {
  if (history?.source === 'transaction-log') return 'Recorded from ZooKeeper’s transaction log: nothing is missed';
  return 'Recorded from watches: changes in quick succession may be missed, and are shown as gaps';
}

/** Which change the slider stands at. */
function Moment({ at }: { at: number }) {
  const search = searchOf({ before: at + 1, limit: 1, newestFirst: true });
  const history = useResource<ZnodeHistory>(`/api/znodes/history?${search}`, { on: [], everyMs: 600_000 });
  const change = history.data?.changes[0];
  return (
    <p role="status">
      You see the tree as it stood right after change {at}
      {change ? (
        <>
          : <strong>{change.text}</strong>{' '}
          <span class="small soft">
            {dateTime(change.timeMs)}.{timeOfDay(change.timeMs).slice(9)} · <Term name="zxid" />{' '}
            {change.zxid ?? 'not known'}
          </span>
        </>
      ) : (
        '.'
      )}
    </p>
  );
}

interface SliderProps {
  first: number;
  last: number;
  shown: number;
  move(to: number): void;
  slide(to: number): void;
}

function Slider({ first, last, shown, move, slide }: SliderProps) {
  return (
    <div class="scrubber">
      <button
        type="button"
        class="button"
        aria-label="One change back"
        disabled={shown <= first}
        onClick={() => move(shown - 1)}
      >
        ‹
      </button>
      <input
        type="range"
        aria-label="Scroll back through the changes"
        aria-valuetext={`After change ${shown} of ${last}`}
        min={first}
        max={last}
        value={shown}
        onInput={(event) => slide(Number(event.currentTarget.value))}
      />
      <button
        type="button"
        class="button"
        aria-label="One change on"
        disabled={shown >= last}
        onClick={() => move(shown + 1)}
      >
        ›
      </button>
    </div>
  );
}
