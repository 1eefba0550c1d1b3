/** Every page of the dashboard in a real browser, over a real cluster as `npm start` gives it. */
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import type { Browser } from 'playwright-core';
import { openBrowser, type PageOptions, WatchedPage } from './support/chromium';
import { type RunningCluster, startCluster } from './support/running-cluster';
import { openDashboard, PATIENCE_MS, visit, widerThanWindow } from './support/visit';

jest.setTimeout(240_000);

/** Between two records, so that an eye can follow each: faster ones are only counted in the picture. */
const EYE_MS = 150;

/** Address, heading, and the name of its picture. */
const pages: [hash: string, heading: string | RegExp, picture: string][] = [
  ['#/', 'Overview', 'overview'],
  ['#/topics', 'Topics', 'topics'],
  ['#/topics/orders', 'orders', 'topic'],
  ['#/topics/orders/records', /^Records of orders/, 'records'],
  ['#/groups', 'Groups', 'groups'],
  ['#/groups/order-readers', 'order-readers', 'group'],
  ['#/brokers/0', /^Broker 0/, 'broker'],
  ['#/zookeeper?path=%2Fcontroller', 'ZooKeeper', 'zookeeper'],
  ['#/timeline', 'Timeline', 'timeline'],
  ['#/events', 'Events', 'events'],
  ['#/faults', 'Faults', 'faults'],
  ['#/lessons', 'Lessons', 'lessons'],
];

let cluster: RunningCluster;
let browser: Browser;
let watched: WatchedPage;
let kafka: Kafka;
let producer: Producer;

const open = async (options: PageOptions = {}): Promise<WatchedPage> => {
  watched = await WatchedPage.open(browser, cluster.address, options);
  await openDashboard(watched.page, cluster.addressWithToken);
  return watched;
};

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startCluster(), openBrowser()]);
  kafka = new Kafka({ clientId: 'e2e', brokers: cluster.brokers, logLevel: logLevel.NOTHING });
  producer = kafka.producer();
  await producer.connect();
});

afterEach(async () => {
  await watched?.close();
});

afterAll(async () => {
  await producer?.disconnect();
  await browser?.close();
  await cluster?.stop();
});

describe('every page', () => {
  /** What differs between the three from axe's view: the dark one has other colours, the phone another arrangement. */
  const visits: [where: string, options: PageOptions, suffix: string, rules: string[]][] = [
    ['on a desktop', { width: 1280, height: 800 }, '', []],
    ['on a desktop in the dark', { width: 1280, height: 800, colorScheme: 'dark' }, '-dark', ['color-contrast']],
    ['on a phone', { width: 360, height: 740 }, '-phone', ['scrollable-region-focusable', 'meta-viewport']],
  ];

  it.each(visits)('is whole, accessible and without errors %s', async (_where, options, suffix, rules) => {
    const { page, errors, foreignRequests } = await open(options);
    const findings: string[] = [];
    for (const [hash, heading, name] of pages) {
      await visit(page, hash, heading);
      findings.push(...(await watched.accessibilityFindings(rules)).map((finding) => `${name}: ${finding}`));
      const wider = await widerThanWindow(page);
      if (wider > 0) findings.push(`${name}: ${wider} px wider than the window`);
      await watched.picture(`${name}${suffix}`);
    }
    expect({ findings, errors, foreignRequests }).toEqual({ findings: [], errors: [], foreignRequests: [] });
  });
});

describe('the live picture', () => {
  it('shows records that are really produced on their way to a group that reads them, and counts them in words', async () => {
    const { page, errors } = await open();
    const shown = page.getByTestId('records-in-motion').locator('circle[visibility="visible"]');
    const reader = kafka.consumer({ groupId: 'shipping' });
    await reader.connect();
    await reader.subscribe({ topics: ['orders'] });
    await reader.run({ eachMessage: () => Promise.resolve() });
    let producing = true;
    const load = (async () => {
      for (let at = 0; producing; at++) {
        const messages = [{ key: `customer-${at % 7}`, value: `picture ${at}` }];
        await producer.send({ topic: 'orders', acks: -1, messages });
        await pause(EYE_MS);
      }
    })();
    try {
      await shown.first().waitFor({ state: 'attached' });
      await page
        .getByRole('img', { name: /write [1-9][\d\s.,]* records? per second to orders .* 1 group with 1 member/ })
        .waitFor();
      await page.locator('circle.committed[visibility="visible"]').first().waitFor({ state: 'attached' });
      await page.evaluate('window.scrollTo(0, 380)');
      await watched.picture('overview-live');
    } finally {
      producing = false;
      await load;
      await reader.disconnect();
    }
    expect(errors).toEqual([]);
  });

  it('stands still for those who want less motion, and tells the same in words', async () => {
    const { page } = await open({ reducedMotion: 'reduce' });
    await producer.send({ topic: 'orders', acks: -1, messages: [{ key: 'still', value: 'still' }] });
    await page.getByText('The same in words').click();
    await page.getByRole('img', { name: /records? per second to orders/ }).waitFor();
    expect(await page.getByTestId('records-in-motion').locator('circle').count()).toBe(0);
  });
});

