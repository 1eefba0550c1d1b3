/** What can be wrong with a transaction log; the only error that its parser throws, whatever the bytes are. */

export type TransactionLogFault =
  /** The file does not begin as a transaction log of a version that is known. */
  | 'header'
  /** An entry's length is negative, or beyond what a transaction may have. */
  | 'length'
  /** The bytes do not give the checksum that stands before them. */
  | 'checksum'
  /** The byte that ends an entry is missing: half written, or damaged. */
  | 'end-mark'
  /** The bytes are whole, but not a transaction. */
  | 'record';

export class TransactionLogError extends Error {
  constructor(
    readonly fault: TransactionLogFault,
    what: string,
  ) {
    super(`not a transaction log entry (${fault}): ${what}`);
    this.name = 'TransactionLogError';
  }
}
