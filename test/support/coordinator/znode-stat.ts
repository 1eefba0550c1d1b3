/** Stats of znodes for tests that make a tree by hand. */
import type { Stat } from '../../../zookeeper';

/** That of a node as it was created: by the transaction `czxid`, at time 0, empty, nobody's. */
export function statOf(czxid: bigint | number, other: Partial<Stat> = {}): Stat {
  const created = BigInt(czxid);
  return {
    czxid: created,
    mzxid: created,
    pzxid: created,
    ctimeMs: 0,
    mtimeMs: 0,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: Buffer.alloc(8),
    dataLength: 0,
    numChildren: 0,
    ...other,
  };
}
