/**
 * Expires the ZooKeeper session of a broker from outside, whatever the broker runs: Gregor, or Apache Kafka.
 * A session's password is a function of its id: ZooKeeper seeds java.util.Random with the id and a constant of its
 * source (SessionTrackerImpl, ZooKeeperServer.generatePasswd) that no installation changes. So whoever sees the owner
 * of an ephemeral node can attach to its session and close it; its owner then finds the session expired.
 */
import { attachAndClose, connect } from '../zookeeper';
import type { Clock } from '../runtime/clock';
import { silentLogger } from '../runtime/logger';

const SECRET = 0xb341_5c00n;
const PASSWORD_BYTES = 16;
const MULTIPLIER = 0x5_deec_e66dn;
const INCREMENT = 0xbn;
const STATE_BITS = 48;

/** The password that a ZooKeeper server gave to the session with this id. */
export function sessionPassword(sessionId: Buffer): Buffer {
  let state = BigInt.asUintN(STATE_BITS, sessionId.readBigUInt64BE() ^ SECRET ^ MULTIPLIER);
  const password = Buffer.alloc(PASSWORD_BYTES);
  for (let at = 0; at < PASSWORD_BYTES; at += 4) {
    state = BigInt.asUintN(STATE_BITS, state * MULTIPLIER + INCREMENT);
    // Random.nextBytes takes the bytes of each 32-bit number from the lowest up.
    password.writeUInt32LE(Number(BigInt.asUintN(32, state >> 16n)), at);
  }
  return password;
}

/** Closes the session that owns an ephemeral node; rejects when there is no such node. */
export async function expireOwnerOf(path: string, zookeeper: string, clock: Clock): Promise<void> {
  const client = await connect({
    connectString: zookeeper,
    sessionTimeoutMs: 10_000,
    connectionTimeoutMs: 10_000,
    createChroot: false,
    clock,
    logger: silentLogger,
    name: 'session expiry',
  });
  let owner: Buffer;
  try {
    owner = (await client.session.getData(path)).stat.ephemeralOwner;
  } finally {
    await client.close();
  }
  await attachAndClose(zookeeper, owner, sessionPassword(owner), { clock, logger: silentLogger });
}
