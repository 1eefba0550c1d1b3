/** Where brokers have their HTTP listener: broker.http.listeners, `id=host:port,id=host:port`. */
import { ConfigException } from '../../settings';

const KEY = 'broker.http.listeners';

/** `host:port` by broker. @throws ConfigException for an entry that is no `id=host:port` */
export function httpListenersOf(entries: readonly string[]): Map<number, string> {
  return new Map(
    entries.map((entry) => {
      const match = /^(\d+)=((?:\[[0-9a-fA-F:.]+\]|[^:[\]/\s]+):\d{1,5})$/.exec(entry.trim());
      if (!match) throw ConfigException.invalid(KEY, entry, 'expected id=host:port');
      return [Number(match[1]), match[2] as string];
    }),
  );
}
