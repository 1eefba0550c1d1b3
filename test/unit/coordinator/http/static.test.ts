/** The dashboard's files and the documents: what is handed out, what is not, and what a browser may run of it. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anchorOf, documentPage } from '../../../../coordinator/http/documents';
import { importsOf, modulesOfFirstPage } from '../../../../coordinator/http/preloads';
import { completed, inlineScriptHashes, pagePolicy } from '../../../../coordinator/http/static';
import { type FakeCoordinator, startFakeCoordinator } from '../../../support/coordinator/fake-parts';

const root = join(__dirname, '..', '..', '..', '..');
let coordinator: FakeCoordinator;

beforeAll(async () => {
  coordinator = await startFakeCoordinator();
});
afterAll(() => coordinator.close());

const get = (path: string) => fetch(`${coordinator.url}${path}`);

/** Unlike fetch(), which tidies a path up before it sends it. */
function raw(path: string, headers = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(coordinator.server.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (data: string) => (text += data));
    socket.on('end', () => resolve(text)).on('error', reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`);
  });
}

describe('the dashboard', () => {
  it('is served with a policy that names the hash of its import map and nothing inline else', async () => {
    const answer = await get('/');
    const html = await answer.text();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const map = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] as string;
    const hash = createHash('sha256').update(map).digest('base64');
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`);
    expect(policy).not.toMatch(/unsafe|http:|\*/);
    const modules = Object.values((JSON.parse(map) as { imports: Record<string, string> }).imports);
    expect(modules).toHaveLength(3);
    for (const path of modules) {
      const module = await get(path);
      expect([path, module.status, module.headers.get('content-type')]).toEqual([
        path,
        200,
        'text/javascript; charset=utf-8',
      ]);
    }
  });

  it('asks the server for files that are there, and for none of another one', async () => {
    const html = await (await get('/')).text();
    const asked = [...html.matchAll(/\b(?:src|href)="([^"]+)"/g)].map(([, path]) => path as string);
    for (const path of asked) {
      expect(path).toMatch(/^\/[^/]|^data:/);
      // Its modules are there when it has been built, which tests of this kind do not wait for.
      if (path.startsWith('/') && !path.startsWith('/dashboard/'))
        expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
  });

  it('keeps the import map of a page that has one of its own', () => {
    const html = '<head><script type="importmap">{}</script></head>';
    expect(completed(html, [])).toBe(html);
    expect(inlineScriptHashes(html)).toHaveLength(1);
  });

  it('names the modules of the first page, each once, so that they are asked for at once', () => {
    const text = [
      "import { a, b } from './a.js';",
      'import {\n  c,\n} from "../up.js";',
      "import './effect.js';",
      "export { d } from './d.js';",
      "import { h } from 'preact';",
      "const later = () => import('./later.js');",
    ].join('\n');
    expect(importsOf(text)).toEqual(['./a.js', '../up.js', './effect.js', './d.js']);
    const folder = mkdtempSync(join(tmpdir(), 'gregor-modules-'));
    mkdirSync(join(folder, 'pages'));
    writeFileSync(join(folder, 'main.js'), "import './pages/one.js';\nimport './pages/two.js';\nimport './gone.js';\n");
    writeFileSync(join(folder, 'pages', 'one.js'), "import './two.js';\nimport '../../secret.js';\n");
    writeFileSync(join(folder, 'pages', 'two.js'), "import './one.js';\nimport '../main.js';\n");
    expect(modulesOfFirstPage(folder)).toEqual(['main.js', 'pages/one.js', 'pages/two.js']);
    rmSync(folder, { recursive: true });
    const html = '<head><script type="module" src="/dashboard/main.js"></script></head>';
    expect(completed(html, ['main.js', 'a.js']).match(/modulepreload" href="[^"]*"/g)).toEqual([
      'modulepreload" href="/dashboard/a.js"',
    ]);
  });

  it('lets no inline script pass that is not in the page', () => {
    expect(pagePolicy('<head><script src="/a.js"></script></head>')).toContain("script-src 'self';");
  });

  it('can be asked for again cheaply', async () => {
    const path = '/vendor/preact/dist/preact.mjs';
    const etag = (await get(path)).headers.get('etag') as string;
    const second = await raw(path, `If-None-Match: ${etag}\r\n`);
    expect(second).toMatch(/^HTTP\/1.1 304 [\s\S]*\r\ncache-control: no-cache\r\n/i);
  });

  it('hands out nothing beside its folders', async () => {
    const paths = [
      '/../package.json',
      '/dashboard/../../package.json',
      '/dashboard/..%2f..%2fpackage.json',
      '/dashboard/%2e%2e/%2e%2e/%2e%2e/package.json',
      '/dashboard/..\\..\\package.json',
      '/dashboard/main.js%00.css',
      '/vendor/preact/package.json',
      '/vendor/preact/../express/package.json',
      '/vendor/preact/%2e%2e/express/index.mjs',
      '/vendor/preact/dist/preact.mjs.map',
      '/docs/../package.json',
      '/docs/..%2fpackage.json',
      '/docs/%2e%2e/README.md',
      '/docs/decisions',
      '/docs//etc/passwd',
      '//etc/passwd',
      '/.git/config',
      '/static/../../../package.json',
    ];
    for (const path of paths) {
      const answer = await raw(path);
      expect([path, answer.split('\r\n')[0]]).toEqual([path, expect.stringMatching(/^HTTP\/1.1 (400|403|404) /)]);
      expect(answer).toMatch(/content-type: application\/json/i);
    }
  });
});

