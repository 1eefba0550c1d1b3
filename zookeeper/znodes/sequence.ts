/** Sequential nodes: a prefix and the ten digits that ZooKeeper appends. */

/**
 * The sequence number of a sequential node, -1 when its name does not begin with the prefix or does not end in a number.
 * @param nodeName name or path of the node
 */
export function sequenceNumber(nodeName: string, prefix: string): number {
  const name = nodeName.slice(nodeName.lastIndexOf('/') + 1);
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^-?\d+$/.test(digits) ? Number(digits) : -1;
}
