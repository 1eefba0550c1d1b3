/**
 * Messages that travel outside of a request: keys and values in the internal topics, and the consumer protocol's data
 * inside of JoinGroup and SyncGroup.
 *
 *   version  i16
 *   body     the message in that version
 *
 * What is decoded keeps views of the bytes given: copy byte fields that outlive the buffer.
 */
import { ProtocolError, Reader, Writer } from '../primitives';
import { codecFor, contains, type Fields, type InputOf, type Message, type MessageOf } from '../schema';

/** The version, then the message in that version. */
export function encodeVersioned<F extends Fields>(
  message: Message<F>,
  version: number,
  value: InputOf<MessageOf<F>>,
): Buffer {
  const writer = new Writer();
  writer.int16(version);
  codecFor(message, version).encode(writer, value);
  return writer.toBuffer();
}

/** Reads the version and the message; ProtocolError when the version is not known or the bytes do not fit it. */
export function decodeVersioned<F extends Fields>(message: Message<F>, bytes: Buffer): MessageOf<F> {
  return decodeAs(message, bytes, readVersion(bytes));
}

/** As decodeVersioned; but a version newer than any known is read as the newest known, whose fields it starts with. */
export function decodeForwardCompatible<F extends Fields>(message: Message<F>, bytes: Buffer): MessageOf<F> {
  return decodeAs(message, bytes, Math.min(readVersion(bytes), message.versions.max));
}

/** The version in front of a message; ProtocolError when there are not even two bytes. */
export function readVersion(bytes: Buffer): number {
  return new Reader(bytes).int16();
}

function decodeAs<F extends Fields>(message: Message<F>, bytes: Buffer, version: number): MessageOf<F> {
  if (!contains(message.versions, version)) throw new ProtocolError(`${message.name} of unknown version ${version}`);
  return codecFor(message, version).decode(new Reader(bytes, 2));
}
