/** Light, dark, or as the system has it. */
import { Store } from './store.js';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'gregor.theme';

function stored(): Theme {
  const text = localStorage.getItem(KEY);
  return text === 'light' || text === 'dark' ? text : 'system';
}

export const theme = new Store<Theme>(stored());

export function applyTheme(): void {
  const chosen = theme.get();
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
}

export function chooseTheme(next: Theme): void {
  theme.set(next);
  localStorage.setItem(KEY, next);
  applyTheme();
}
