/** The timeline of real brokers: what they tell over HTTP, kept after one was killed, beside what stands in ZooKeeper. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TimelineSource } from '../../../coordinator/parts';
import type { Timeline, TimelineLane } from '../../../coordinator/schemas';
import { createTimeline } from '../../../coordinator/timeline';
import { startCluster, type Cluster } from '../../../embedded';
import { freePorts } from '../../../supervisor/ports';
import { runRecorder, type RunningRecorder } from '../../support/coordinator/running-recorder';
import { documentExists } from '../../support/document-anchors';
import { eventually } from '../../support/eventually';
import { startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

const noFaults = {
  view: () => Promise.resolve({ enabled: false, control: 'none' as const, note: '', targets: [], faults: [] }),
};

describe('the timeline of a cluster', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gregor-timeline-'));
  let zookeeper: TestZooKeeper;
  let cluster: Cluster;
  let running: RunningRecorder;
  let timeline: TimelineSource;
  let listeners: string;
  const settings = (): Record<string, string> => ({
    'zookeeper.transaction.log.dir': join(dir, 'data'),
    'broker.http.listeners': listeners,
    'data.dir': join(dir, 'coordinator'),
  });

  const startCoordinator = (): void => {
    running = runRecorder(zookeeper.connectString, settings());
    timeline = createTimeline(running.ground, { ...running, faults: noFaults, events: running.events });
  };

  beforeAll(async () => {
    zookeeper = await startZooKeeper({ dir });
    const ports = await freePorts(2);
    // Broker 1 has no listener that the coordinator knows of, as no broker of Apache Kafka has.
    listeners = `0=127.0.0.1:${ports[0]},2=127.0.0.1:${ports[1]}`;
    const http = (port: number | undefined): Record<string, string> => ({
      'gregor.http.listener': `127.0.0.1:${port}`,
    });
    startCoordinator();
    cluster = await startCluster({
      brokers: 3,
      processes: true,
      zookeeper: zookeeper.connectString,
      brokerSettings: { 0: http(ports[0]), 2: http(ports[1]) },
    });
  }, 120_000);

  afterAll(async () => {
    await running?.close();
    await cluster?.close();
    await zookeeper?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const laneIn = ({ lanes }: Timeline, id: string): TimelineLane =>
    lanes.find((lane) => lane.id === id) as TimelineLane;
  const names = (lane: TimelineLane): string[] => lane.steps.map(({ name }) => name);

  function timelineWhen(what: string, isSo: (now: Timeline) => boolean): Promise<Timeline> {
    return eventually(
      what,
      async () => {
        const now = await timeline.timeline();
        return isSo(now) && now;
      },
      20_000,
    );
  }

  it('has each start, in its order, as the broker told it', async () => {
    const now = await timelineWhen('brokers 0 and 2 have told that they run', (seen) =>
      ['broker-0', 'broker-2'].every((id) => names(laneIn(seen, id)).includes('running')),
    );
    for (const id of ['broker-0', 'broker-2']) {
      const own = laneIn(now, id).steps.filter(
        ({ from, name }) => from === 'startup-event' && name !== 'controller elected',
      );
      expect(own.map(({ name }) => name)).toEqual([
        'starting',
        'session established',
        'cluster id read',
        'broker id known',
        'logs loaded',
        'broker registered',
        'http listener open',
        'listeners open',
        'running',
      ]);
      const took = own.reduce((sum, { tookMs }) => sum + (tookMs ?? 0), 0);
      expect(took).toBe((own.at(-1)?.atMs ?? 0) - (own[0]?.atMs ?? 0));
      expect(own.find(({ name }) => name === 'broker registered')?.details['zxid']).toMatch(/^0x[0-9a-f]+$/);
      expect(laneIn(now, id).note).toBeNull();
    }
    const documents = now.lanes.flatMap(({ steps }) => steps.flatMap(({ document }) => document ?? []));
    expect(documents.length).toBeGreaterThan(20);
    expect(documents.filter((document) => !documentExists(document))).toEqual([]);
  });

  it('has a broker that tells nothing of itself from znodes only, and says so', async () => {
    const now = await timelineWhen('broker 1 is registered', (seen) =>
      names(laneIn(seen, 'broker-1')).includes('broker registered'),
    );
    const { steps, note } = laneIn(now, 'broker-1');
    expect(note).toContain('From znodes only');
    expect(new Set(steps.map(({ from }) => from))).toEqual(new Set(['znode']));
    const opened = steps.find(({ name }) => name === 'session opened');
    const registered = steps.find(({ name }) => name === 'broker registered');
    expect(opened?.tookMs).toBe((registered?.atMs ?? 0) - (opened?.atMs ?? 0));
  });

  it('keeps the story of a broker that was killed, over a restart of the coordinator too, and adds its next start', async () => {
    await cluster.kill(2);
    await timelineWhen('broker 2 is gone', (seen) => names(laneIn(seen, 'broker-2')).includes('broker gone'));
    await running.close({ keep: true });
    startCoordinator();
    const kept = await timelineWhen('what was kept is there', (seen) =>
      names(laneIn(seen, 'broker-2')).includes('broker gone'),
    );
    expect(names(laneIn(kept, 'broker-2')).filter((name) => name === 'running')).toHaveLength(1);
    await cluster.start(2);
    const again = await timelineWhen(
      'the second start is there',
      (seen) => names(laneIn(seen, 'broker-2')).filter((name) => name === 'running').length === 2,
    );
    const order = names(laneIn(again, 'broker-2')).filter((name) =>
      ['starting', 'running', 'broker gone'].includes(name),
    );
    expect(order).toEqual(['starting', 'running', 'broker gone', 'starting', 'running']);
    expect(running.told.filter(({ type }) => type === 'startup').map(({ text }) => text)).toContain('Broker 2: Runs.');
  }, 60_000);

  it('is a picture, too', async () => {
    const svg = await timeline.svg();
    expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
    for (const words of ['Broker 0', 'Broker 1', 'Broker 2', 'Is registered', 'Opens its port'])
      expect(svg).toContain(words);
  });
});
