/**
 * The documents under docs/ as pages, so that what the dashboard links to can be read where there is no repository at hand.
 * HTML inside a document is shown as text.
 */
import type { Express, RequestHandler } from 'express';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import MarkdownIt from 'markdown-it';
import { ApiError } from './api-error';
import { documentsDirectory } from './files';

const STYLE = '/documents.css';
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const css = `:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
nav { margin-bottom: 1.5rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .35rem .6rem; text-align: left; vertical-align: top; }
pre { overflow-x: auto; padding: .8rem; border-radius: .4rem; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
pre, :not(pre) > code { background: color-mix(in srgb, currentColor 8%, transparent); }
:not(pre) > code { padding: .1em .3em; border-radius: .25em; overflow-wrap: anywhere; }
td:first-child code { white-space: nowrap; }
img { max-width: 100%; }
h2, h3 { margin-top: 2rem; }
:target { scroll-margin-top: 1rem; background: color-mix(in srgb, Highlight 25%, transparent); }
`;

/** The anchor that GitHub gives a heading, so that links between documents lead there. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });

markdown.core.ruler.push('heading-anchors', (state) => {
  state.tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return;
    const text = (state.tokens[index + 1]?.children ?? [])
      .filter(({ type }) => type === 'text' || type === 'code_inline')
      .map(({ content }) => content)
      .join('');
    token.attrSet('id', anchorOf(text));
  });
});

/** Whether a link leads to another document, to an anchor, or out into the world; the source code is not served. */
function isServed(href: string, document: string): boolean {
  if (/^(https?:|#)/.test(href)) return true;
  return new URL(href, `http://docs/docs/${document}`).pathname.startsWith('/docs/');
}

/** Links that would lead nowhere become plain text. */
markdown.core.ruler.push('links', (state) => {
  const { document } = state.env as { document: string };
  for (const { children } of state.tokens) {
    let dropping = false;
    for (const token of children ?? []) {
      if (token.type === 'link_open') dropping = !isServed(String(token.attrGet('href')), document);
      if (dropping && token.type.startsWith('link_')) Object.assign(token, { type: 'text', content: '' });
    }
  }
});

const escapeHtml = (text: string): string => markdown.utils.escapeHtml(text);

/** A document as a whole page. */
export function documentPage(name: string, text: string): string {
  const title = /^# (.+)$/m.exec(text)?.[1] ?? name;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="${STYLE}">
</head>
<body>
<nav><a href="/">Dashboard</a> · <a href="/docs/">Documents</a></nav>
<main>
${markdown.render(text, { document: name })}
</main>
</body>
</html>
`;
}

/** Names of the files that may be asked for, read once: no request can name another. */
function fileNames(): ReadonlySet<string> {
  try {
    const names = readdirSync(documentsDirectory, { recursive: true, encoding: 'utf8' });
    return new Set(names.map((name) => name.split(sep).join('/')).filter((name) => /\.(md|svg|png)$/.test(name)));
  } catch {
    return new Set();
  }
}

function indexPage(names: ReadonlySet<string>): string {
  const documents = [...names].filter((name) => name.endsWith('.md')).sort();
  const titleOf = (name: string): string =>
    /^# (.+)$/m.exec(readFileSync(join(documentsDirectory, name), 'utf8'))?.[1] ?? name;
  return documentPage(
    'Documents',
    `# Documents\n\n${documents.map((name) => `- [${titleOf(name)}](/docs/${name})`).join('\n')}`,
  );
}

/** Pages that were shown, so that a document is read and rendered once for each time that it changed. */
const shown = new Map<string, { changedMs: number; page: string }>();

function pageOf(name: string): string {
  const file = join(documentsDirectory, name);
  const changedMs = statSync(file).mtimeMs;
  const known = shown.get(name);
  if (known?.changedMs === changedMs) return known.page;
  const page = documentPage(name, readFileSync(file, 'utf8'));
  shown.set(name, { changedMs, page });
  return page;
}

export function serveDocuments(app: Express): void {
  const names = fileNames();
  let index: string | null = null;
  const show: RequestHandler<{ name: string[] }> = (request, response) => {
    const name = request.params.name.join('/');
    if (!names.has(name)) throw new ApiError(404, 'NOT_FOUND', 'There is no such document');
    response.set({ 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache' });
    if (!name.endsWith('.md')) {
      response.sendFile(name, { root: documentsDirectory, dotfiles: 'deny', cacheControl: false });
      return;
    }
    response.type('html').send(pageOf(name));
  };
  app.get(STYLE, (_request, response) => {
    response.set('Cache-Control', 'no-cache').type('css').send(css);
  });
  app.get('/docs/', (_request, response) => {
    response.set({ 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache' });
    index ??= indexPage(names);
    response.type('html').send(index);
  });
  app.get('/docs/*name', show as unknown as RequestHandler);
}
