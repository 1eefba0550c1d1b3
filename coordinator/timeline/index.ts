/**
 * The startup timeline: asks the brokers what they did when they started, listens to the flight recorder, and keeps both, also
 * when a broker is gone or the coordinator was restarted. Owns what it has collected.
 */
import { join } from 'node:path';
import { systemDisk } from '../../runtime/disk';
import type { Logger } from '../../runtime/logger';
import { BROKER_IDS_PATH } from '../../zookeeper/znodes';
import { httpListenersOf } from '../observe/http-listeners';
import type { EventHub, Faults, FlightRecorder, Ground, TimelineSource, ZnodeTree } from '../parts';
import type { Timeline, ZnodeHistory } from '../schemas';
import { buildTimeline, type OwnStep } from './build';
import { askStartupEvents } from './ask';
import { parseStoredRuns, type StartupRuns } from './startup-runs';
import { startupTexts } from './startup-steps';
import { Story } from './story';
import { timelineSvg } from './svg';

export interface TimelineParts {
  recorder: FlightRecorder;
  faults: Pick<Faults, 'view'>;
  tree: ZnodeTree;
  events: EventHub;
}

const PAGE = 1_000;
const POLL_MS = 1_000;

/** @throws ConfigException for broker.http.listeners that are not id=host:port */
export function createTimeline(ground: Ground, parts: TimelineParts): TimelineSource {
  return new Collector(ground, parts);
}

class Collector implements TimelineSource {
  private readonly logger: Logger;
  private readonly runs: StartupRuns;
  private readonly story = new Story();
  private readonly own: OwnStep[] = [];
  private readonly listeners: ReadonlyMap<number, string>;
  private readonly runsFile: string;
  private source: ZnodeHistory['source'] = 'watch';
  private lastSequence = 0;
  private collecting: Promise<void> | null = null;

  constructor(
    private readonly ground: Ground,
    private readonly parts: TimelineParts,
  ) {
    const { config, tasks } = ground;
    this.logger = ground.logger.for('gregor.coordinator.Timeline', '[Timeline] ');
    this.listeners = httpListenersOf(config['broker.http.listeners']);
    this.runsFile = join(config['data.dir'], 'startup-runs.json');
    this.runs = parseStoredRuns(systemDisk.readFile(this.runsFile)?.toString() ?? '[]');
    this.did('started', 'Starts', 'The coordinator opens its own session with ZooKeeper. No broker needs it.');
    parts.tree.onReady(() =>
      this.did('tree read', 'Has read all znodes', 'A watch stands on each; from now on it is told of every change.'),
    );
    for (const [brokerId, address] of this.listeners) {
      tasks.every(`startup events of broker ${brokerId}`, POLL_MS, () => this.ask(brokerId, address), 0);
    }
    tasks.every('story of the znodes', POLL_MS, () => this.collect(), 0);
  }

  async timeline(): Promise<Timeline> {
    await this.collect();
    const { faults } = await this.parts.faults.view();
    return buildTimeline({
      runs: this.runs.list(),
      story: this.story.entries(),
      ownerOf: (session) => this.story.ownerOf(session),
      faults,
      own: this.own,
      brokerIds: this.registered(),
      httpListeners: this.listeners,
      source: this.source,
    });
  }

  async svg(): Promise<string> {
    return timelineSvg(await this.timeline());
  }

  private registered(): number[] {
    const names = this.parts.tree.get(BROKER_IDS_PATH)?.children ?? [];
    return [...names].filter((name) => /^\d{1,10}$/.test(name)).map(Number);
  }

  private did(name: string, title: string, explanation: string): void {
    this.own.push({ atMs: this.ground.clock.nowMs(), name, title, explanation });
  }

  private async ask(brokerId: number, address: string): Promise<void> {
    const events = await askStartupEvents(this.ground.clock, address, this.ground.config['probe.timeout.ms']);
    const added = events ? this.runs.take(brokerId, events) : [];
    if (added.length === 0) return;
    for (const event of added) {
      const title = startupTexts[event.name]?.title ?? event.name;
      this.parts.events.publish('startup', String(brokerId), `Broker ${brokerId}: ${title}.`, event);
    }
    try {
      systemDisk.replaceFile(this.runsFile, JSON.stringify(this.runs.list()));
    } catch (error) {
      this.logger.warn(`The startup events could not be kept in ${this.runsFile}`, error);
    }
  }

  /** Reads on in the history; only one reads at a time. */
  private collect(): Promise<void> {
    this.collecting ??= this.readOn().finally(() => (this.collecting = null));
    return this.collecting;
  }

  private async readOn(): Promise<void> {
    for (;;) {
      const { changes, source, lastSequence, firstSequence } = await this.parts.recorder.history({
        after: this.lastSequence,
        limit: PAGE,
      });
      this.source = source;
      // The recorder began anew, with another cluster perhaps.
      if (lastSequence !== null && lastSequence < this.lastSequence) {
        this.story.clear();
        this.lastSequence = (firstSequence ?? 1) - 1;
        continue;
      }
      for (const change of changes) this.story.add(change);
      this.lastSequence = changes.at(-1)?.sequence ?? this.lastSequence;
      if (changes.length < PAGE) return;
    }
  }
}
