/** What a fetch asks of one partition, kept by a session from one request to the next. */

export const NO_EPOCH = -1;

/** The session that keeps an entry, as far as the entry knows it. */
interface EntryListener {
  noteChange(entry: FetchEntry): void;
}

/** A partition, as far as an entry knows it: it tells these entries of every change. */
interface WatchedPartition {
  readonly sessionEntries: Set<FetchEntry>;
}

/** One partition of a fetch. Sessions keep these and change them with each request. */
export class FetchEntry {
  currentLeaderEpoch = NO_EPOCH;
  fetchOffset = -1;
  /** Epoch of the last record that the fetcher has; -1 when it gave none. */
  lastFetchedEpoch = NO_EPOCH;
  /** The fetching follower's own log start offset; -1 from a consumer. */
  logStartOffset = -1;
  maxBytes = -1;
  /** High watermark and log start offset as the session's client last heard them. */
  toldHighWatermark = -1;
  toldLogStartOffset = -1;
  /** Neither hosted here nor in the metadata when it was read last. */
  isUnknown = false;
  /** Set when it is kept by a session. */
  session: EntryListener | null = null;
  private watched: WatchedPartition | null = null;
  private changes = 0;
  private changesRead = 0;
  private wasCaughtUp = false;

  constructor(
    /** Null while the topic id is not known here. */
    public topic: string | null,
    readonly topicId: string,
    readonly partition: number,
  ) {}

  /** Is told by `partition` whenever there may be something new to read. */
  watch(partition: WatchedPartition): void {
    if (this.watched === partition) return;
    this.unwatch();
    this.watched = partition;
    partition.sessionEntries.add(this);
  }

  unwatch(): void {
    this.watched?.sessionEntries.delete(this);
    this.watched = null;
  }

  /** The partition has changed: the session's next answer has to look at it, and perhaps the one that waits. */
  changed(): void {
    this.changes++;
    this.session?.noteChange(this);
  }

  /** It was read just now. @param caughtUp there is nothing more than what was read */
  noteRead(caughtUp: boolean): void {
    this.changesRead = this.changes;
    this.wasCaughtUp = caughtUp;
  }

  /** Nothing to look at before the partition or the client changes something. */
  get isSettled(): boolean {
    return this.wasCaughtUp && this.changes === this.changesRead;
  }
}
