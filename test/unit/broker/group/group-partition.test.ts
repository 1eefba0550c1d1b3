import { javaStringHash, partitionForId } from '../../../../broker/group/group-partition';

test.each([
  ['', 0],
  ['a', 97],
  ['hello world', 1_794_106_052],
  ['polygenelubricants', -2_147_483_648],
  ['Grüße', 69_215_351],
  ['😀', 1_772_899],
])('the hash of %j is that of Java', (text, hash) => {
  expect(javaStringHash(text)).toBe(hash);
});

test('the partition is the absolute hash modulo the number of partitions', () => {
  expect(partitionForId('hello world', 50)).toBe(2);
  expect(javaStringHash('payments-app')).toBe(-480_600_191);
  expect(partitionForId('payments-app', 50)).toBe(41);
});

test('the one hash without an absolute value is 0', () => {
  expect(partitionForId('polygenelubricants', 50)).toBe(0);
});
