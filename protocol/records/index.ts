/** Record batches: everything that other folders use of protocol/records/. */
export * as batch from './batch-header';
export { buildBatch, buildEndTransactionMarker, type BuildBatchOptions } from './batch-builder';
export { checkBatchBounds, forEachBatch, splitBatches, wholeBatchesBytes } from './batch-iterator';
export {
  checkRecordCount,
  forEachRecordOutline,
  readAllRecords,
  readRecords,
  type ReadRecordsOptions,
} from './batch-reader';
export {
  compress,
  compressionIdOf,
  compressionName,
  decompress,
  prepareZstd,
  type CompressionName,
} from './compression';
export { controlType, readEndTransactionMarker, type ControlType, type EndTransactionMarker } from './control-record';
export { crc32c } from './crc32c';
export type { LogRecord, NewRecord, RecordHeader, RecordOutline } from './record';
export { RecordsError, type RecordsErrorName } from './records-error';
