/**
 * The tree under a path of ZooKeeper as plain text per node, with all that may differ between two clusters that went
 * through the same (timestamps, random ids, ports, session ids) replaced by a placeholder.
 */
import type { ZooKeeperClient } from '../../zookeeper';

export interface ZnodeDump {
  /** Null data shows as `null`, empty data as `(empty)`. */
  data: string;
  ephemeral: boolean;
  /** Data version: how often the node has been written. */
  version: number;
}

/** All nodes below `root` by their path without it, in alphabetical order. `/zookeeper` and `/gregor` are left out. */
export async function dumpTree(client: ZooKeeperClient, root: string): Promise<Map<string, ZnodeDump>> {
  const nodes = new Map<string, ZnodeDump>();
  const visit = async (path: string): Promise<void> => {
    const { children } = await client.session.getChildren(path === '' ? '/' : path);
    await Promise.all(
      children.map(async (name) => {
        const child = `${path}/${name}`;
        const relative = child.slice(root.length);
        if (relative === '/zookeeper' || relative === '/gregor') return;
        const { data, stat } = await client.session.getData(child);
        nodes.set(relative, {
          data: normalized(relative, data),
          ephemeral: !stat.ephemeralOwner.equals(Buffer.alloc(8)),
          version: stat.version,
        });
        await visit(child);
      }),
    );
  };
  await visit(root);
  return new Map([...nodes].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** JSON with sorted keys: their order has no meaning. */
function normalized(path: string, data: Buffer | null): string {
  if (data === null) return 'null';
  if (data.length === 0) return '(empty)';
  const text = data.toString();
  if (!text.startsWith('{')) return text;
  return JSON.stringify(sorted(JSON.parse(text) as unknown, path));
}

const PLACEHOLDERS = new Set(['timestamp', 'topic_id', 'port', 'endpoints']);

function sorted(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(item, path));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, item]) => {
      const hidden = PLACEHOLDERS.has(key) || (path === '/cluster/id' && key === 'id');
      return [key, hidden ? `<${typeof item} ${key}>` : sorted(item, path)];
    }),
  );
}

/** One line per difference; empty when the trees are equal. */
export function differences(
  expected: ReadonlyMap<string, ZnodeDump>,
  actual: ReadonlyMap<string, ZnodeDump>,
): string[] {
  const lines: string[] = [];
  for (const path of new Set([...expected.keys(), ...actual.keys()])) {
    const [one, other] = [expected.get(path), actual.get(path)];
    if (!other) lines.push(`${path}: missing; expected ${show(one)}`);
    else if (!one) lines.push(`${path}: should not be there: ${show(other)}`);
    else if (one.data !== other.data || one.ephemeral !== other.ephemeral) {
      lines.push(`${path}: expected ${show(one)}, is ${show(other)}`);
    } else if (one.version !== other.version) {
      lines.push(`${path}: was written ${other.version} times instead of ${one.version}: ${other.data}`);
    }
  }
  return lines;
}

function show(node: ZnodeDump | undefined): string {
  return node ? `${node.data}${node.ephemeral ? ' (ephemeral)' : ''} v${node.version}` : 'nothing';
}
