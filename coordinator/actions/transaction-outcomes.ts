/** What became of the transactions that the batches of a fetch belong to: worked out as consumers with read_committed do. */
import { batch as header, readEndTransactionMarker, readRecords } from '../../protocol/records';
import type { RecordView } from '../schemas';

export type TransactionOutcome = RecordView['transaction'];

export interface AbortedTransaction {
  producerId: number;
  firstOffset: number;
}

/** To be asked for each batch of an answer, in the order of the log. Owns which transactions are under way at its place. */
export class TransactionOutcomes {
  private readonly waiting: AbortedTransaction[];
  private readonly aborted = new Set<number>();

  /** @param aborted what the leader says was aborted; null when it answered beyond what is decided */
  constructor(private readonly listed: readonly AbortedTransaction[] | null) {
    this.waiting = (listed ?? []).toSorted((one, other) => one.firstOffset - other.firstOffset);
  }

  /** Null for a batch in no transaction, and for the end of one. */
  of(bytes: Buffer, at: number): TransactionOutcome {
    const producerId = header.producerId(bytes, at);
    this.begin(header.nextOffset(bytes, at) - 1);
    if (header.isControl(bytes, at)) {
      if (isAbort(bytes, at)) this.aborted.delete(producerId);
      return null;
    }
    if (!header.isTransactional(bytes, at)) return null;
    if (this.listed === null) return 'pending';
    return this.aborted.has(producerId) ? 'aborted' : 'committed';
  }

  private begin(upToOffset: number): void {
    for (let next = this.waiting[0]; next && next.firstOffset <= upToOffset; next = this.waiting[0]) {
      this.aborted.add(next.producerId);
      this.waiting.shift();
    }
  }
}

function isAbort(bytes: Buffer, at: number): boolean {
  const [end] = readRecords(bytes, at);
  return readEndTransactionMarker(end?.key ?? null, end?.value ?? null)?.type === 'abort';
}
