/** The lessons to their end and the fault panel, by clicking as a learner would. */
import type { Browser, Page } from 'playwright-core';
import { openBrowser, WatchedPage } from './support/chromium';
import { type RunningCluster, startCluster } from './support/running-cluster';
import { openDashboard, PATIENCE_MS, visit } from './support/visit';

jest.setTimeout(300_000);

let cluster: RunningCluster;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startCluster(), openBrowser()]);
});

beforeEach(async () => {
  watched = await WatchedPage.open(browser, cluster.address);
  await openDashboard(watched.page, cluster.addressWithToken);
});

afterEach(async () => {
  await watched?.close();
});

afterAll(async () => {
  await browser?.close();
  await cluster?.stop();
});

/** What the page shows of a run when a step did not come out, for the failing test. */
const textOf = (page: Page): Promise<string> => page.locator('main').innerText();

/** Clicks through all steps. Resolves with the number of steps that were done. */
async function takeLesson(title: string, picture: string): Promise<number> {
  const { page } = watched;
  await visit(page, '#/lessons', 'Lessons');
  await page.getByRole('button', { name: `Begin: ${title}` }).click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  const steps = page.locator('.lesson-step');
  await steps.first().waitFor();
  const all = await steps.count();
  for (let at = 0; at < all; at++) {
    await page.getByRole('button', { name: 'Do it', exact: true }).click();
    const step = steps.nth(at);
    await step.and(page.locator('.passed, .failed')).waitFor({ timeout: 2 * PATIENCE_MS });
    if (await step.and(page.locator('.failed')).count()) throw new Error(`${title}:\n${await textOf(page)}`);
    if (at === 1) await watched.picture(`lesson-${picture}`);
  }
  await page.getByText('All steps done, and every check held.').waitFor();
  const findings = await watched.accessibilityFindings();
  expect(findings).toEqual([]);
  await page.getByRole('button', { name: 'End and clean up' }).click();
  await page.getByRole('heading', { level: 1, name: 'Lessons' }).waitFor();
  return all;
}

describe('a lesson', () => {
  it.each([
    ['The startup sequence', 'startup'],
    ['A partition and its replicas', 'replicas'],
    ['Ordering by key', 'ordering'],
    ['Consumer groups and rebalancing', 'groups'],
    ['Replay by offset', 'replay'],
    ['Retention', 'retention'],
    ['The controller dies', 'controller'],
  ])('%s comes out on the real cluster, step by step', async (title, picture) => {
    expect(await takeLesson(title, picture)).toBeGreaterThan(2);
    expect(watched.errors).toEqual([]);
  });
});

describe('a fault on purpose', () => {
  it('is shown while it lasts, with what followed, until the cluster is whole again', async () => {
    const { page } = watched;
    await visit(page, '#/faults', 'Faults');
    await page.getByRole('button', { name: 'Kill Broker 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Kill', exact: true }).click();
    await page.getByRole('alert').getByText('1 fault made on purpose').waitFor();
    await visit(page, '#/', 'Overview');
    await page.getByText('Broker 1 is unhealthy').waitFor();
    await watched.picture('overview-fault');
    await visit(page, '#/faults', 'Faults');
    await page
      .getByText(/session of broker 1/i)
      .first()
      .waitFor();
    await watched.picture('faults-active');
    await page.getByRole('button', { name: 'Start Broker 1' }).click();
    await page.getByText('1 fault made on purpose').waitFor({ state: 'detached' });
    await visit(page, '#/', 'Overview');
    await page.getByText('Broker 1 is healthy').waitFor();
    expect(watched.errors).toEqual([]);
  });
});
