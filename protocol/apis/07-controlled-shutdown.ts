/**
 * ControlledShutdown (key 7): a broker asks the controller to move its leaderships away before it stops. Between
 * brokers only.
 *
 * v0   its request header has no client id
 * v1   an ordinary request header
 * v2   broker epoch (KIP-380)
 * v3   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, int16, int32, int64, string, type TypeOf } from '../schema';

export const controlledShutdown = api(
  7,
  'ControlledShutdown',
  { versions: '0-3', flexible: '3+' },
  {
    request: {
      brokerId: int32('0+'),
      brokerEpoch: int64('2+', { default: -1, ignorable: true }),
    },
    response: {
      errorCode: int16('0+'),
      remainingPartitions: array('0+', {
        topicName: string('0+'),
        partitionIndex: int32('0+'),
      }),
    },
  },
);

export type ControlledShutdownRequest = TypeOf<typeof controlledShutdown.request>;
export type ControlledShutdownResponse = TypeOf<typeof controlledShutdown.response>;
