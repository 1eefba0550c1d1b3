/**
 * GroupMetadataValue: a group with its members after a rebalance. A tombstone removes the group.
 *
 * v0   protocol, generation, leader, members
 * v1   rebalance time-out of each member (KIP-62)
 * v2   when the group came into its state, from which offsets expire (KIP-211)
 * v3   group instance id of static members (KIP-345); what Kafka 3.9 writes
 * v4   flexible; read only, for the way back from newer brokers (KIP-915)
 */
import { message, array, bigint64, bytes, int32, string, type TypeOf } from '../schema';

const memberMetadata = {
  memberId: string('0+'),
  groupInstanceId: string('3+', { nullable: '3+', default: null, ignorable: true }),
  clientId: string('0+'),
  clientHost: string('0+'),
  rebalanceTimeout: int32('1+', { default: -1, ignorable: true }),
  sessionTimeout: int32('0+'),
  subscription: bytes('0+'),
  assignment: bytes('0+'),
};

export const groupMetadataValue = message(
  'GroupMetadataValue',
  { versions: '0-4', flexible: '4+' },
  {
    protocolType: string('0+'),
    generation: int32('0+'),
    protocol: string('0+', { nullable: '0+' }),
    leader: string('0+', { nullable: '0+' }),
    currentStateTimestamp: bigint64('2+', { default: -1n, ignorable: true }),
    members: array('0+', memberMetadata),
  },
);

export type GroupMetadataValue = TypeOf<typeof groupMetadataValue>;
