import { buildTimeline, type TimelineInput } from '../../../../coordinator/timeline/build';
import { chapters } from '../../../../coordinator/timeline/chapters';
import { StartupRuns } from '../../../../coordinator/timeline/startup-runs';
import { startupTexts } from '../../../../coordinator/timeline/startup-steps';
import { Story } from '../../../../coordinator/timeline/story';
import type { Fault, Timeline, TimelineStep, ZnodeChange } from '../../../../coordinator/schemas';
import { documentExists } from '../../../support/document-anchors';
import { change, payload, startup } from './support';

const S0 = '0x0100000000000000';

function timelineOf(changes: readonly ZnodeChange[], more: Partial<TimelineInput> = {}): Timeline {
  const story = new Story();
  for (const each of changes) story.add(each);
  return buildTimeline({
    runs: [],
    story: story.entries(),
    ownerOf: (session) => story.ownerOf(session),
    faults: [],
    own: [],
    brokerIds: [],
    httpListeners: new Map(),
    source: 'transaction-log',
    ...more,
  });
}

const lane = (timeline: Timeline, id: string): TimelineStep[] =>
  timeline.lanes.find((each) => each.id === id)?.steps ?? [];
const outline = (steps: readonly TimelineStep[]): [string, number, number | null][] =>
  steps.map(({ title, atMs, tookMs }) => [title, atMs, tookMs]);

const registration = (atMs: number, brokerId: number, session = S0): ZnodeChange =>
  change(atMs, 'created', `/brokers/ids/${brokerId}`, { session });
const election = (atMs: number, brokerId: number, session = S0): ZnodeChange =>
  change(atMs, 'created', '/controller', { session, after: payload(`{"version":2,"brokerid":${brokerId}}`) });

function runsOf(...runs: [number, ReturnType<typeof startup>][]): TimelineInput['runs'] {
  const all = new StartupRuns();
  for (const [brokerId, events] of runs) all.take(brokerId, events);
  return all.list();
}

const start = startup(
  ['starting', 1_000],
  ['session established', 1_050],
  ['logs loaded', 1_200],
  ['broker registered', 1_220],
  ['controller elected', 1_240],
  ['listeners open', 1_300],
  ['running', 1_301],
);

