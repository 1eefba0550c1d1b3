/** The listeners of a broker: where it listens, what it tells others, and which one brokers use among themselves. */
import type { BrokerValues } from './broker-values';
import { ConfigException } from './config-exception';
import { type Endpoint, parseListeners, parseProtocolMap, type SecurityProtocol, securityProtocol } from './listeners';

export interface BrokerListeners {
  listeners: readonly Endpoint[];
  advertised: readonly Endpoint[];
  interBroker: { name: string; securityProtocol: SecurityProtocol };
  protocols: ReadonlyMap<string, SecurityProtocol>;
}

/** @throws ConfigException when one of the keys cannot be understood */
export function brokerListeners(values: BrokerValues): BrokerListeners {
  const mapKey = 'listener.security.protocol.map';
  const protocols = parseProtocolMap(values.string(mapKey), mapKey);
  const listeners = parseListeners(values.string('listeners'), protocols);
  const advertisedText = values.stringOrNull('advertised.listeners');
  const advertised = advertisedText === null ? listeners : parseListeners(advertisedText, protocols, false);
  return { listeners, advertised, interBroker: interBrokerListener(values, protocols), protocols };
}

function interBrokerListener(
  values: BrokerValues,
  protocols: ReadonlyMap<string, SecurityProtocol>,
): BrokerListeners['interBroker'] {
  const name = values.stringOrNull('inter.broker.listener.name')?.toUpperCase();
  if (name === undefined) {
    const key = 'security.inter.broker.protocol';
    const protocol = securityProtocol(values.string(key), key);
    return { name: protocol, securityProtocol: protocol };
  }
  if (values.isSet('security.inter.broker.protocol')) {
    throw new ConfigException(
      'Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.',
    );
  }
  const protocol = protocols.get(name);
  if (!protocol) {
    throw new ConfigException(
      `Listener with name ${name} defined in inter.broker.listener.name not found in listener.security.protocol.map.`,
    );
  }
  return { name, securityProtocol: protocol };
}
