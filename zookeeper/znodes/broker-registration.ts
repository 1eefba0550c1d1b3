/**
 * `/brokers/ids/<id>`, ephemeral: a live broker. Version 5 (IBP 2.7 and later), with the keys in Kafka's order:
 * `{"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},"endpoints":["PLAINTEXT://host:9092"],
 * "rack":"r1","jmx_port":-1,"port":9092,"host":"host","version":5,"timestamp":"<ms>"}`; `rack` only when there is one.
 * `host` and `port` are those of the first PLAINTEXT endpoint (null and -1 without one). The node's czxid is the broker epoch.
 * Versions: 1 host and port only; 2 endpoints; 3 rack; 4 listener_security_protocol_map; 5 features (KIP-584).
 */
import { decodeJson, encodeJson, type JsonObject, ZnodeFormatError } from './json';

export const BROKER_IDS_PATH = '/brokers/ids';

export function brokerPath(brokerId: number): string {
  return `${BROKER_IDS_PATH}/${brokerId}`;
}

export interface RegisteredEndpoint {
  /** Listener name, e.g. `PLAINTEXT` or `INTERNAL`. */
  listener: string;
  /** PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL. */
  securityProtocol: string;
  host: string;
  port: number;
}

export interface SupportedFeature {
  minVersion: number;
  maxVersion: number;
}

export interface BrokerRegistration {
  brokerId: number;
  endpoints: RegisteredEndpoint[];
  rack: string | null;
  /** -1 when there is none. */
  jmxPort: number;
  timestampMs: number;
  features: Record<string, SupportedFeature>;
}

export function encodeBrokerRegistration(broker: BrokerRegistration): Buffer {
  const plaintext = broker.endpoints.find((endpoint) => endpoint.securityProtocol === 'PLAINTEXT');
  const features = Object.entries(broker.features).map(([name, range]) => [
    name,
    { min_version: range.minVersion, max_version: range.maxVersion },
  ]);
  return encodeJson({
    features: Object.fromEntries(features) as Record<string, unknown>,
    listener_security_protocol_map: Object.fromEntries(
      broker.endpoints.map(({ listener, securityProtocol }) => [listener, securityProtocol]),
    ),
    endpoints: broker.endpoints.map(connectionString),
    ...(broker.rack === null ? {} : { rack: broker.rack }),
    jmx_port: broker.jmxPort,
    port: plaintext?.port ?? -1,
    host: plaintext?.host ?? null,
    version: 5,
    timestamp: String(broker.timestampMs),
  });
}

/** Reads versions 1 to 5; a later version is read as 5, as Kafka does. */
export function decodeBrokerRegistration(brokerId: number, data: Buffer | null): BrokerRegistration {
  const what = `registration of broker ${brokerId}`;
  const json = decodeJson(data, what);
  const version = json.int('version');
  if (version < 1) throw new ZnodeFormatError(what, `unsupported version ${version}`);
  return {
    brokerId,
    endpoints: version === 1 ? [plaintextEndpoint(json)] : endpointsOf(json, what),
    rack: json.has('rack') ? json.string('rack') : null,
    jmxPort: json.int('jmx_port'),
    timestampMs: json.has('timestamp') ? Number(json.scalarText('timestamp')) : -1,
    features: json.has('features') ? featuresOf(json.object('features')) : {},
  };
}

function connectionString({ listener, host, port }: RegisteredEndpoint): string {
  return `${listener}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function plaintextEndpoint(json: JsonObject): RegisteredEndpoint {
  return { listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: json.string('host'), port: json.int('port') };
}

function endpointsOf(json: JsonObject, what: string): RegisteredEndpoint[] {
  const protocols = json.has('listener_security_protocol_map') ? json.object('listener_security_protocol_map') : null;
  return json.stringArray('endpoints').map((text) => {
    const match = /^([^:]+):\/\/(?:\[(.*)\]|([^/]*)):(-?\d+)$/.exec(text);
    if (!match) throw new ZnodeFormatError(what, `'${text}' is not an endpoint`);
    // The listener's name is upper case whatever the text says (kafka.cluster.EndPoint).
    const listener = (match[1] as string).toUpperCase();
    const securityProtocol = protocols?.has(listener) ? protocols.string(listener) : listener;
    return { listener, securityProtocol, host: match[2] ?? match[3] ?? '', port: Number(match[4]) };
  });
}

function featuresOf(json: JsonObject): Record<string, SupportedFeature> {
  const ranges = json.keys().map((name) => {
    const range = json.object(name);
    return [name, { minVersion: range.int('min_version'), maxVersion: range.int('max_version') }];
  });
  return Object.fromEntries(ranges) as Record<string, SupportedFeature>;
}
