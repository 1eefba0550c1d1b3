/**
 * AlterReplicaLogDirs (key 34): moves replicas to another log directory of the broker (KIP-113).
 *
 * v0   partitions by directory
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, string, type TypeOf } from '../schema';

export const alterReplicaLogDirs = api(
  34,
  'AlterReplicaLogDirs',
  { versions: '0-2', flexible: '2+' },
  {
    request: {
      dirs: array('0+', {
        path: string('0+'),
        topics: array('0+', {
          name: string('0+'),
          partitions: arrayOf('0+', int32('0+')),
        }),
      }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      results: array('0+', {
        topicName: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
        }),
      }),
    },
  },
);

export type AlterReplicaLogDirsRequest = TypeOf<typeof alterReplicaLogDirs.request>;
export type AlterReplicaLogDirsResponse = TypeOf<typeof alterReplicaLogDirs.response>;
