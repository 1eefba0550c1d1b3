/**
 * Gregor's own nodes by which brokers agree that one of them is dead (docs/decisions/0004-fast-fence.md); Apache Kafka
 * passes over them. All without data.
 *
 * `/gregor/suspects/<broker id>-<czxid>`, ephemeral: somebody asks the others to look at this registration.
 * `/gregor/suspects/<broker id>-<czxid>-<voter id>`, ephemeral: the voter has looked, and every connection was refused.
 * `/gregor/fences/<broker id>`, persistent: when it was changed last, this broker's session was closed by another.
 */

export const GREGOR_SUSPECTS_PATH = '/gregor/suspects';
export const GREGOR_FENCES_PATH = '/gregor/fences';

export interface Suspicion {
  readonly brokerId: number;
  /** Of the registration that is suspected; a later registration of the same broker is not meant. */
  readonly czxid: bigint;
  /** Who agrees; null in the question itself. */
  readonly voterId: number | null;
}

export function suspectPath({ brokerId, czxid, voterId }: Suspicion): string {
  const name = voterId === null ? `${brokerId}-${czxid}` : `${brokerId}-${czxid}-${voterId}`;
  return `${GREGOR_SUSPECTS_PATH}/${name}`;
}

/** Reads the name of a child of /gregor/suspects; null when it is none of ours. */
export function parseSuspect(name: string): Suspicion | null {
  const match = /^(\d+)-(\d+)(?:-(\d+))?$/.exec(name);
  if (!match) return null;
  const [, brokerId, czxid, voterId] = match as unknown as [string, string, string, string | undefined];
  return { brokerId: Number(brokerId), czxid: BigInt(czxid), voterId: voterId === undefined ? null : Number(voterId) };
}

export function fencePath(brokerId: number): string {
  return `${GREGOR_FENCES_PATH}/${brokerId}`;
}
