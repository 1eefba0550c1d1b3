import {
  decodeGroupValue,
  decodeOffsetValue,
  encodeGroupKey,
  encodeGroupValue,
  encodeOffsetKey,
  encodeOffsetValue,
} from '../../../../broker/group/group-records';

const bare = (text: string): string => text.replaceAll(' ', '');
const orders = { topic: 't1', partition: 0 };

/** Bytes as a broker of Apache Kafka 3.9.1 wrote them. */
describe('records of __consumer_offsets', () => {
  test('the key of an offset', () => {
    expect(encodeOffsetKey('g1', orders).toString('hex')).toBe(bare('0001 0002 6731 0002 7431 00000000'));
  });

  test('the value of an offset', () => {
    const committed = { offset: 8, leaderEpoch: 0, metadata: '', commitTimestampMs: 255n, expireTimestampMs: null };
    const bytes = encodeOffsetValue({ ...committed, topicPartition: orders });
    expect(bytes.toString('hex')).toBe(bare('0003 0000000000000008 00000000 0000 00000000000000ff'));
    expect(decodeOffsetValue(bytes, orders)).toEqual({ ...committed, topicPartition: orders });
  });

  test('the value of an offset with a retention of its own', () => {
    const committed = { offset: 8, leaderEpoch: -1, metadata: 'm', commitTimestampMs: 1n, expireTimestampMs: 2n };
    const bytes = encodeOffsetValue({ ...committed, topicPartition: orders });
    expect(bytes.toString('hex')).toBe(bare('0001 0000000000000008 0001 6d 0000000000000001 0000000000000002'));
    expect(decodeOffsetValue(bytes, orders)).toEqual({ ...committed, topicPartition: orders });
  });

  test('key and value of an empty group', () => {
    expect(encodeGroupKey('g1').toString('hex')).toBe(bare('0002 0002 6731'));
    const empty = { protocolType: 'consumer', generation: 2, protocolName: null, leaderId: null, stateSinceMs: 255n };
    const bytes = encodeGroupValue({ ...empty, members: [] });
    expect(bytes.toString('hex')).toBe(bare('0003 0008 636f6e73756d6572 00000002 ffff ffff 00000000000000ff 00000000'));
    expect(decodeGroupValue(bytes)).toEqual({ ...empty, members: [] });
  });

  test('a group with a member', () => {
    const member = {
      id: 'c-1',
      instanceId: 'i',
      clientId: 'c',
      clientHost: '/127.0.0.1',
      rebalanceTimeoutMs: 5,
      sessionTimeoutMs: 4,
      subscription: Buffer.from('s'),
      assignment: Buffer.from('a'),
    };
    const stable = {
      protocolType: 'consumer',
      generation: 1,
      protocolName: 'range',
      leaderId: 'c-1',
      stateSinceMs: 0n,
    };
    const bytes = encodeGroupValue({ ...stable, members: [member] });
    expect(bytes.toString('hex')).toBe(
      bare(
        '0003 0008 636f6e73756d6572 00000001 0005 72616e6765 0003 632d31 0000000000000000 00000001' +
          '0003 632d31 0001 69 0001 63 000a 2f3132372e302e302e31 00000005 00000004 00000001 73 00000001 61',
      ),
    );
    expect(decodeGroupValue(bytes)).toMatchObject({
      ...stable,
      members: [{ id: 'c-1', instanceId: 'i', protocols: [{ name: 'range', metadata: Buffer.from('s') }] }],
    });
  });
});
