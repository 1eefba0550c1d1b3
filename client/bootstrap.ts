/** Bootstrap addresses as Kafka's tools take them: `host:port,host:port`, IPv6 hosts in brackets. */

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Parses a list of addresses; an Error names the part that is not `host:port`. */
export function parseBootstrapServers(text: string): HostPort[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw new Error('No resolvable bootstrap urls given in bootstrap.servers');
  return parts.map(parseAddress);
}

function parseAddress(text: string): HostPort {
  const match = /^(?:[a-zA-Z]+:\/\/)?(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]/]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) throw new Error(`Invalid url in bootstrap.servers: ${text}`);
  return { host: (match[1] ?? match[2]) as string, port };
}

/** `host:port`, an IPv6 address in brackets: what parseBootstrapServers reads. */
export function hostPortText({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
