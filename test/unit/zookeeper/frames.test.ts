import * as fc from 'fast-check';
import { FrameSplitter } from '../../../zookeeper/frames';

function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

describe('FrameSplitter', () => {
  it('gives the same frames however the bytes are cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (frames, cuts) => {
        const wire = Buffer.concat(frames.map((body) => framed(Buffer.from(body))));
        const splitter = new FrameSplitter(100);
        const seen: Buffer[] = [];
        for (let at = 0, cut = 0; at < wire.length; cut++) {
          const end = at + (cuts[cut % cuts.length] as number);
          seen.push(...splitter.push(wire.subarray(at, end)));
          at = end;
        }
        expect(seen.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]));
      }),
    );
  });

  it('refuses a length that is negative or beyond the bound', () => {
    expect(() => new FrameSplitter(10).push(Buffer.from('ffffffff', 'hex'))).toThrow('a frame of -1 bytes');
    expect(() => new FrameSplitter(10).push(Buffer.from('0000000b', 'hex'))).toThrow(
      'a frame of 11 bytes is outside 0..10',
    );
  });
});
