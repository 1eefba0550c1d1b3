/**
 * What must hold between several keys of a broker before it may start; each complaint in the words that Kafka's
 * KafkaConfig uses, so that people find help for it.
 */
import { type BrokerListeners, brokerListeners } from './broker-listeners';
import type { BrokerValues } from './broker-values';
import { ConfigException } from './config-exception';
import { parseCsvMap } from './listeners';
import { isAtLeastVersion } from './metadata-version';
import { logDirs, logRetentionMs, logRollJitterMs, logRollMs } from './log-times';

function demand(holds: boolean, complaint: string): void {
  if (!holds) throw new ConfigException(complaint);
}

/**
 * Checks the keys against each other.
 * @throws ConfigException on the first rule that is broken
 */
export function checkBrokerRules(values: BrokerValues): void {
  checkMode(values);
  checkIdentity(values);
  checkLog(values);
  checkReplication(values);
  checkListeners(values, brokerListeners(values));
  checkConnections(values);
  checkGroups(values);
  checkHttpListener(values);
}

function checkMode(values: BrokerValues): void {
  const roles = values.list('process.roles');
  if (roles.length === 0) return;
  throw new ConfigException(
    `Invalid value ${roles.join(',')} for configuration process.roles: this broker runs in ZooKeeper mode only. ` +
      'Remove process.roles and set zookeeper.connect, or start this file with Apache Kafka in KRaft mode.',
  );
}

function checkIdentity(values: BrokerValues): void {
  const id = values.int('broker.id');
  if (values.int('node.id') !== id) {
    throw new ConfigException('You must set `node.id` to the same value as `broker.id`.');
  }
  if (values.stringOrNull('zookeeper.connect') === null) {
    throw new ConfigException('Missing required configuration `zookeeper.connect` which has no default value.');
  }
  if (values.boolean('zookeeper.metadata.migration.enable')) {
    throw new ConfigException(
      'Invalid value true for configuration zookeeper.metadata.migration.enable: migration to KRaft is not supported yet.',
    );
  }
  if (values.boolean('broker.id.generation.enable')) {
    demand(
      id >= -1 && id <= values.int('reserved.broker.max.id'),
      'broker.id must be greater than or equal to -1 and not greater than reserved.broker.max.id',
    );
  } else {
    demand(id >= 0, 'broker.id must be greater than or equal to 0');
  }
}

function checkLog(values: BrokerValues): void {
  demand(logRollMs(values) >= 1n, 'log.roll.ms must be greater than or equal to 1');
  demand(logRollJitterMs(values) >= 0n, 'log.roll.jitter.ms must be greater than or equal to 0');
  const retentionMs = logRetentionMs(values);
  demand(
    retentionMs >= 1n || retentionMs === -1n,
    'log.retention.ms must be unlimited (-1) or, greater than or equal to 1',
  );
  demand(logDirs(values).length > 0, 'At least one log directory must be defined via log.dirs or log.dir.');
  const bufferPerThread = values.long('log.cleaner.dedupe.buffer.size') / values.int('log.cleaner.threads');
  demand(bufferPerThread > 1024 * 1024, 'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.');
}

function checkReplication(values: BrokerValues): void {
  const waitMs = values.int('replica.fetch.wait.max.ms');
  demand(
    waitMs <= values.int('replica.socket.timeout.ms'),
    'replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts',
  );
  demand(
    waitMs <= values.long('replica.lag.time.max.ms'),
    'replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR',
  );
  const version = values.string('inter.broker.protocol.version');
  if (isAtLeastVersion(version, '3.9-IV0') && !isAtLeastVersion(version, '4.0-IV0')) return;
  throw new ConfigException(
    `Invalid value ${version} for configuration inter.broker.protocol.version: only 3.9 is supported. ` +
      'Bring the cluster to 3.9 with Apache Kafka first.',
  );
}

