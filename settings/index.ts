/** Configuration: every key of a broker and of a topic, parsing, checking and describing. */
export { BrokerConfig, type ConfigListener, type WarningLog } from './broker-config';
export { brokerKeys, brokerThemes, type BrokerKeyName } from './broker';
export { alterConfigs, AlterOperation, type ConfigAlteration } from './alter';
export { parseCommandLine, usageOf, type CommandLine } from './command-line';
export { ConfigException, InvalidConfiguration } from './config-exception';
export type { ConfigKey, ConfigType, Importance, UpdateMode } from './definition';
export { checkDynamicConfigs, dynamicOnlyKeys, isDynamicKey } from './dynamic-rules';
export { endpointText, parseListeners, type Endpoint, type SecurityProtocol } from './listeners';
export { formatProperty, parseProperties, PropertiesError } from './properties';
export {
  ConfigSource,
  describeBroker,
  describeBrokerDefaults,
  describeTopic,
  type ConfigEntry,
  type ConfigSynonym,
} from './describe';
export { topicKeys, topicSynonyms, type TopicKeyName } from './topic';
export { checkTopicConfigs, TopicConfig } from './topic-config';
export { topicDefaults } from './topic-defaults';
