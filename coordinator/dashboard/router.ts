/** Where the user is: the fragment of the address. Moves the focus to the heading when they go elsewhere. */
import { linkTo, type Location, parseFragment, searchOf } from './logic/routes.js';
import { Store, useStore } from './store.js';
import { adoptTokenFromAddress } from './token.js';

export const place = new Store<Location>(parseFragment(location.hash));

/** Whether the user has moved within the dashboard; the first page does not take the focus. */
let moved = false;
let lastPath = place.get().segments.join('/');

export function watchAddress(): void {
  place.set(parseFragment(location.hash));
  window.addEventListener('hashchange', () => {
    adoptTokenFromAddress();
    const next = parseFragment(location.hash);
    const path = next.segments.join('/');
    if (path !== lastPath) {
      moved = true;
      window.scrollTo(0, 0);
    }
    lastPath = path;
    place.set(next);
  });
}

export const usePlace = () => useStore(place);

export function go(fragment: string): void {
  location.hash = fragment;
}

/** Changes parameters of the present place without a new entry in the history. */
export function setQuery(changes: Record<string, string | number | null>): void {
  const { segments, query } = place.get();
  const next = { ...query, ...changes };
  history.replaceState(null, '', linkTo(segments, next));
  place.set({ segments, query: Object.fromEntries(new URLSearchParams(searchOf(next))) });
}

/** Called by each page's heading when it appears. */
export function focusHeading(heading: HTMLElement | null): void {
  if (!moved || !heading) return;
  moved = false;
  heading.focus({ preventScroll: true });
}
