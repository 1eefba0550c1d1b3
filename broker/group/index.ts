/** The group coordinator: everything that other folders use of broker/group/. */
export {
  GroupCoordinator,
  type FetchedOffset,
  type GroupCoordinatorOptions,
  type JoinGroupCall,
  type MemberCall,
  type PartitionError,
  type SyncGroupCall,
} from './group-coordinator';
export type { GroupDescription, GroupOverview, MemberDescription } from './describe';
export type { CommittedOffset } from './group-offsets';
export type { GroupProtocol } from './member';
export type { LeavingMember } from './members';
export type { JoinResult, SyncResult } from './step';
export { partitionForId } from './group-partition';
