/**
 * Faults put into the product on purpose, to see that the checker finds what they break. Each replaces a method of a
 * production class and gives back a function that undoes it; the product itself knows nothing of them.
 */
import { PartitionStateMachine } from '../../../broker/cluster-zookeeper/controller/partition-state-machine';
import type { FollowedPartition } from '../../../broker/replication/followed-partition';
import type { IsrState } from '../../../broker/replication/isr-state';
import { Partition } from '../../../broker/replication/partition';
import { RecordFetcher } from '../../../broker/replication/record-fetcher';
import { ReplicaFetcher } from '../../../broker/replication/replica-fetcher';
import type { InvariantViolation } from './checker';

export interface Mutation {
  readonly name: string;
  /** What may be noticed first. */
  readonly caughtBy: readonly InvariantViolation['invariant'][];
  readonly apply: () => () => void;
}

type Method = (this: never, ...args: never[]) => unknown;

/** Replaces a method, private or not, by what `make` builds around it. */
function replace<M extends Method>(owner: { prototype: object }, name: string, make: (original: M) => M): () => void {
  const methods = owner.prototype as Record<string, M>;
  const original = methods[name];
  if (typeof original !== 'function')
    throw new Error(`there is no method ${name} any more; the mutation has to follow`);
  methods[name] = make(original);
  return () => void (methods[name] = original);
}

interface PartitionInside {
  isrState: IsrState;
  readonly leaderLog: Partition['leaderLog'];
  readonly epoch: number;
}

interface FetcherInside {
  goOnFrom(partition: FollowedPartition, offset: number): void;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the leader advances the high watermark to its own end, without waiting for the ISR',
    caughtBy: ['nothing lost', 'agreement'],
    apply: () =>
      replace(Partition, 'advanceHighWatermark', () => {
        return function (this: PartitionInside) {
          const log = this.leaderLog;
          return log !== null && log.maybeIncrementHighWatermark(log.logEndOffset);
        } as Method;
      }),
  },
  {
    name: 'a shrunken ISR counts before the controller has agreed to it',
    caughtBy: ['nothing lost', 'agreement'],
    apply: () =>
      replace(Partition, 'advanceHighWatermark', (original) => {
        return function (this: PartitionInside) {
          const state = this.isrState;
          if (state.kind === 'pending' && state.change === 'shrink')
            this.isrState = { kind: 'committed', isr: [...state.proposed] };
          try {
            return (original as (this: PartitionInside) => boolean).call(this);
          } finally {
            this.isrState = state;
          }
        } as Method;
      }),
  },
  {
    name: "a follower does not truncate where its log parts from the leader's, and goes on at its own end",
    caughtBy: ['nothing lost', 'agreement', 'whole again'],
    apply: () =>
      replace(ReplicaFetcher, 'truncate', () => {
        return function (this: FetcherInside, partition: FollowedPartition) {
          this.goOnFrom(partition, partition.log.logEndOffset);
          partition.lastFetchedEpoch = -1;
        } as Method;
      }),
  },
  {
    name: 'a follower truncates to its high watermark instead of asking the leader where the logs part',
    caughtBy: ['nothing lost', 'agreement'],
    apply: () =>
      replace(Partition, 'makeFollower', (original) => {
        return function (this: PartitionInside, state: { leaderEpoch: number }, log: NonNullable<Partition['log']>) {
          if (state.leaderEpoch > this.epoch) log.truncateTo(log.highWatermark);
          return (original as (this: PartitionInside, ...args: unknown[]) => boolean).call(this, state, log);
        } as Method;
      }),
  },
  {
    name: 'the controller elects leaders from outside the ISR',
    caughtBy: ['nothing lost', 'agreement'],
    apply: () =>
      replace(PartitionStateMachine, 'electFor', (original) => {
        return function (
          this: object,
          ...args: [
            { leadership: { isr: readonly number[] } | null; assignment: { replicas: readonly number[] } },
            unknown,
            unknown,
          ]
        ) {
          const [entry, ...rest] = args;
          const widened = {
            ...entry,
            leadership: entry.leadership && { ...entry.leadership, isr: entry.assignment.replicas.toReversed() },
          };
          return (original as (this: object, ...all: unknown[]) => unknown).call(
            this,
            Object.setPrototypeOf(widened, Object.getPrototypeOf(entry) as object),
            ...rest,
          );
        } as Method;
      }),
  },
  {
    name: 'an election keeps the leader epoch as it was',
    caughtBy: ['one leader', 'whole again'],
    apply: () =>
      replace(PartitionStateMachine, 'electFor', (original) => {
        return function (this: object, ...args: unknown[]) {
          const election = (original as (this: object, ...all: unknown[]) => { next?: { leaderEpoch: number } }).call(
            this,
            ...args,
          );
          if (election instanceof Error || !election.next) return election;
          return { ...election, next: { ...election.next, leaderEpoch: election.next.leaderEpoch - 1 } };
        } as Method;
      }),
  },
  {
    name: 'an acks=all write is acknowledged as soon as the leader has it',
    caughtBy: ['nothing lost'],
    apply: () => replace(Partition, 'acknowledgement', () => (() => ({ code: 0, name: 'NONE' })) as unknown as Method),
  },
  {
    name: 'a consumer is given what is not committed yet',
    caughtBy: ['no way back'],
    apply: () =>
      replace(RecordFetcher, 'readPartition', (original) => {
        return function (this: object, state: { params: object }, ...rest: unknown[]) {
          const widened = { ...state, params: { ...state.params, isolation: 'log_end' } };
          return (original as (this: object, ...all: unknown[]) => unknown).call(this, widened, ...rest);
        } as Method;
      }),
  },
];
