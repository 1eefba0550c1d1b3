/** What can be wrong with bytes that claim to be record batches. */
import { KafkaError } from '../errors';

export type RecordsErrorName =
  'CORRUPT_MESSAGE' | 'INVALID_RECORD' | 'UNSUPPORTED_FOR_MESSAGE_FORMAT' | 'UNSUPPORTED_COMPRESSION_TYPE';

export class RecordsError extends KafkaError {
  constructor(
    readonly errorName: RecordsErrorName,
    text: string,
  ) {
    super(errorName, text);
    this.name = 'RecordsError';
  }
}
