/** Entry of the dashboard: puts the application into the page. Compiled to plain ES modules that a browser loads as they are. */
import { render } from 'preact';

const page = document.getElementById('app');
if (page) render(<p>Gregor</p>, page);
