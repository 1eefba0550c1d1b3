/**
 * What a lesson is: a list of steps, each with plain words, the command that does the same by hand, a deed on the real
 * cluster, and checks that look whether it came out so. The lessons declare these; step-run.ts carries them out.
 */
import type { Clock } from '../../runtime/clock';
import type { EventHub, FlightRecorder, KafkaAccess, Observation, Faults, ZnodeTree } from '../parts';
import type { ZnodeChange } from '../schemas';

/** The parts of the coordinator that lessons use. */
export interface LessonParts {
  readonly kafka: KafkaAccess;
  readonly tree: ZnodeTree;
  readonly observation: Observation;
  readonly recorder: FlightRecorder;
  readonly faults: Faults;
  readonly events: EventHub;
}

/** What is known of the cluster before a lesson begins. */
export interface Conditions {
  /** Ids of the brokers that are registered, in order. */
  readonly brokerIds: readonly number[];
  /** Why no faults can be made here; null when they can. */
  readonly noFaults: string | null;
  /** Why nothing may be changed through this service; null when it may. */
  readonly noActions: string | null;
}

/** Where a run of a lesson takes place. */
export interface Place {
  readonly brokerIds: readonly number[];
  /** Whether brokers can be stopped and started. */
  readonly faults: boolean;
  /** `host:port,…` for the commands that are shown. */
  readonly bootstrap: string;
  /** One address of `bootstrap`, where one is enough. */
  readonly broker: string;
  /** `host:port,…/chroot` of ZooKeeper, for the commands that are shown. */
  readonly zookeeper: string;
  /** `host:port` of one broker's HTTP listener, where one is known. */
  readonly httpListener: string | null;
  /** As many copies as there are brokers, three at most. */
  readonly replicationFactor: number;
  /** A topic name that is this run's own. */
  readonly topic: string;
  /** A group id that is this run's own. */
  readonly group: string;
}

/** What a check saw, and whether that is what it waits for. */
export interface Look {
  readonly held: boolean;
  readonly saw: string;
}

/** What a step works with. */
export interface StepContext extends LessonParts {
  readonly place: Place;
  readonly clock: Clock;
  /** Aborted when the step's time is up or the run ends. */
  readonly signal: AbortSignal;
  /** Tells a line of what was seen or done. */
  observe(line: string): void;
  /**
   * Looks again and again until `look` holds. What `look` throws counts as seen.
   * @param withinMs how long to wait for it; 15,000 when left out
   * @throws CheckFailed when it did not hold in time: the step has failed
   */
  check(text: string, look: () => Look | Promise<Look>, withinMs?: number): Promise<void>;
  /** Znodes that have changed since the step first began, failed tries included, as the flight recorder tells them; the oldest first. */
  changes(): readonly ZnodeChange[];
  /**
   * Notes that the run has made something, which is undone when the run ends, the newest first.
   * @param name what people would call it, e.g. `topic lesson-order-x`
   */
  makes(name: string, undo: () => Promise<void>): void;
  /** Undoes one thing now, if the run has it. Rejects as its undoing does. */
  unmakes(name: string): Promise<void>;
  /** The promise, unless the step is aborted before: then what it gives is dropped. */
  unlessAborted<T>(promise: Promise<T>): Promise<T>;
}

export interface Step {
  readonly title: string;
  /** Plain language: what will be done and why. */
  readonly text: string;
  /** The command that does the same by hand; null where there is none. */
  readonly command: string | null;
  /** After this long the step has failed; a minute when left out. */
  readonly timeoutMs?: number;
  /** May be called again after it failed: what it made before is still there. */
  perform(context: StepContext): Promise<void>;
}

export interface Lesson {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** File and anchor, relative to docs/. */
  readonly document: string;
  /** Why it cannot be done under these conditions; null when it can. */
  unavailable(conditions: Conditions): string | null;
  /** The steps of one run. They may share variables: no two runs use the same steps. */
  steps(place: Place): readonly Step[];
}

/** A check did not hold in time. */
export class CheckFailed extends Error {
  constructor(
    readonly check: string,
    readonly saw: string,
  ) {
    super(`${check}: saw ${saw}`);
    this.name = 'CheckFailed';
  }
}
