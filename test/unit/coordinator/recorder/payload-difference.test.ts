import fc from 'fast-check';
import { payloadDifferences } from '../../../../coordinator/recorder/payload-difference';

const differences = (before: unknown, after: unknown): unknown =>
  payloadDifferences(Buffer.from(JSON.stringify(before)), Buffer.from(JSON.stringify(after)));

describe('the difference between two payloads', () => {
  it('names each key of the JSON that differs, with an ISR as a whole', () => {
    expect(
      differences(
        { leader: 1, leader_epoch: 3, isr: [1, 2, 0], version: 1 },
        { leader: 2, leader_epoch: 4, isr: [2, 0], version: 1 },
      ),
    ).toEqual([
      { path: 'leader', before: '1', after: '2' },
      { path: 'leader_epoch', before: '3', after: '4' },
      { path: 'isr', before: '[1,2,0]', after: '[2,0]' },
    ]);
  });

  it('goes into objects and lists of objects, and tells what came and went', () => {
    expect(
      differences(
        { partitions: { '0': [1] }, errands: [{ topic: 'a' }], gone: true },
        { partitions: { '0': [1], '1': [2] }, errands: [{ topic: 'b' }] },
      ),
    ).toEqual([
      { path: 'partitions.1', before: null, after: '[2]' },
      { path: 'errands.0.topic', before: 'a', after: 'b' },
      { path: 'gone', before: 'true', after: null },
    ]);
  });

  it('is the whole where one of them is no JSON, and none at all where they are the same', () => {
    expect(payloadDifferences(Buffer.from('1'), Buffer.from('2'))).toEqual([{ path: '', before: '1', after: '2' }]);
    expect(payloadDifferences(null, Buffer.from('{}'))).toEqual([{ path: '', before: null, after: '{}' }]);
    expect(payloadDifferences(Buffer.from('{"a":1}'), Buffer.from('{"a":1}'))).toEqual([]);
    expect(payloadDifferences(null, null)).toEqual([]);
  });

  it('tells that the text changed where only the order of the keys did', () => {
    expect(payloadDifferences(Buffer.from('{"a":1,"b":2}'), Buffer.from('{"b":2,"a":1}'))).toEqual([
      { path: '', before: '{"a":1,"b":2}', after: '{"b":2,"a":1}' },
    ]);
  });

  it('stays short, however much differs', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key${index}`, 'x'.repeat(1_000)]));
    const found = differences({}, many) as { path: string; after: string }[];
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toEqual({ path: '…', before: null, after: '950 more differences' });
    expect(found[0]?.after).toHaveLength(201);
  });

  it('is found for any two values, and is empty just when they are equal', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(json, json, (one, other) => {
        const found = differences(one, other) as unknown[];
        expect(found.length === 0).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});
