/**
 * GroupMetadataKey: key of a group's metadata in __consumer_offsets. Its versions go on where those of
 * OffsetCommitKey end.
 *
 * v2   group
 */
import { message, string, type TypeOf } from '../schema';

export const groupMetadataKey = message(
  'GroupMetadataKey',
  { versions: '2', flexible: 'none' },
  {
    group: string('2'),
  },
);

export type GroupMetadataKey = TypeOf<typeof groupMetadataKey>;
