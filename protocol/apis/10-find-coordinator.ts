/**
 * FindCoordinator (key 10): tells which broker coordinates a group (key type 0) or a transactional id (key type 1).
 *
 * v0   groups only
 * v1   key type; throttle time and a text (KIP-98)
 * v2   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v3   compact types and tagged fields (KIP-482)
 * v4   several keys in one request (KIP-699)
 * v5   the client knows TRANSACTION_ABORTABLE (KIP-890)
 * v6   key type 2, share groups (KIP-932); this broker has none
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, int8, string, type TypeOf } from '../schema';

export const findCoordinator = api(
  10,
  'FindCoordinator',
  { versions: '0-6', flexible: '3+' },
  {
    request: {
      key: string('0-3'),
      keyType: int8('1+'),
      coordinatorKeys: arrayOf('4+', string('0+')),
    },
    response: {
      throttleTimeMs: int32('1+', { ignorable: true }),
      errorCode: int16('0-3'),
      errorMessage: string('1-3', { nullable: '1-3', ignorable: true }),
      nodeId: int32('0-3'),
      host: string('0-3'),
      port: int32('0-3'),
      coordinators: array('4+', {
        key: string('4+'),
        nodeId: int32('4+'),
        host: string('4+'),
        port: int32('4+'),
        errorCode: int16('4+'),
        errorMessage: string('4+', { nullable: '4+', ignorable: true }),
      }),
    },
  },
);

export type FindCoordinatorRequest = TypeOf<typeof findCoordinator.request>;
export type FindCoordinatorResponse = TypeOf<typeof findCoordinator.response>;
