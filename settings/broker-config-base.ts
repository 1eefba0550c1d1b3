/** Reading a broker's configuration: by the name of the key, or as properties for what is used often. */
import { brokerListeners, type BrokerListeners } from './broker-listeners';
import type { BooleanKey, BrokerValues, DoubleKey, IntKey, ListKey, LongKey, StringKey } from './broker-values';
import type { ConfigValue } from './definition';
import type { Endpoint } from './listeners';
import { logDirs, logRetentionMs, logRollJitterMs, logRollMs } from './log-times';

export abstract class BrokerConfigBase {
  private listenersOf: { values: BrokerValues; listeners: BrokerListeners } | null = null;

  /** The values that count now, as one object that never changes. */
  abstract get values(): BrokerValues;

  /** A boolean key. */
  boolean(name: BooleanKey): boolean {
    return this.values.boolean(name);
  }

  /** An int or short key that has a value or a default. */
  int(name: IntKey): number {
    return this.values.int(name);
  }

  intOrNull(name: IntKey): number | null {
    return this.values.intOrNull(name);
  }

  /** A long key; Long.MAX_VALUE comes as 2^63, so that every comparison means what it should. */
  long(name: LongKey): number {
    return this.values.long(name);
  }

  longOrNull(name: LongKey): number | null {
    return this.values.longOrNull(name);
  }

  /** The exact value of a long key. */
  bigint(name: LongKey): bigint {
    return this.values.bigint(name);
  }

  double(name: DoubleKey): number {
    return this.values.double(name);
  }

  /** A string, class or password key that has a value or a default. */
  string(name: StringKey): string {
    return this.values.string(name);
  }

  stringOrNull(name: StringKey): string | null {
    return this.values.stringOrNull(name);
  }

  list(name: ListKey): readonly string[] {
    return this.values.list(name);
  }

  /** The value of any key by its name; for code that does not know the key beforehand. */
  value(name: string): ConfigValue {
    return this.values.value(name);
  }

  /** Whether the key was configured anywhere, be it with its default value. */
  isSet(name: string): boolean {
    return this.values.isSet(name);
  }

  get brokerId(): number {
    return this.int('broker.id');
  }

  get rack(): string | null {
    return this.stringOrNull('broker.rack');
  }

  get zookeeperConnect(): string {
    return this.string('zookeeper.connect');
  }

  get zookeeperSessionTimeoutMs(): number {
    return this.int('zookeeper.session.timeout.ms');
  }

  get zookeeperConnectionTimeoutMs(): number {
    return this.intOrNull('zookeeper.connection.timeout.ms') ?? this.zookeeperSessionTimeoutMs;
  }

  /** Where this broker listens; host null means all interfaces. */
  get listeners(): readonly Endpoint[] {
    return this.listenerSet.listeners;
  }

  /** What clients and brokers are told; host null means this machine's own name. */
  get advertisedListeners(): readonly Endpoint[] {
    return this.listenerSet.advertised;
  }

  get interBrokerListenerName(): string {
    return this.listenerSet.interBroker.name;
  }

  get logDirs(): readonly string[] {
    return logDirs(this.values);
  }

  /** -1 keeps records for ever. */
  get logRetentionMs(): number {
    return Number(logRetentionMs(this.values));
  }

  get logRollMs(): number {
    return Number(logRollMs(this.values));
  }

  get logRollJitterMs(): number {
    return Number(logRollJitterMs(this.values));
  }

  get requestTimeoutMs(): number {
    return this.int('request.timeout.ms');
  }

  get minInsyncReplicas(): number {
    return this.int('min.insync.replicas');
  }

  get replicaLagTimeMaxMs(): number {
    return this.long('replica.lag.time.max.ms');
  }

  get numPartitions(): number {
    return this.int('num.partitions');
  }

  get defaultReplicationFactor(): number {
    return this.int('default.replication.factor');
  }

  get autoCreateTopicsEnable(): boolean {
    return this.boolean('auto.create.topics.enable');
  }

  get deleteTopicEnable(): boolean {
    return this.boolean('delete.topic.enable');
  }

  get socketRequestMaxBytes(): number {
    return this.int('socket.request.max.bytes');
  }

  /** host and port of the optional HTTP listener, null when it is off. */
  get httpListener(): { host: string; port: number } | null {
    const text = this.string('gregor.http.listener');
    const match = /^\[?(.*?)\]?:(\d+)$/.exec(text);
    return match ? { host: match[1] === '' ? '127.0.0.1' : (match[1] as string), port: Number(match[2]) } : null;
  }

  get fastFenceEnable(): boolean {
    return this.boolean('gregor.fast.fence.enable');
  }

  get tailCacheBytes(): number {
    return this.long('gregor.tail.cache.bytes');
  }

  get answerMemoryBytes(): number {
    return this.long('gregor.answer.memory.bytes');
  }

  private get listenerSet(): BrokerListeners {
    const { values } = this;
    if (this.listenersOf?.values !== values) this.listenersOf = { values, listeners: brokerListeners(values) };
    return this.listenersOf.listeners;
  }
}
