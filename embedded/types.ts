/** The public surface of the embedded cluster. */

/** Keys of server.properties with their values. */
export type BrokerSettings = Readonly<Record<string, string | number | boolean>>;

export interface ClusterOptions {
  /** How many brokers, with the ids 0, 1, 2 …; 1 when left out. */
  brokers?: number;
  /** Runs each broker as a process of its own instead of as a thread of the calling process. */
  processes?: boolean;
  /** Connect string of a ZooKeeper to use, a chroot included if wanted; one of its own is started when left out. */
  zookeeper?: string;
  /** Settings of every broker. */
  settings?: BrokerSettings;
  /** More settings for single brokers, by id. */
  brokerSettings?: Readonly<Record<number, BrokerSettings>>;
  /** One port per broker; free ones when left out. */
  ports?: readonly number[];
  /** Where data and logs go, to be found again later; a temporary directory that close() removes when left out. */
  directory?: string;
  /** How long the start of the cluster, or of a broker, may take; 60,000 when left out. */
  timeoutMs?: number;
  /** Told what is going on, e.g. that ZooKeeper is being downloaded. */
  onProgress?: (line: string) => void;
}

export interface EmbeddedBroker {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly running: boolean;
  /** The operating system's number of the process it runs in; null while it is down. */
  readonly pid: number | null;
  /** Folder with the broker's data/ and its log, server.log. */
  readonly directory: string;
}

/** One end of a link: a broker's id, or ZooKeeper. */
export type LinkEnd = number | 'zookeeper';

export interface LinkOptions {
  /** Only what the first end sends to the second is lost. */
  oneWay?: boolean;
}

export interface FaultOptions {
  /** The broker that fails; every broker when left out. */
  broker?: number;
  /** How many requests fail; 1 when left out. */
  times?: number;
}

export interface Cluster {
  /** `127.0.0.1:port,…` of all brokers, for bootstrap.servers. */
  readonly bootstrap: string;
  /** The same as a list, as kafkajs wants it. */
  readonly addresses: readonly string[];
  /** For zookeeper.connect. */
  readonly zookeeper: string;
  readonly brokers: readonly EmbeddedBroker[];
  readonly directory: string;

  /**
   * Starts a broker that was stopped or killed, on its old port and data; resolves when it serves. The ZooKeeper session of
   * one that was killed is closed first, as it would otherwise wait until that expires.
   */
  start(brokerId: number): Promise<void>;
  /** Stops a broker orderly: leaderships are handed over, logs closed, its ZooKeeper session ended. */
  stop(brokerId: number): Promise<void>;
  restart(brokerId: number): Promise<void>;
  /** Stops everything and removes what is temporary. Nothing keeps the calling process alive afterwards. */
  close(): Promise<void>;

  /** Ends a broker at once, as kill -9 does. */
  kill(brokerId: number): Promise<void>;
  /** Freezes a broker: its connections stay open, and nothing is answered from the return of this call on. */
  pause(brokerId: number): void;
  /** Lets a frozen broker go on. */
  resume(brokerId: number): void;
  /** Lets ZooKeeper forget the broker's session, as after a long silence. */
  expireSession(brokerId: number): Promise<void>;
  /** Loses all that two brokers, or a broker and ZooKeeper, send each other. */
  cutLink(from: LinkEnd, to: LinkEnd, options?: LinkOptions): Promise<void>;
  /** Repairs a link, in both directions. */
  healLink(from: LinkEnd, to: LinkEnd): Promise<void>;
  /**
   * Lets the next request of an API fail.
   * @param api name or key, e.g. `Produce`
   * @param error name of an error of the protocol, e.g. `NOT_LEADER_OR_FOLLOWER`, or `close` to close the connection
   */
  failNext(api: string | number, error: string, options?: FaultOptions): Promise<void>;
}
