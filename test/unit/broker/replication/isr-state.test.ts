import {
  committedIsr,
  effectiveIsr,
  maximalIsr,
  proposeExpand,
  proposeShrink,
  stepIsr,
} from '../../../../broker/replication/isr-state';
import { Errors } from '../../../../protocol';
import { accepted } from './support';

const own = { leaderEpoch: 4, partitionEpoch: 7 };

describe('the ISR while a change is pending', () => {
  const committed = committedIsr([1, 2]);

  it('waits for the new member already while it is being added', () => {
    const pending = proposeExpand(committed, 3);
    expect(maximalIsr(pending)).toEqual([1, 2, 3]);
    expect(effectiveIsr(pending)).toEqual([1, 2]);
  });

  it('waits for the old member still while it is being removed', () => {
    const pending = proposeShrink(committed, [2]);
    expect(pending.proposed).toEqual([1]);
    expect(maximalIsr(pending)).toEqual([1, 2]);
    expect(effectiveIsr(pending)).toEqual([1, 2]);
  });
});

describe('the controller answers a proposal', () => {
  const proposal = proposeExpand(committedIsr([1, 2]), 3);
  const refused = (name: keyof typeof Errors) => ({ accepted: false as const, error: Errors[name] });

  it('commits what was accepted, with the new partition epoch', () => {
    expect(stepIsr(proposal, proposal, accepted([1, 2, 3], 8, 4), own)).toEqual({
      action: 'commit',
      state: committedIsr([1, 2, 3]),
      partitionEpoch: 8,
    });
  });

  it('ignores an answer after the partition has moved on', () => {
    expect(stepIsr(committedIsr([1]), proposal, accepted([1, 2, 3], 8, 4), own).action).toBe('ignore');
  });

  it('ignores an answer of another leader epoch, or of an older partition epoch', () => {
    expect(stepIsr(proposal, proposal, accepted([1, 2, 3], 8, 5), own).action).toBe('ignore');
    expect(stepIsr(proposal, proposal, accepted([1, 2, 3], 6, 4), own).action).toBe('ignore');
  });

  it.each(['OPERATION_NOT_ATTEMPTED', 'INELIGIBLE_REPLICA'] as const)(
    'goes back to the committed ISR after %s',
    (name) => {
      expect(stepIsr(proposal, proposal, refused(name), own)).toEqual({
        action: 'revert',
        state: committedIsr([1, 2]),
      });
    },
  );

  it.each([
    'UNKNOWN_TOPIC_OR_PARTITION',
    'UNKNOWN_TOPIC_ID',
    'FENCED_LEADER_EPOCH',
    'INVALID_UPDATE_VERSION',
    'INVALID_REQUEST',
  ] as const)('stays pending after %s, until the next LeaderAndIsr', (name) => {
    expect(stepIsr(proposal, proposal, refused(name), own).action).toBe('wait');
  });

  it('tries again after any other error', () => {
    expect(stepIsr(proposal, proposal, refused('UNKNOWN_SERVER_ERROR'), own).action).toBe('retry');
  });
});
