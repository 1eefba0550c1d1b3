/** The state of a group in Kafka's word, with what it means. */
import type { GroupSummary } from '@schemas';

const meanings: Record<GroupSummary['state'], string> = {
  Stable: 'all members know what to read',
  PreparingRebalance: 'waiting for all members to join again',
  CompletingRebalance: 'members wait for their assignment',
  Empty: 'no members, but committed offsets',
  Dead: 'no members and no offsets',
  Unknown: 'its coordinator has not told',
};

export function GroupState({ state }: { state: GroupSummary['state'] }) {
  return (
    <>
      <span class={state.endsWith('Rebalance') ? 'badge warn' : 'badge'}>{state}</span>
      <div class="small soft">{meanings[state]}</div>
    </>
  );
}
