/**
 * DescribeLogDirs (key 35): shows log directories and the sizes of the replicas in them (KIP-113).
 *
 * v0   null topics: everything
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 * v3   response: an error code for the whole request (KIP-784)
 * v4   response: total and usable bytes of the volume (KIP-827)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, int64, string, type TypeOf } from '../schema';

export const describeLogDirs = api(
  35,
  'DescribeLogDirs',
  { versions: '0-4', flexible: '2+' },
  {
    request: {
      topics: array(
        '0+',
        {
          topic: string('0+'),
          partitions: arrayOf('0+', int32('0+')),
        },
        { nullable: '0+' },
      ),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('3+', { ignorable: true }),
      results: array('0+', {
        errorCode: int16('0+'),
        logDir: string('0+'),
        topics: array('0+', {
          name: string('0+'),
          partitions: array('0+', {
            partitionIndex: int32('0+'),
            partitionSize: int64('0+'),
            offsetLag: int64('0+'),
            isFutureKey: bool('0+'),
          }),
        }),
        totalBytes: int64('4+', { default: -1, ignorable: true }),
        usableBytes: int64('4+', { default: -1, ignorable: true }),
      }),
    },
  },
);

export type DescribeLogDirsRequest = TypeOf<typeof describeLogDirs.request>;
export type DescribeLogDirsResponse = TypeOf<typeof describeLogDirs.response>;
