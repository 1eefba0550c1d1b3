/** Whom a change of configuration under /config concerns: wired by server.ts to the log manager and the BrokerConfig. */

export interface DynamicBrokerConfig {
  /** /config/brokers/<default>: for every broker */
  readonly clusterWide: Record<string, string>;
  /** /config/brokers/<id>: for this one; goes before `clusterWide` */
  readonly perBroker: Record<string, string>;
}

export interface ConfigListeners {
  /** The overrides of a topic as they are now; empty when it has none. */
  onTopicConfig(topic: string, overrides: Record<string, string>): void;
  /** All dynamic configuration that concerns this broker, as it is now. */
  onBrokerConfig(config: DynamicBrokerConfig): void;
}
