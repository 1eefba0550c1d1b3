/** Compares what the replicas of a partition gave, batch by batch, as ReplicaVerificationTool does. */
import { batch, forEachBatch, wholeBatchesBytes } from '../../protocol/records';

/** What one replica answered from a common offset on. */
export interface ReplicaData {
  broker: number;
  highWatermark: number;
  records: Buffer;
}

export interface Comparison {
  /** Up to here all replicas have the same. */
  nextOffset: number;
  /** Differences in words; empty when there is none. */
  differences: string[];
  /** The replicas' batches end at different offsets: there is no common ground to go on from. */
  diverged: boolean;
}

interface BatchOutline {
  lastOffset: number;
  checksum: number;
}

/** Batches below the high watermark that `records` holds completely. */
function committedBatches({ records, highWatermark }: ReplicaData): BatchOutline[] {
  const outlines: BatchOutline[] = [];
  const whole = records.subarray(0, wholeBatchesBytes(records));
  forEachBatch(whole, (at) => {
    const lastOffset = batch.lastOffset(whole, at);
    if (lastOffset < highWatermark) outlines.push({ lastOffset, checksum: batch.storedCrc(whole, at) });
  });
  return outlines;
}

/** @param fetchOffset from which all of them were asked */
export function compareReplicas(replicas: readonly ReplicaData[], fetchOffset: number): Comparison {
  const result: Comparison = { nextOffset: fetchOffset, differences: [], diverged: false };
  const [first, ...others] = replicas.map((replica) => ({ ...replica, batches: committedBatches(replica) }));
  if (!first) return result;
  for (const [index, expected] of first.batches.entries()) {
    for (const other of others) {
      const found = other.batches[index];
      if (!found) return result;
      if (found.lastOffset !== expected.lastOffset) {
        result.differences.push(
          `: replica ${first.broker}'s offset ${expected.lastOffset} doesn't match replica ${other.broker}'s offset ${found.lastOffset}`,
        );
        result.diverged = true;
        return result;
      }
      if (found.checksum !== expected.checksum) {
        result.differences.push(
          ` has unmatched checksum at offset ${found.lastOffset}; replica ${first.broker}'s checksum ${expected.checksum}; replica ${other.broker}'s checksum ${found.checksum}`,
        );
      }
    }
    result.nextOffset = expected.lastOffset + 1;
  }
  return result;
}
