/**
 * The transactions of one log that bound its last stable offset: those still open, and those decided whose marker
 * is not yet below the high watermark. Both in the order of their first offsets.
 */

interface OpenTransaction {
  producerId: number;
  firstOffset: number;
}

interface DecidedTransaction extends OpenTransaction {
  /** Of the marker. */
  lastOffset: number;
}

export interface CompletedTransaction extends DecidedTransaction {
  aborted: boolean;
}

export class OpenTransactions {
  private open: OpenTransaction[] = [];
  private unreplicated: DecidedTransaction[] = [];

  get isEmpty(): boolean {
    return this.open.length === 0 && this.unreplicated.length === 0;
  }

  /** The first offset that is not stable; null when all are. */
  get firstUnstableOffset(): number | null {
    const open = this.open[0]?.firstOffset ?? Infinity;
    const unreplicated = this.unreplicated[0]?.firstOffset ?? Infinity;
    const first = Math.min(open, unreplicated);
    return first === Infinity ? null : first;
  }

  begin(producerId: number, firstOffset: number): void {
    insertInOrder(this.open, { producerId, firstOffset });
  }

  /** The last stable offset once this transaction is completed, whatever the high watermark is. */
  lastStableOffsetAfter(completed: CompletedTransaction): number {
    const next = this.open.find((transaction) => transaction.producerId !== completed.producerId);
    return next ? next.firstOffset : completed.lastOffset + 1;
  }

  complete(completed: CompletedTransaction): void {
    this.open = this.open.filter((transaction) => transaction.firstOffset !== completed.firstOffset);
    insertInOrder(this.unreplicated, completed);
  }

  /** Transactions whose marker lies below `offset` no longer matter. */
  forgetDecidedBelow(offset: number): void {
    if (this.unreplicated.length === 0) return;
    this.unreplicated = this.unreplicated.filter((transaction) => transaction.lastOffset >= offset);
  }

  clear(): void {
    this.open = [];
    this.unreplicated = [];
  }
}

function insertInOrder<T extends OpenTransaction>(transactions: T[], added: T): void {
  let index = transactions.length;
  while (index > 0 && (transactions[index - 1] as T).firstOffset > added.firstOffset) index--;
  transactions.splice(index, 0, added);
}
