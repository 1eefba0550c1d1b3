/** `host1:2181,host2:2181/chroot`, as zookeeper.connect has it. */
import { validatePath } from './library';

export interface ZooKeeperAddress {
  servers: { host: string; port: number }[];
  /** Begins with a slash; empty for none. */
  chroot: string;
  /** The servers' part of the text. */
  serverList: string;
}

const DEFAULT_PORT = 2181;

/** Throws with a text that says what is wrong. IPv6 addresses stand in brackets. */
export function parseConnectString(text: string): ZooKeeperAddress {
  const slash = text.indexOf('/');
  const serverList = slash === -1 ? text : text.slice(0, slash);
  // A lone slash at the end means the root, as for Kafka.
  const chroot = slash === -1 || slash === text.length - 1 ? '' : text.slice(slash);
  try {
    if (chroot !== '') validatePath(chroot);
  } catch (error) {
    throw new Error(`zookeeper.connect '${text}': the chroot '${chroot}' is not a path: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const servers = serverList
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseServer(part, text));
  if (servers.length === 0) throw new Error(`zookeeper.connect '${text}' names no server`);
  return { servers, chroot, serverList };
}

function parseServer(part: string, text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(part);
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  if (!match || port < 1 || port > 65_535) {
    throw new Error(`zookeeper.connect '${text}': '${part}' is not host:port`);
  }
  return { host: (match[1] ?? match[2]) as string, port };
}
