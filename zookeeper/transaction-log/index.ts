/** ZooKeeper's transaction log as bytes: every write it ever did, in order. Pure. */
export { TransactionLogError, type TransactionLogFault } from './error';
export {
  checkFileHeader,
  ENTRY_HEAD_BYTES,
  FILE_HEADER_BYTES,
  MOST_TRANSACTION_BYTES,
  readEntry,
  zxidOfLogFile,
  type Entry,
} from './entries';
export { decodeTransaction, type Transaction, type TransactionBody, type TransactionStep } from './transaction';
