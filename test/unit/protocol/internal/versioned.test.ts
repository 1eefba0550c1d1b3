import { ProtocolError } from '../../../../protocol';
import {
  decodeAssignment,
  decodeConsumerOffsetsKey,
  decodeSubscription,
  decodeVersioned,
  encodeAssignment,
  encodeSubscription,
  encodeVersioned,
  groupMetadataKey,
  offsetCommitKey,
  offsetCommitValue,
} from '../../../../protocol/internal';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('a record has its version in front', () => {
  const value = { offset: 5, leaderEpoch: 2, metadata: 'm', commitTimestamp: 1_700_000_000_000n };
  const bytes = encodeVersioned(offsetCommitValue, 3, value);
  expect(bytes).toEqual(hex('0003 0000000000000005 00000002 0001 6d 0000018bcfe56800'));
  expect(decodeVersioned(offsetCommitValue, bytes)).toEqual({ ...value, expireTimestamp: -1n });
});

test('versions that are not known, and bytes that are too few, are refused', () => {
  expect(() => decodeVersioned(offsetCommitValue, hex('0005 00'))).toThrow('OffsetCommitValue of unknown version 5');
  expect(() => decodeVersioned(offsetCommitValue, hex('ffff 00'))).toThrow(ProtocolError);
  expect(() => decodeVersioned(offsetCommitValue, hex('00'))).toThrow(ProtocolError);
  expect(() => decodeVersioned(offsetCommitValue, hex('0003 00000000'))).toThrow(ProtocolError);
});

test('the version of a key in __consumer_offsets says what the record is about', () => {
  const offset = encodeVersioned(offsetCommitKey, 1, { group: 'g', topic: 't', partition: 3 });
  expect(decodeConsumerOffsetsKey(offset)).toEqual({ kind: 'offset', group: 'g', topic: 't', partition: 3 });
  const group = encodeVersioned(groupMetadataKey, 2, { group: 'g' });
  expect(decodeConsumerOffsetsKey(group)).toEqual({ kind: 'group', group: 'g' });
  expect(decodeConsumerOffsetsKey(hex('0003 0001 67'))).toEqual({ kind: 'unknown', version: 3 });
  expect(() => decodeConsumerOffsetsKey(hex('0001 0009 67'))).toThrow(ProtocolError);
});

test('a subscription of any version is understood', () => {
  const subscription = { topics: ['a', 'b'], userData: null, ownedPartitions: [], generationId: 4, rackId: 'r' };
  expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription);
  expect(decodeSubscription(encodeSubscription({ topics: ['a'] }, 0))).toEqual({
    topics: ['a'],
    userData: null,
    ownedPartitions: [],
    generationId: -1,
    rackId: null,
  });
});

test('a subscription newer than any known is read as the newest known', () => {
  const newer = Buffer.concat([encodeSubscription({ topics: ['a'], generationId: 9 }), hex('aabbcc')]);
  newer.writeInt16BE(7, 0);
  expect(decodeSubscription(newer)).toMatchObject({ topics: ['a'], generationId: 9 });
  newer.writeInt16BE(-1, 0);
  expect(() => decodeSubscription(newer)).toThrow(ProtocolError);
});

test('an assignment without any bytes is an empty one', () => {
  expect(decodeAssignment(Buffer.alloc(0))).toEqual({ assignedPartitions: [], userData: null });
  const assignment = { assignedPartitions: [{ topic: 't', partitions: [0, 2] }], userData: Buffer.from([1]) };
  expect(decodeAssignment(encodeAssignment(assignment, 1))).toEqual(assignment);
});
