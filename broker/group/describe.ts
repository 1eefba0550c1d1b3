/** What tools get to see of a group. */
import { NO_ASSIGNMENT, metadataOf } from './member';
import type { GroupState, GroupStateName } from './group-state';

export interface GroupOverview {
  readonly groupId: string;
  readonly protocolType: string;
  readonly state: GroupStateName;
  readonly type: 'classic';
}

export interface MemberDescription {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly metadata: Buffer;
  readonly assignment: Buffer;
}

export interface GroupDescription {
  readonly state: GroupStateName;
  readonly protocolType: string;
  readonly protocolName: string;
  readonly members: readonly MemberDescription[];
}

export function overviewOf(state: GroupState): GroupOverview {
  return { groupId: state.groupId, protocolType: state.protocolType ?? '', state: state.name, type: 'classic' };
}

/** Members show their data and assignment in a Stable group only; before that neither is agreed. */
export function describeGroup(state: GroupState | null): GroupDescription {
  if (state === null) return { state: 'Dead', protocolType: '', protocolName: '', members: [] };
  const { protocolName } = state;
  const isStable = state.is('Stable') && protocolName !== null;
  return {
    state: state.name,
    protocolType: state.protocolType ?? '',
    protocolName: isStable ? protocolName : '',
    members: [...state.members.values()].map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      metadata: isStable ? metadataOf(member, protocolName) : NO_ASSIGNMENT,
      assignment: isStable ? member.assignment : NO_ASSIGNMENT,
    })),
  };
}
