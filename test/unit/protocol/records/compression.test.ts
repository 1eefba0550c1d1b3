import { gzipSync } from 'node:zlib';
import { compressSync } from 'snappy';
import fc from 'fast-check';
import {
  compress,
  compressionName,
  decompress,
  prepareZstd,
  RecordsError,
  type CompressionName,
} from '../../../../protocol/records';
import { isRefusalOrNone } from './refusals';

const codecs: CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const compressing = codecs.filter((codec) => codec !== 'none');

/** Bytes with the repetitions that compressors live on, and without. */
const anyContent = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((data) => Buffer.from(data)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 5000 }))
    .map(([pattern, times]) => Buffer.concat(Array.from({ length: times }, () => Buffer.from(pattern)))),
);

describe.each(codecs)('%s', (codec) => {
  beforeAll(() => prepareZstd());

  it('gives back what it was given', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        expect(decompress(codec, compress(codec, content)).equals(content)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(compressing)('%s', (codec) => {
  it('stops at the bound that the caller sets, however small the compressed bytes are', () => {
    const bomb = compress(codec, Buffer.alloc(4_000_000));
    expect(bomb.length).toBeLessThan(250_000);
    expect(() => decompress(codec, bomb, 1_000_000)).toThrow(RecordsError);
  });

  it('answers damaged bytes with an error of its own', () => {
    fc.assert(
      fc.property(anyContent, fc.nat(), fc.nat({ max: 255 }), (content, at, byte) => {
        const damaged = Buffer.from(compress(codec, content));
        if (damaged.length === 0) return;
        damaged[at % damaged.length] = byte;
        expect(isRefusalOrNone(() => decompress(codec, damaged, 1_000_000))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

it('reads raw snappy, as librdkafka writes it', () => {
  const content = Buffer.from('snappy without a stream around it '.repeat(50));
  expect(decompress('snappy', compressSync(content))).toEqual(content);
});

it('reads an LZ4 block that refers to bytes of the block before', () => {
  // Two linked blocks: four stored letters, then a match of eight bytes four bytes back and one last literal.
  const stored = Buffer.from([4, 0, 0, 0x80, ...Buffer.from('abcd')]);
  const linked = Buffer.from([5, 0, 0, 0, 0x04, 4, 0, 0x10, 0x65]);
  const frame = Buffer.concat([
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0]),
    stored,
    linked,
    Buffer.alloc(4),
  ]);
  expect(decompress('lz4', frame).toString()).toBe('abcdabcdabcde');
});

it('knows gzip members of other writers', () => {
  expect(decompress('gzip', gzipSync(Buffer.from('x'), { level: 9 })).toString()).toBe('x');
});

it('refuses the codec numbers that nobody uses', () => {
  expect(() => compressionName(5)).toThrow(expect.objectContaining({ errorName: 'UNSUPPORTED_COMPRESSION_TYPE' }));
});
