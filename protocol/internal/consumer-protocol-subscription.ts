/**
 * ConsumerProtocolSubscription: what a consumer tells its group's leader in JoinGroup. New versions only add fields
 * at the end, so that an older reader gets along.
 *
 * v0   topics, and data of the assignor's own
 * v1   partitions that the member owns, for cooperative rebalancing (KIP-429)
 * v2   generation in which it owned them (KIP-792)
 * v3   rack (KIP-881)
 */
import { message, array, arrayOf, bytes, int32, string, type TypeOf } from '../schema';

export const consumerProtocolSubscription = message(
  'ConsumerProtocolSubscription',
  { versions: '0-3', flexible: 'none' },
  {
    topics: arrayOf('0+', string('0+')),
    userData: bytes('0+', { nullable: '0+', default: null }),
    ownedPartitions: array(
      '1+',
      {
        topic: string('1+'),
        partitions: arrayOf('1+', int32('0+')),
      },
      { ignorable: true },
    ),
    generationId: int32('2+', { default: -1, ignorable: true }),
    rackId: string('3+', { nullable: '3+', default: null, ignorable: true }),
  },
);

export type ConsumerProtocolSubscription = TypeOf<typeof consumerProtocolSubscription>;