describe('the token', () => {
  it('leaves the address as soon as the page has it', async () => {
    const { page } = await open();
    expect(page.url()).not.toContain(cluster.token);
  });

  it('is asked for when an action needs it, and a wrong one changes nothing', async () => {
    watched = await WatchedPage.open(browser, cluster.address);
    const { page } = watched;
    await openDashboard(page, `${cluster.address}/`);
    await visit(page, '#/topics', 'Topics');
    await page.getByRole('button', { name: 'Create topic' }).click();
    await page.getByLabel('Name').fill('not-made');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('textbox', { name: 'Token' }).fill('wrong');
    await page.getByRole('button', { name: 'Use token' }).click();
    await page.getByText(/token/i).first().waitFor();
    const { topics } = (await (await fetch(`${cluster.address}/api/topics`)).json()) as { topics: { name: string }[] };
    expect(topics.map(({ name }) => name)).not.toContain('not-made');
  });
});

describe('a topic made in the dashboard', () => {
  const markup = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>';

  it('takes records, and shows markup in them as the text that it is', async () => {
    const { page, errors, foreignRequests } = await open();
    await visit(page, '#/topics', 'Topics');
    await page.getByRole('button', { name: 'Create topic' }).click();
    await page.getByLabel('Name').fill('markup');
    await page.getByRole('spinbutton', { name: /Partitions/ }).fill('2');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('link', { name: 'markup', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'markup' }).waitFor();
    await page.getByRole('button', { name: 'Produce a record' }).click();
    await page.getByRole('textbox', { name: /Key/ }).fill('<b>key</b>');
    await page.getByRole('textbox', { name: 'Value' }).fill(markup);
    await page.getByRole('button', { name: 'Produce', exact: true }).click();
    await page.getByText(/Written: partition [01], offset 0/).waitFor();
    await visit(page, '#/topics/markup/records', /^Records of markup/);
    await page.getByText('<b>key</b>').first().waitFor();
    expect(await page.getByText('onerror=').count()).toBeGreaterThan(0);
    expect(await page.title()).not.toBe('run');
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect({ errors, foreignRequests }).toEqual({ errors: [], foreignRequests: [] });
  });
});

describe('the flight recorder', () => {
  it('scrolls back to before a topic was made, and forth again', async () => {
    const { page, errors } = await open();
    const history = async (path: string): Promise<{ sequence: number; kind: string; zxid: string | null }[]> => {
      const query = new URLSearchParams({ path, limit: '1' });
      const answer = await fetch(`${cluster.address}/api/znodes/history?${query}`);
      return ((await answer.json()) as { changes: { sequence: number; kind: string; zxid: string | null }[] }).changes;
    };
    const [created] = await history('/brokers/topics/orders');
    expect(created).toMatchObject({ kind: 'created', zxid: expect.stringMatching(/^0x/) });
    const path = encodeURIComponent('/brokers/topics');
    const tree = page.getByRole('tree');
    await visit(page, `#/zookeeper?path=${path}&at=${created?.sequence}`, 'ZooKeeper');
    await page.getByText(`right after change ${created?.sequence}`).waitFor();
    await tree.getByRole('treeitem', { name: /^topics/ }).waitFor();
    await watched.picture('zookeeper-past');
    await page.getByRole('button', { name: 'One change back' }).click();
    await page.getByText(`right after change ${(created?.sequence ?? 0) - 1}`).waitFor();
    await page.waitForFunction(`!/orders/.test(document.querySelector('[role=tree]').textContent)`);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByText('Slide to the left').waitFor({ timeout: PATIENCE_MS });
    expect(errors).toEqual([]);
  });
});

describe('the timeline', () => {
  it('explains each step of the start with a link to the document, and can be saved', async () => {
    const { page, errors } = await open();
    await visit(page, '#/timeline', 'Timeline');
    for (const lane of ['ZooKeeper', 'Broker 0', 'Broker 1', 'Broker 2']) {
      await page.getByText(lane, { exact: false }).first().waitFor();
    }
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('link', { name: 'Save as SVG' })
        .or(page.getByRole('button', { name: 'Save as SVG' }))
        .click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.svg$/);
    expect(errors).toEqual([]);
  });
});
