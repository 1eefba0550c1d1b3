/** Whatever bytes arrive, decoding ends soon, with a message or a ProtocolError, and without much memory. */
import * as fc from 'fast-check';
import { allApis, codecFor, ProtocolError, Reader, Writer, type Message } from '../../../protocol';
import * as internalModules from '../../../protocol/internal';
import { arbitraryMessage } from '../../support/arbitrary-message';

const internals = (Object.values(internalModules) as unknown as Message[]).filter((value) => value.fields);
const messages = [...allApis.flatMap(({ request, response }) => [request, response]), ...internals];
const codecs = messages.flatMap((message) =>
  Array.from({ length: message.versions.max - message.versions.min + 1 }, (_, index) => {
    const version = message.versions.min + index;
    return { message, version, codec: codecFor(message, version) };
  }),
);

/** Decodes and tells whether the bytes made a message; fails on any error but a ProtocolError. */
function decodes(codec: (typeof codecs)[number]['codec'], bytes: Buffer): boolean {
  try {
    codec.decode(new Reader(bytes));
    return true;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return false;
  }
}

test('random bytes, for every message in every version', () => {
  const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (array) => {
    const bytes = Buffer.from(array);
    for (const { codec } of codecs) decodes(codec, bytes);
  });
  expect(() => fc.assert(property, { numRuns: 150 })).not.toThrow();
});

test('messages with one byte changed or cut off somewhere, for every message in every version', () => {
  for (const { message, version, codec } of codecs) {
    const values = fc.sample(arbitraryMessage(message, version), { seed: version, numRuns: 3 });
    for (const value of values) {
      const writer = new Writer();
      codec.encode(writer, value);
      const bytes = writer.toBuffer();
      const step = Math.max(1, Math.floor(bytes.length / 40));
      for (let at = 0; at < bytes.length; at += step) {
        const changed = Buffer.from(bytes);
        changed[at] = (at % 3 === 0 ? 0xff : at % 3 === 1 ? 0x7f : (changed[at] as number) ^ 0x80) & 0xff;
        decodes(codec, changed);
        expect(decodes(codec, bytes.subarray(0, at))).toBe(false);
      }
    }
  }
});

test.each([0x00, 0x01, 0x02, 0x7f, 0x80, 0xff])('a megabyte of the byte %d', (fill) => {
  const bytes = Buffer.alloc(1_000_000, fill);
  expect(() => {
    for (const { codec } of codecs) decodes(codec, bytes);
  }).not.toThrow();
});

test('an array that claims millions of tiny structs is refused before they fill the memory', () => {
  // Metadata v9: two bytes a topic (empty name, no tags); 20 million of them would be gigabytes of objects.
  const request = Buffer.alloc(40_000_010);
  const writer = new Writer();
  writer.uvarint(20_000_001);
  writer.toBuffer().copy(request);
  const { codec } = codecs.find(
    ({ message, version }) => message.name === 'MetadataRequest' && version === 9,
  ) as (typeof codecs)[number];
  const before = process.memoryUsage().heapUsed;
  expect(() => codec.decode(new Reader(request))).toThrow(/more than 1000000 elements/);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
});
