/**
 * The dashboard's files: its page at /, its styles and pictures, its modules at /dashboard/, and Preact's modules at
 * /vendor/preact/. The page may run nothing but these: an inline script (the import map) is named by its hash, and turning
 * text into markup or code is forbidden to all of them (trusted types).
 */
import express, { type Express, type RequestHandler, type Response } from 'express';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from './api-error';
import { modulesDirectory, packageDirectory, pagesDirectory } from './files';
import { modulesOfFirstPage } from './preloads';

/** Kept by the browser, but asked for each time whether it still holds; a new version shows at once. */
const REVALIDATE = 'no-cache';

/** What the bare names in the modules' imports stand for. */
const importMap = {
  imports: {
    preact: '/vendor/preact/dist/preact.mjs',
    'preact/hooks': '/vendor/preact/hooks/dist/hooks.mjs',
    'preact/jsx-runtime': '/vendor/preact/jsx-runtime/dist/jsxRuntime.mjs',
  },
};

/**
 * The page with the import map, which has to stand before the first module, and with the modules that a browser shall ask
 * for at once.
 */
export function completed(html: string, modules: readonly string[]): string {
  const map = `<script type="importmap">${JSON.stringify(importMap)}</script>`;
  const addresses = modules.map((module) => `/dashboard/${module}`).filter((address) => !html.includes(`"${address}"`));
  const preloads = addresses.map((address) => `<link rel="modulepreload" href="${address}" />`);
  const hasMap = /<script[^>]*type="importmap"/.test(html);
  const head = hasMap ? html : html.replace('<head>', `<head>\n    ${map}`);
  return head.replace('</head>', `${preloads.map((link) => `  ${link}\n  `).join('')}</head>`);
}

/** Hashes of the scripts that stand in a page, as Content-Security-Policy has them. */
export function inlineScriptHashes(html: string): string[] {
  const scripts = html.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/gi);
  return [...scripts]
    .map(([, text]) => text as string)
    .filter((text) => text.trim() !== '')
    .map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
}

export function pagePolicy(html: string): string {
  return [
    "default-src 'none'",
    ["script-src 'self'", ...inlineScriptHashes(html)].join(' '),
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

let modules: readonly string[] | null = null;

const page: RequestHandler = (_request, response) => {
  let html: string;
  try {
    modules ??= modulesOfFirstPage(modulesDirectory);
    html = completed(readFileSync(join(pagesDirectory, 'index.html'), 'utf8'), modules);
  } catch {
    throw new ApiError(404, 'NOT_FOUND', 'The dashboard is not part of this installation; the API is at /api');
  }
  response.set({ 'Content-Security-Policy': pagePolicy(html), 'Cache-Control': REVALIDATE });
  response.type('html').send(html);
};

function files(directory: string): RequestHandler {
  return express.static(directory, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    // Compiled imports name modules as TypeScript does, without an ending.
    extensions: ['js'],
    setHeaders: (response: Response) => void response.set('Cache-Control', REVALIDATE),
  });
}

/** Only what a page imports; a package's folder holds more than that. */
const onlyModules: RequestHandler = (request, _response, next) =>
  next(request.path.endsWith('.mjs') ? undefined : 'route');

export function serveDashboard(app: Express): void {
  app.get(['/', '/index.html'], page);
  app.use('/dashboard', files(modulesDirectory));
  app.use(['/dashboard', '/'], files(pagesDirectory));
  const preact = packageDirectory('preact');
  if (preact) app.get('/vendor/preact/*file', onlyModules, vendor(preact));
}

function vendor(directory: string): RequestHandler {
  const serve = files(directory);
  return (request, response, next) => {
    const { url } = request;
    request.url = url.slice('/vendor/preact'.length);
    void serve(request, response, (error?: unknown) => {
      request.url = url;
      next(error);
    });
  };
}
