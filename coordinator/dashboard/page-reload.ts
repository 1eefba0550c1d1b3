/**
 * Loading everything anew when the module of a page did not arrive: a browser remembers that for as long as the document lives,
 * and breaks off requests whenever a network interface comes or goes, as when a container is started. Bounded, so that a
 * coordinator that is gone is told instead of asked for ever; retry.ts does the same for the modules of the first page.
 */
const RELOADS = 'gregor.page-reloads';
const MOST_RELOADS = 3;

/** False when it has been tried often enough; else the document is about to go. */
export function reloadForModule(): boolean {
  const reloads = Number(sessionStorage.getItem(RELOADS) ?? 0);
  if (reloads >= MOST_RELOADS) {
    sessionStorage.removeItem(RELOADS);
    return false;
  }
  sessionStorage.setItem(RELOADS, String(reloads + 1));
  location.reload();
  return true;
}

export function moduleArrived(): void {
  sessionStorage.removeItem(RELOADS);
}
