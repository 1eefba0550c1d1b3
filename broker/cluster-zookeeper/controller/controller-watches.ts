/**
 * The controller's watches: each path has one callback for as long as the broker lives, which puts an event into the
 * controller's queue. Watches fire once; whoever handles the event reads again, with the same watch.
 */
import type { Watch } from '../../../zookeeper';

/** Puts an event into the queue, unless one of that name waits there already. */
export type PutEvent = (name: string) => void;

/** The events that watches give rise to; those about one broker or topic carry it after a colon. */
export const WatchEvents = {
  controllerChange: 'ControllerChange',
  reelect: 'Reelect',
  brokerChange: 'BrokerChange',
  topicChange: 'TopicChange',
  topicDeletion: 'TopicDeletion',
  logDirEvent: 'LogDirEventNotification',
  isrChange: 'IsrChangeNotification',
  preferredElection: 'ReplicaLeaderElection',
  reassignment: 'ZkPartitionReassignment',
  brokerModifications: 'BrokerModifications',
  partitionModifications: 'PartitionModifications',
} as const;

export class ControllerWatches {
  private readonly topicWatches = new Map<string, Watch>();
  private readonly brokerWatches = new Map<number, Watch>();

  constructor(private readonly put: PutEvent) {}

  readonly controller: Watch = ({ type }) =>
    this.put(type === 'deleted' ? WatchEvents.reelect : WatchEvents.controllerChange);
  readonly brokers: Watch = () => this.put(WatchEvents.brokerChange);
  readonly topics: Watch = () => this.put(WatchEvents.topicChange);
  readonly topicDeletions: Watch = () => this.put(WatchEvents.topicDeletion);
  readonly logDirEvents: Watch = () => this.put(WatchEvents.logDirEvent);
  readonly isrChanges: Watch = () => this.put(WatchEvents.isrChange);
  readonly preferredElections: Watch = ({ type }) => {
    if (type === 'created') this.put(WatchEvents.preferredElection);
  };
  readonly reassignments: Watch = ({ type }) => {
    if (type === 'created') this.put(WatchEvents.reassignment);
  };

  topic(name: string): Watch {
    return remembered(this.topicWatches, name, () => ({ type }) => {
      // A topic that vanishes is told by the watch on its parent.
      if (type === 'deleted') this.topicWatches.delete(name);
      else this.put(`${WatchEvents.partitionModifications}:${name}`);
    });
  }

  broker(id: number): Watch {
    return remembered(this.brokerWatches, id, () => ({ type }) => {
      if (type === 'deleted') this.brokerWatches.delete(id);
      else this.put(`${WatchEvents.brokerModifications}:${id}`);
    });
  }
}

function remembered<K>(watches: Map<K, Watch>, key: K, make: () => Watch): Watch {
  let watch = watches.get(key);
  if (!watch) {
    watch = make();
    watches.set(key, watch);
  }
  return watch;
}
