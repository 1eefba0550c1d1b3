/** Errors under the names of Java's exception classes, where Kafka's commands print those. */
import type { WireError } from '../protocol';

/** `org.apache.kafka.common.errors.OffsetOutOfRangeException` for OFFSET_OUT_OF_RANGE. */
export function exceptionName({ name }: WireError): string {
  const words = name.replace(/_ERROR$/, '').split('_');
  const camel = words.map((word) => word.charAt(0) + word.slice(1).toLowerCase()).join('');
  return `org.apache.kafka.common.errors.${camel}Exception`;
}

/** Class and text, as an exception prints itself. */
export function exceptionText(error: WireError, text: string | null = null): string {
  return `${exceptionName(error)}: ${text || error.meaning}`;
}