describe('the documents', () => {
  const names = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );

  it('are served as pages, each with the anchors that links in the others name', async () => {
    const pages = new Map<string, string>();
    for (const name of names) {
      const answer = await get(`/docs/${name}`);
      expect([name, answer.status, answer.headers.get('content-type')]).toEqual([
        name,
        200,
        'text/html; charset=utf-8',
      ]);
      pages.set(name, await answer.text());
    }
    const broken: string[] = [];
    for (const [name, page] of pages) {
      for (const [, href] of page.matchAll(/href="([^"]+)"/g)) {
        const { pathname, hash } = new URL(href as string, `http://x/docs/${name}`);
        const target = pages.get(pathname.replace('/docs/', ''));
        const anchor = decodeURIComponent(hash.slice(1));
        const leadsNowhere = (href as string).startsWith('..') && !pathname.startsWith('/docs/');
        if (leadsNowhere) broken.push(`${name}: ${href}`);
        if (target && anchor && !target.includes(`id="${anchor}"`)) broken.push(`${name}: ${href}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('are listed, with or without a slash at the end', async () => {
    for (const address of ['/docs/', '/docs']) {
      const page = await (await get(address)).text();
      for (const name of names) expect(page).toContain(`href="/docs/${name}"`);
    }
  });

  it('run nothing', async () => {
    const policy = (await get('/docs/znodes.md')).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('script-src');
  });

  it('show markup in them as text', () => {
    const page = documentPage(
      'x.md',
      '# <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1))',
    );
    expect(page).not.toMatch(/<script|<img|href="javascript/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  it('show links to the source code as text', () => {
    const page = documentPage(
      'protocol.md',
      'See [the `fetch` API](../protocol/apis/01-fetch.ts) and [more](a/b.md#c).',
    );
    expect(page).toContain('See the <code>fetch</code> API and <a href="a/b.md#c">more</a>.');
  });

  it('name their headings as GitHub does', () => {
    expect(anchorOf('Gregor’s own: /brokers/ids, and `more`')).toBe('gregors-own-brokersids-and-more');
    expect(readFileSync(join(root, 'docs', 'znodes.md'), 'utf8')).toContain('(#gregors-own)');
  });
});
