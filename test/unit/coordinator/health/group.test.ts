/** How a consumer group is judged: by lag that grows, not by lag. */
import { growthOf, judgeGroup, type GroupFacts, type LagReading } from '../../../../coordinator/health/group';
import { told } from './support';

const every2Seconds = (lags: (number | null)[]): LagReading[] => lags.map((lag, i) => ({ atMs: i * 2_000, lag }));

const well: GroupFacts = {
  groupId: 'readers',
  state: 'Stable',
  members: 2,
  totalLag: 5,
  lagHistory: every2Seconds([5, 5, 5, 5, 5, 5, 5, 5, 5, 5]),
  recentRebalances: 0,
  coordinatorId: 1,
  coordinatorAnswers: true,
};

const growing = every2Seconds(Array.from({ length: 15 }, (_, i) => i * 100));
const judged = (facts: Partial<GroupFacts>) => judgeGroup({ ...well, ...facts });

describe('lag', () => {
  it('that stays is no finding, however much it is', () => {
    expect(judged({ totalLag: 1_000_000, lagHistory: every2Seconds(Array(20).fill(1_000_000)) })).toEqual({
      verdict: 'healthy',
      reasons: [],
    });
  });

  it('that grows all the time is one, with where it began', () => {
    const verdict = judged({ totalLag: 1_400, lagHistory: growing });
    expect(told(verdict)).toBe('degraded: GROUP_LAG warning');
    expect(verdict.reasons[0]?.text).toBe(
      'Group readers falls behind: its lag grew from 400 to 1,400 records within 28 s.',
    );
  });

  it('that rises between commits and falls with each is no growth', () => {
    expect(growthOf(every2Seconds(Array.from({ length: 20 }, (_, i) => (i % 3) * 500)))).toBeNull();
  });

  it('that a single burst has left is no growth, whenever the burst came', () => {
    for (let at = 1; at < 30; at++) {
      const burst = Array.from({ length: 30 }, (_, i) => (i < at ? 20 : 900));
      expect([at, growthOf(every2Seconds(burst))]).toEqual([at, null]);
    }
  });

  it('that grows under the saw-tooth of commits is growth', () => {
    expect(growthOf(every2Seconds(Array.from({ length: 30 }, (_, i) => i * 200 + (i % 3) * 300)))).not.toBeNull();
  });

  it('that was caught up with does not grow any more', () => {
    expect(growthOf(every2Seconds([0, 500, 1_000, 1_500, 2_000, 1_500, 1_000, 500, 0, 0, 0, 0]))).toBeNull();
  });

  it('is not judged by a few readings, nor by those longer ago than a minute', () => {
    expect(growthOf(growing.slice(0, 5))).toBeNull();
    const grewOnce = [...Array(31).keys()].map((i) => i * 100);
    const flatSince = Array(31).fill(3_100) as number[];
    expect(growthOf(every2Seconds([...grewOnce, ...flatSince]))).toBeNull();
  });

  it('that was not known at times is judged by the times when it was', () => {
    const holes = growing.map(({ atMs, lag }, i) => ({ atMs, lag: i % 4 === 1 ? null : lag }));
    expect(growthOf(holes)).not.toBeNull();
  });
});

describe('a group', () => {
  it('without members and with lag is worth knowing, and a warning when records keep coming', () => {
    const empty = { state: 'Empty', members: 0 } as const;
    expect(told(judged(empty))).toBe('healthy: GROUP_EMPTY info');
    expect(told(judged({ ...empty, totalLag: 1_400, lagHistory: growing }))).toBe('degraded: GROUP_EMPTY warning');
    expect(told(judged({ ...empty, totalLag: 0, lagHistory: [] }))).toBe('healthy:');
  });

  it('that is dead is told of', () => {
    expect(told(judged({ state: 'Dead', members: 0, totalLag: null, lagHistory: [] }))).toBe(
      'degraded: GROUP_DEAD warning',
    );
  });

  it('may rebalance a few times, as at a deployment, but not more', () => {
    expect(told(judged({ recentRebalances: 5 }))).toBe('healthy:');
    expect(told(judged({ recentRebalances: 6 }))).toBe('degraded: GROUP_REBALANCES warning');
  });

  it('whose coordinator does not answer is unknown, whatever was known of it', () => {
    expect(told(judged({ coordinatorAnswers: false, state: 'Dead', lagHistory: growing }))).toBe(
      'unknown: GROUP_COORDINATOR_AWAY unknown',
    );
  });
});
