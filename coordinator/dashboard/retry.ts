/**
 * Loads the page anew when one of its modules did not arrive: browsers break off requests when a network interface comes or
 * goes (as with each container that starts), and remember a failed module for the life of a page. A plain script, as it must
 * not depend on any module itself. main.tsx forgets the count once all modules are there.
 */
const RELOADS = 'gregor.reloads';
const MOST_RELOADS = 10;

addEventListener(
  'error',
  ({ target }) => {
    // Errors of code have the window as their target; this is about scripts that could not be loaded.
    if (!(target instanceof HTMLScriptElement)) return;
    const reloads = Number(sessionStorage.getItem(RELOADS) ?? 0);
    if (reloads < MOST_RELOADS) {
      sessionStorage.setItem(RELOADS, String(reloads + 1));
      location.reload();
      return;
    }
    sessionStorage.removeItem(RELOADS);
    const loading = document.querySelector('.loading');
    if (loading) loading.textContent = 'The dashboard could not be loaded. Is the coordinator still running?';
  },
  true,
);
