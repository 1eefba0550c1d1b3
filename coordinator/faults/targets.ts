/**
 * The names of what faults are made on, and what may be done to it in which state. Pure; shared by everything that controls
 * a cluster, so that its targets look the same wherever it runs.
 */
import type { FaultAction, FaultTarget } from '../schemas';

export type TargetState = FaultTarget['state'];
/** A broker's id, or ZooKeeper. */
export type ProcessName = number | 'zookeeper';

export type Target = { kind: 'process'; process: ProcessName } | { kind: 'link'; broker: number; other: ProcessName };

/** Whether the process runs, or the link is whole. */
export function isAsItWas(state: TargetState): boolean {
  return state === 'running' || state === 'whole';
}

const actionsIn: Record<TargetState, readonly FaultAction[]> = {
  running: ['kill', 'stop', 'pause', 'restart'],
  starting: ['kill', 'stop'],
  paused: ['resume', 'kill'],
  stopped: ['start'],
  whole: ['cut'],
  cut: ['heal'],
  unknown: [],
};

export function idOf(target: Target): string {
  const name = (process: ProcessName): string => (process === 'zookeeper' ? process : `broker-${process}`);
  return target.kind === 'process' ? name(target.process) : `link:${name(target.broker)}:${name(target.other)}`;
}

/** Null for what is no target's name. */
export function parseTarget(id: string): Target | null {
  if (id === 'zookeeper') return { kind: 'process', process: 'zookeeper' };
  const broker = /^broker-(\d{1,10})$/.exec(id);
  if (broker) return { kind: 'process', process: Number(broker[1]) };
  const link = /^link:broker-(\d{1,10}):(?:broker-(\d{1,10})|zookeeper)$/.exec(id);
  if (!link) return null;
  return { kind: 'link', broker: Number(link[1]), other: link[2] === undefined ? 'zookeeper' : Number(link[2]) };
}

/** As people call it, in the middle of a sentence. */
export function titleOf(target: Target): string {
  const name = (process: ProcessName): string => (process === 'zookeeper' ? 'ZooKeeper' : `broker ${process}`);
  if (target.kind === 'process') return name(target.process);
  return `the link between ${name(target.broker)} and ${name(target.other)}`;
}

/** The entry of a list of targets, with what may be done now. */
export function describeTarget(target: Target, state: TargetState): FaultTarget {
  const isLink = target.kind === 'link';
  const kind = isLink ? 'link' : target.process === 'zookeeper' ? 'zookeeper' : 'broker';
  const title = isLink ? titleOf(target).replace('the link between ', '').replace(' and ', ' – ') : titleOf(target);
  return {
    id: idOf(target),
    kind,
    title: title.replace(/^./, (first) => first.toUpperCase()),
    state,
    actions: [...actionsIn[state]],
  };
}

/** All links between these brokers, and of each of them to ZooKeeper. */
export function linksAmong(brokerIds: readonly number[]): Target[] {
  const pairs = brokerIds.flatMap((broker, at) => brokerIds.slice(at + 1).map((other) => [broker, other] as const));
  return [
    ...brokerIds.map((broker) => ({ kind: 'link', broker, other: 'zookeeper' }) as const),
    ...pairs.map(([broker, other]) => ({ kind: 'link', broker, other }) as const),
  ];
}
