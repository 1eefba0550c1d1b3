/** Steps that the tests of the dashboard share. */
import type { Page } from 'playwright-core';

/** Long enough for a page on a machine whose two cores have other work as well. */
export const PATIENCE_MS = 60_000;

/** Goes to a page of the dashboard by its address and waits until it has its heading and its data. */
export async function visit(page: Page, hash: string, heading: string | RegExp): Promise<void> {
  await page.goto(new URL(hash, page.url()).href);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor({ timeout: PATIENCE_MS });
  await page.waitForFunction(`!document.querySelector('main [aria-busy="true"]')`, undefined, { timeout: PATIENCE_MS });
}

/** Opens the dashboard at the address that `npm start` printed. */
export async function openDashboard(page: Page, addressWithToken: string): Promise<void> {
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(addressWithToken);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const left = await page.getByText('Loading the dashboard').count();
  if (left > 0) throw new Error('the page still says that it is loading, beside what was loaded');
}

/** How far the page is wider than the window, in pixels: on a phone it must not scroll sideways. */
export function widerThanWindow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
