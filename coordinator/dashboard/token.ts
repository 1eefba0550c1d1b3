/** The token that actions need: from the address or typed in, kept for this tab only. */
import { takeToken } from './logic/routes.js';
import { Store } from './store.js';

const KEY = 'gregor.token';

/** The request for a token that is under way; the dialog answers it. */
export const tokenRequest = new Store<{ why: string; answer(token: string | null): void } | null>(null);

/** Takes a token out of the address, so that it stays in no history and no bookmark. */
export function adoptTokenFromAddress(): void {
  const { token, rest } = takeToken(location.hash);
  if (token === null) return;
  sessionStorage.setItem(KEY, token);
  history.replaceState(null, '', `${location.pathname}${location.search}${rest}`);
}

export const storedToken = () => sessionStorage.getItem(KEY);

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}

/** Asks the user. Null when they would rather not. */
export function askForToken(why: string): Promise<string | null> {
  return new Promise((resolve) => {
    tokenRequest.set({
      why,
      answer(token) {
        tokenRequest.set(null);
        if (token !== null) sessionStorage.setItem(KEY, token);
        resolve(token);
      },
    });
  });
}
