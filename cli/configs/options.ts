/** The options of kafka-configs. */
import { commonOptions, flag, value, type ParsedOptions } from '../options';

export const configsOptions = {
  ...commonOptions,
  'bootstrap-server': value('server to connect to', 'Brokers to connect to.'),
  'bootstrap-controller': value('controller to connect to', 'For KRaft clusters only.'),
  zookeeper: value('urls', 'No longer supported here; use --bootstrap-server.'),
  'command-config': value('command config property file', 'File with properties for the connection to the cluster.'),
  describe: flag('Show configurations: what was set dynamically, or everything with --all.'),
  alter: flag('Change a configuration with --add-config, --add-config-file or --delete-config.'),
  all: flag('Show defaults and what stands in files, too.'),
  'entity-type': value('', 'What to configure: topics, brokers or broker-loggers.'),
  'entity-name': value('', 'Which one: the name of the topic, or the id of the broker.'),
  'entity-default': flag('The default for all brokers.'),
  topic: value('', 'Short for --entity-type topics --entity-name.'),
  broker: value('', 'Short for --entity-type brokers --entity-name.'),
  'broker-defaults': flag('Short for --entity-type brokers --entity-default.'),
  'broker-logger': value('', 'Short for --entity-type broker-loggers --entity-name.'),
  client: value('', 'A client id; not supported so far.'),
  'client-defaults': flag('All client ids; not supported so far.'),
  user: value('', 'A user; not supported so far.'),
  'user-defaults': flag('All users; not supported so far.'),
  ip: value('', 'An address; not supported so far.'),
  'ip-defaults': flag('All addresses; not supported so far.'),
  'add-config': value('', 'Settings to set, as k1=v1,k2=[v1,v2],k3=v3.'),
  'add-config-file': value('', 'File with settings to set.'),
  'delete-config': value('', 'Settings to remove, as k1,k2.'),
  force: flag('Accepted; nothing is asked anyway.'),
  'zk-tls-config-file': value('ZooKeeper TLS configuration', 'No longer supported here.'),
};

export type ConfigsOptions = ParsedOptions<typeof configsOptions>;