function checkListeners(
  values: BrokerValues,
  { listeners, advertised, interBroker, protocols }: BrokerListeners,
): void {
  const controllerNames = values.stringOrNull('controller.listener.names') ?? '';
  demand(
    controllerNames === '',
    `controller.listener.names must be empty when not running in KRaft mode: [${controllerNames}]`,
  );
  const names = listeners.map(({ name }) => name);
  const advertisedNames = advertised.map(({ name }) => name);
  const options = advertisedNames.join(',');
  demand(advertised.length > 0, 'There must be at least one broker advertised listener.');
  demand(
    advertisedNames.includes(interBroker.name),
    'inter.broker.listener.name must be a listener name defined in advertised.listeners. ' +
      `The valid options based on currently configured listeners are ${options}`,
  );
  demand(
    advertisedNames.every((name) => names.includes(name)),
    'advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. ' +
      `Found ${options}. The valid options based on the current configuration are ${names.join(',')}`,
  );
  demand(
    advertised.every(({ host }) => host !== '0.0.0.0'),
    'advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.',
  );
  checkControlPlane(values, advertisedNames, interBroker.name, protocols);
  for (const { name, securityProtocol } of listeners) {
    if (securityProtocol === 'PLAINTEXT') continue;
    throw new ConfigException(
      `Invalid value ${values.string('listeners')} for configuration listeners: listener ${name} speaks ` +
        `${securityProtocol}, but only PLAINTEXT is supported so far.`,
    );
  }
}

function checkControlPlane(
  values: BrokerValues,
  advertisedNames: readonly string[],
  interBrokerName: string,
  protocols: BrokerListeners['protocols'],
): void {
  const name = values.stringOrNull('control.plane.listener.name')?.toUpperCase();
  if (name === undefined) return;
  demand(
    protocols.has(name),
    `Listener with ${name} defined in control.plane.listener.name not found in listener.security.protocol.map.`,
  );
  demand(
    advertisedNames.includes(name),
    'control.plane.listener.name must be a listener name defined in advertised.listeners. ' +
      `The valid options based on currently configured listeners are ${advertisedNames.join(',')}`,
  );
  demand(
    name !== interBrokerName,
    'control.plane.listener.name, when defined, should have a different value from the inter broker listener name. ' +
      `Currently they both have the value ListenerName(${name})`,
  );
}

function checkConnections(values: BrokerValues): void {
  const queuedBytes = values.long('queued.max.request.bytes');
  demand(
    queuedBytes <= 0 || queuedBytes >= values.int('socket.request.max.bytes'),
    'queued.max.request.bytes must be larger or equal to socket.request.max.bytes',
  );
  const overrides = parseCsvMap(values.string('max.connections.per.ip.overrides'), 'max.connections.per.ip.overrides');
  demand(
    values.int('max.connections.per.ip') > 0 || overrides.length > 0,
    'max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.',
  );
  const invalid = overrides.map(([host]) => host).filter((host) => !/^[0-9a-zA-Z\-%._:]*$/.test(host));
  demand(invalid.length === 0, `max.connections.per.ip.overrides contains invalid addresses : ${invalid.join(',')}`);
  const idleMs = values.long('connections.max.idle.ms');
  const delayMs = values.int('connection.failed.authentication.delay.ms');
  demand(
    idleMs < 0 || delayMs < idleMs,
    `connection.failed.authentication.delay.ms=${delayMs} should always be less than connections.max.idle.ms=${idleMs} ` +
      'to prevent failed authentication responses from timing out',
  );
}

function checkGroups(values: BrokerValues): void {
  const protocols = values.list('group.coordinator.rebalance.protocols').map((name) => name.toLowerCase());
  demand(protocols.includes('classic'), "Disabling the 'classic' protocol is not supported.");
  demand(!protocols.includes('consumer'), "The new 'consumer' rebalance protocol is only supported in KRaft cluster.");
}

function checkHttpListener(values: BrokerValues): void {
  const text = values.string('gregor.http.listener');
  if (text === '' || /^.*:\d{1,5}$/.test(text)) return;
  throw ConfigException.invalid('gregor.http.listener', text, 'Expected host:port, or nothing to switch it off');
}
