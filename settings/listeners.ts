/** Listener lists: `NAME://host:port,…` into endpoints, with the checks that Kafka makes on them. */
import { isIPv4, isIPv6 } from 'node:net';
import { ConfigException } from './config-exception';

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

export const SECURITY_PROTOCOLS: readonly SecurityProtocol[] = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

/** One address at which a broker listens or is reached. */
export interface Endpoint {
  /** Listener name, in capitals. */
  name: string;
  securityProtocol: SecurityProtocol;
  /** Null where none was given: all interfaces when listening, this host's name when advertised. */
  host: string | null;
  port: number;
}

const ENDPOINT = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/;

/** `NAME:PROTOCOL,…` by listener name in capitals. */
export function parseProtocolMap(text: string, keyName: string): Map<string, SecurityProtocol> {
  const protocols = new Map<string, SecurityProtocol>();
  for (const [name, protocol] of parseCsvMap(text, keyName)) {
    protocols.set(name.toUpperCase(), securityProtocol(protocol, keyName));
  }
  return protocols;
}

/** @throws ConfigException when `name` is no protocol */
export function securityProtocol(name: string, keyName: string): SecurityProtocol {
  const found = SECURITY_PROTOCOLS.find((protocol) => protocol === name.toUpperCase());
  if (!found) throw new ConfigException(`Invalid security protocol \`${name}\` defined in ${keyName}`);
  return found;
}

/** `key:value,…`; the last colon of an entry separates. */
export function parseCsvMap(text: string, keyName: string): [string, string][] {
  if (text === '') return [];
  return text.split(/\s*,\s*/).map((entry) => {
    const colon = entry.lastIndexOf(':');
    if (colon < 0) {
      throw new ConfigException(
        `Error parsing configuration property '${keyName}': '${entry}' is not of the form name:value`,
      );
    }
    return [entry.slice(0, colon).trim(), entry.slice(colon + 1).trim()];
  });
}

/**
 * Parses a listener list.
 * @param distinctPorts whether two entries may share a port (advertised listeners may)
 * @throws ConfigException
 */
export function parseListeners(
  text: string,
  protocols: ReadonlyMap<string, SecurityProtocol>,
  distinctPorts = true,
): Endpoint[] {
  const entries = text
    .trim()
    .split(/\s*,\s*/)
    .filter((entry) => entry !== '');
  const endpoints = entries.map((entry) => {
    try {
      return parseEndpoint(entry, protocols);
    } catch (error) {
      throw new ConfigException(`Error creating broker listeners from '${text}': ${(error as Error).message}`);
    }
  });
  if (new Set(endpoints.map(({ name }) => name)).size < endpoints.length) {
    throw new ConfigException(`Each listener must have a different name, listeners: ${text}`);
  }
  if (distinctPorts) checkPorts(endpoints, text);
  return endpoints;
}

function parseEndpoint(entry: string, protocols: ReadonlyMap<string, SecurityProtocol>): Endpoint {
  const match = ENDPOINT.exec(entry);
  if (!match) throw new Error(`Unable to parse ${entry} to a broker endpoint`);
  const [, rawName = '', host = '', port = ''] = match;
  const name = rawName.toUpperCase();
  const protocol = protocols.get(name);
  if (!protocol) throw new Error(`No security protocol defined for listener ${name}`);
  return { name, securityProtocol: protocol, host: host === '' ? null : host, port: Number(port) };
}

/** One port may serve two listeners only when one is on an IPv4 address and the other on an IPv6 address. */
function checkPorts(endpoints: readonly Endpoint[], text: string): void {
  for (const port of new Set(endpoints.map((endpoint) => endpoint.port))) {
    const hosts = endpoints.filter((endpoint) => endpoint.port === port).map(({ host }) => host ?? '');
    if (port === 0 || hosts.length === 1) continue;
    const oneOfEach = hosts.length === 2 && hosts.some((host) => isIPv4(host)) && hosts.some((host) => isIPv6(host));
    if (oneOfEach) continue;
    const named = hosts.filter((host) => isIPv4(host) || isIPv6(host)).length;
    if (named < 2) throw new ConfigException(`Each listener must have a different port, listeners: ${text}`);
    throw new ConfigException(
      `If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, listeners: ${text}, port: ${port}`,
    );
  }
}

/** `NAME://host:port`, with brackets around an IPv6 address. */
export function endpointText({ name, host, port }: Pick<Endpoint, 'name' | 'host' | 'port'>): string {
  if (host === null) return `${name}://:${port}`;
  return host.includes(':') ? `${name}://[${host}]:${port}` : `${name}://${host}:${port}`;
}
