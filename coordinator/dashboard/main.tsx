/** Entry of the dashboard: puts the application into the page. Compiled to plain ES modules that a browser loads as they are. */
import { render } from 'preact';
import { App } from './app.js';
import { openLive } from './live.js';
import { watchAddress } from './router.js';
import { applyTheme } from './theme.js';
import { adoptTokenFromAddress } from './token.js';

sessionStorage.removeItem('gregor.reloads');
applyTheme();
adoptTokenFromAddress();
watchAddress();
openLive();
const page = document.getElementById('app');
if (page) {
  // What stands there while the modules are loaded; rendering would leave it.
  page.replaceChildren();
  render(<App />, page);
}
