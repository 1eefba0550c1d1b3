/**
 * DescribeCluster (key 60): tells brokers, controller and cluster id, for administrative clients (KIP-700).
 *
 * v0   flexible
 * v1   endpoint type: brokers or controllers (KIP-919)
 */
import { api } from '../api';
import { array, bool, int16, int32, int8, string, type TypeOf } from '../schema';

export const describeCluster = api(
  60,
  'DescribeCluster',
  { versions: '0-1', flexible: '0+' },
  {
    request: {
      includeClusterAuthorizedOperations: bool('0+'),
      endpointType: int8('1+', { default: 1 }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
      endpointType: int8('1+', { default: 1 }),
      clusterId: string('0+'),
      controllerId: int32('0+', { default: -1 }),
      brokers: array('0+', {
        brokerId: int32('0+'),
        host: string('0+'),
        port: int32('0+'),
        rack: string('0+', { nullable: '0+', default: null }),
      }),
      clusterAuthorizedOperations: int32('0+', { default: -2147483648 }),
    },
  },
);

export type DescribeClusterRequest = TypeOf<typeof describeCluster.request>;
export type DescribeClusterResponse = TypeOf<typeof describeCluster.response>;
