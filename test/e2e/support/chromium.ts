/**
 * A real Chromium, driven by playwright-core, and the look at a page that every test wants: no error on its console, no
 * request beyond the service itself, no serious finding of axe, and a picture for the documentation.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findOnPath } from '../../../supervisor/java';

const root = join(__dirname, '..', '..', '..');
/** `npm run screenshots` renews the pictures that the documentation shows; any other run leaves the tree as it is. */
const renewsDocuments = process.env['GREGOR_SCREENSHOTS'] === 'docs';

/** Chromium's own services look for the network at every start; a test has no use for them. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium from PATH. Rejects with the sentence that names the package when there is none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findOnPath('chromium') ?? findOnPath('chromium-browser') ?? findOnPath('google-chrome');
  if (!executablePath) throw new Error('There is no chromium on PATH; on Debian: apt-get install chromium');
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...QUIET, ...asRoot] });
}

export interface PageOptions {
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  reducedMotion?: 'reduce' | 'no-preference';
}

/** A page with its own storage, and what went wrong in it so far. */
export class WatchedPage {
  private constructor(
    readonly page: Page,
    /** Errors on the console and exceptions that nobody caught. */
    readonly errors: string[],
    /** Requests to anything but the service. */
    readonly foreignRequests: string[],
  ) {}

  /** @param address where the service is: the only host that the page may talk to */
  static async open(browser: Browser, address: string, options: PageOptions = {}): Promise<WatchedPage> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
      colorScheme: options.colorScheme ?? 'light',
      reducedMotion: options.reducedMotion ?? 'no-preference',
    });
    const page = await context.newPage();
    const errors: string[] = [];
    const foreignRequests: string[] = [];
    page.on('console', (line) => line.type() === 'error' && errors.push(line.text()));
    page.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
    const { origin } = new URL(address);
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !/^(data|blob|about):/.test(url)) foreignRequests.push(url);
    });
    return new WatchedPage(page, errors, foreignRequests);
  }

  /** Findings of axe that are serious or critical, one line each; of the given rules only, or of all. */
  async accessibilityFindings(rules: string[] = []): Promise<string[]> {
    const axe = new AxeBuilder({ page: this.page });
    const { violations } = await (rules.length === 0 ? axe : axe.withRules(rules)).analyze();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(' ')).join('; ')})`);
  }

  /** Keeps a picture of what is to be seen: for whoever looks after the run, and for the documents that show it. */
  async picture(name: string): Promise<void> {
    const folders = ['.gregor/screenshots'];
    if (renewsDocuments && isDocumented(name)) folders.push('docs/screenshots');
    const image = await this.page.screenshot();
    for (const folder of folders) {
      mkdirSync(join(root, folder), { recursive: true });
      writeFileSync(join(root, folder, `${name}.png`), image);
    }
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** Whether the README or a document shows the picture of that name. */
function isDocumented(name: string): boolean {
  const documents = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'));
  const files = ['README.md', ...documents.map((file) => join('docs', file))];
  return files.some((file) => readFileSync(join(root, file), 'utf8').includes(`screenshots/${name}.png`));
}