describe('the timeline', () => {
  it('tells how long each step of a start took, until the next that it led to', () => {
    const timeline = timelineOf([], { runs: runsOf([0, start]) });
    expect(outline(lane(timeline, 'broker-0'))).toEqual([
      ['Starts', 1_000, 50],
      ['Has a ZooKeeper session', 1_050, 150],
      ['Logs are loaded', 1_200, 20],
      ['Is registered', 1_220, 80],
      // Beside the others: what it led to is not in this lane.
      ['Becomes the controller', 1_240, null],
      ['Opens its port', 1_300, 1],
      ['Runs', 1_301, null],
    ]);
    expect([timeline.fromMs, timeline.toMs]).toEqual([1_000, 1_301]);
  });

  it('tells once what a broker and ZooKeeper both tell, with the zxid', () => {
    const timeline = timelineOf([registration(1_219, 0), election(1_239, 0)], { runs: runsOf([0, start]) });
    const steps = lane(timeline, 'broker-0');
    expect(steps).toHaveLength(7);
    expect(steps.find(({ name }) => name === 'broker registered')?.details['zxid']).toBe('0x4c3');
    expect(steps.find(({ name }) => name === 'controller elected')?.details['zxid']).toBe('0x4d7');
  });

  it('keeps several starts of one broker apart, and tells that it registers again after a lost session', () => {
    const second = startup(
      ['starting', 60_000],
      ['running', 60_100],
      ['session established', 70_000],
      ['broker registered', 70_010],
    );
    const steps = lane(timelineOf([], { runs: runsOf([0, start], [0, second]) }), 'broker-0');
    expect(outline(steps).slice(7)).toEqual([
      ['Starts', 60_000, 100],
      ['Runs', 60_100, null],
      ['Has a new ZooKeeper session', 70_000, null],
      ['Is registered again', 70_010, null],
    ]);
  });

  it('tells of a broker without HTTP listener what stands in ZooKeeper, and says so', () => {
    const timeline = timelineOf([
      change(500, 'session-opened', '', { session: S0 }),
      change(520, 'created', '/consumers', { session: S0 }),
      change(530, 'created', '/brokers/ids', { session: S0 }),
      registration(900, 7),
      election(950, 7),
    ]);
    const broker = timeline.lanes.find(({ id }) => id === 'broker-7');
    expect(outline(broker?.steps ?? [])).toEqual([
      ['Session opened (broker 7)', 500, 400],
      ['2 top-level znodes created', 520, 10],
      ['Is registered', 900, null],
      ['Becomes the controller', 950, null],
    ]);
    expect(broker?.note).toContain('From znodes only');
    expect(lane(timeline, 'zookeeper')).toEqual([]);
  });

  it('names a listener that has told nothing yet', () => {
    const timeline = timelineOf([registration(900, 7)], { httpListeners: new Map([[7, 'a:9192']]) });
    expect(timeline.lanes.find(({ id }) => id === 'broker-7')?.note).toContain(
      'Its HTTP listener at a:9192 has not told',
    );
  });

  it('says of a watched cluster that times are those of the watcher', () => {
    expect(timelineOf([], { source: 'watch' }).lanes[0]?.note).toContain('Seen by watches');
    expect(timelineOf([]).lanes[0]?.note).toBeNull();
  });

  it('puts what ZooKeeper does into its own lane, and what a broker writes into that of the broker', () => {
    const state = (partition: number): string => `/brokers/topics/orders/partitions/${partition}/state`;
    const leader = { differences: [{ path: 'leader', before: '1', after: '2' }], after: payload('{}'), session: S0 };
    const timeline = timelineOf([
      registration(900, 0),
      change(2_000, 'session-closed', '', { session: '0x0100000000000009' }),
      change(2_000, 'deleted', '/brokers/ids/1', { session: '0x0100000000000009' }),
      change(2_100, 'changed', state(0), leader),
      change(2_105, 'changed', state(1), leader),
      change(2_110, 'changed', state(2), { ...leader, differences: [{ path: 'isr', before: '[1]', after: '[2]' }] }),
    ]);
    expect(lane(timeline, 'zookeeper').map(({ title }) => title)).toEqual(['Session ended']);
    expect(lane(timeline, 'broker-1').map(({ title }) => title)).toEqual(['Is no longer registered']);
    expect(outline(lane(timeline, 'broker-0')).slice(1)).toEqual([
      ['2 leaders elected', 2_100, 5],
      ['ISR changed', 2_110, null],
    ]);
  });

  it('shows everyday writes only around starts, losses and faults', () => {
    const everyday = (atMs: number): ZnodeChange =>
      change(atMs, 'changed', '/latest_producer_id_block', { session: S0 });
    const far = 10_000_000;
    const changes = [registration(900, 0), everyday(1_000), everyday(far)];
    expect(lane(timelineOf(changes), 'broker-0').map(({ atMs }) => atMs)).toEqual([900, 1_000]);
    const faults = [fault({ startedAtMs: far - 1_000 })];
    expect(lane(timelineOf(changes, { faults }), 'broker-0').map(({ atMs }) => atMs)).toEqual([900, 1_000, far]);
  });

  it('shows a fault with what followed, and until when it lasted', () => {
    const consequences = [
      { atMs: 1_400, afterMs: 400, kind: 'session-expired', text: 'Its session ended after 0.4 s' },
    ];
    const timeline = timelineOf([], { faults: [fault({ startedAtMs: 1_000, endedAtMs: 3_000, consequences })] });
    expect(outline(lane(timeline, 'faults'))).toEqual([
      ['Broker 1 was killed', 1_000, 2_000],
      ['Its session ended after 0.4 s', 1_400, null],
    ]);
    expect(timelineOf([]).lanes.map(({ id }) => id)).toEqual(['zookeeper', 'coordinator']);
  });

  it('stays bounded, and keeps the newest start of each broker', () => {
    const changes = Array.from({ length: 5_000 }, (_, index) =>
      change(100_000 + index * 5_000, 'created', `/brokers/topics/t${index}`, { session: S0 }),
    );
    const timeline = timelineOf(changes, { runs: runsOf([0, start]) });
    const steps = timeline.lanes.flatMap((each) => each.steps);
    expect(steps.length).toBeLessThanOrEqual(410);
    expect(lane(timeline, 'broker-0').map(({ name }) => name)).toContain('listeners open');
    expect(Math.max(...steps.map(({ atMs }) => atMs))).toBe(changes.at(-1)?.timeMs);
  });

  it('is empty where nothing was seen', () => {
    expect(timelineOf([])).toMatchObject({ fromMs: null, toMs: null });
  });

  it('explains each step by a document that is there', () => {
    const documents = [
      ...chapters.map(({ document }) => document),
      ...Object.values(startupTexts).map(({ document }) => document),
    ];
    expect(documents.filter((document) => !documentExists(document))).toEqual([]);
    const actions: Fault['action'][] = ['kill', 'stop', 'pause', 'resume', 'restart', 'start', 'cut', 'heal'];
    const timeline = timelineOf([], { faults: actions.map((action) => fault({ action })) });
    const links = lane(timeline, 'faults').flatMap(({ document }) => document ?? []);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((document) => !documentExists(document))).toEqual([]);
  });
});

function fault(more: Partial<Fault>): Fault {
  return {
    id: 1,
    action: 'kill',
    target: 'broker-1',
    title: 'Broker 1 was killed',
    startedAtMs: 1_000,
    endedAtMs: null,
    error: null,
    consequences: [],
    ...more,
  };
}
