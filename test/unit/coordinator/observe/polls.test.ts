/** Rounds of reading: in which order, never two at once, and what a broker that fails does to the others. */
import { ConnectionError } from '../../../../client';
import { GroupStore } from '../../../../coordinator/observe/group-store';
import { OffsetStore } from '../../../../coordinator/observe/offset-store';
import { Polls } from '../../../../coordinator/observe/polls';
import { KafkaError } from '../../../../protocol';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { TaskGroup } from '../../../../runtime/task-group';

type Asked = { groups?: unknown; topics?: unknown; resources?: unknown };

/** Answers of brokers with one partition each and a group on broker 1. */
class FakeBrokers {
  /** `broker api`, in the order in which they were asked. */
  readonly asked: string[] = [];
  /** What happens instead of an answer. */
  readonly instead = new Map<string, () => Promise<never>>();
  committed = 3;
  highWatermark = 10;
  /** Of the group alone, in an answer that is good otherwise. */
  groupError = { DescribeGroups: 0, OffsetFetch: 0 };

  constructor(private readonly clock: ManualClock) {}

  open = async ({ port }: { port: number }) => {
    const id = port - 9000;
    const connection = {
      closed: false,
    };
    const fail: ((error: Error) => void)[] = [];
    return {
      connection,
      close: () => {
        connection.closed = true;
        for (const end of fail) end(new ConnectionError('closed here'));
      },
      versionOf: () => 9,
      send: (api: { name: string }, body: Asked) => {
        this.asked.push(`${id} ${api.name}`);
        const instead = this.instead.get(`${id} ${api.name}`);
        const answered = new Promise<void>((resolve) => this.clock.after(1, resolve));
        return Promise.race([
          instead ? instead() : answered.then(() => this.answer(id, api.name, body)),
          new Promise((_, reject) => fail.push(reject)),
        ]);
      },
    } as never;
  };

  private answer(id: number, api: string, body: Asked): unknown {
    const groups = id === 1 ? ['readers'] : [];
    const offsets = { name: 't', partitions: [{ partitionIndex: 0, committedOffset: this.committed, errorCode: 0 }] };
    const partition = { partitionIndex: 0, errorCode: 0, offset: this.highWatermark };
    const answers: Record<string, () => unknown> = {
      ListOffsets: () => ({
        topics: (body.topics as { name: string }[]).map(({ name }) => ({ name, partitions: [partition] })),
      }),
      DescribeLogDirs: () => ({ errorCode: 0, results: [] }),
      DescribeConfigs: () => ({ results: [{ configs: [{ name: 'min.insync.replicas', value: String(id + 1) }] }] }),
      ListGroups: () => ({ errorCode: 0, groups: groups.map((groupId) => ({ groupId })) }),
      DescribeGroups: () => ({
        groups: groups.map((groupId) => ({
          errorCode: this.groupError.DescribeGroups,
          groupId,
          groupState: 'Empty',
          protocolType: 'consumer',
          protocolData: '',
          members: [],
        })),
      }),
      OffsetFetch: () => {
        const errorCode = this.groupError.OffsetFetch;
        return { groups: [{ groupId: 'readers', errorCode, topics: errorCode === 0 ? [offsets] : [] }] };
      },
    };
    return answers[api]?.();
  }
}

function polling() {
  const clock = new ManualClock();
  const tasks = new TaskGroup('test', clock, silentLogger);
  const brokers = new FakeBrokers(clock);
  const offsets = new OffsetStore();
  const groups = new GroupStore();
  let rounds = 0;
  const polls = new Polls({
    clock,
    tasks,
    logger: silentLogger,
    intervalMs: 2_000,
    timeoutMs: 500,
    offsets,
    groups,
    targets: () => [1, 2].map((id) => [id, { host: 'host', port: 9000 + id }] as const),
    ledBy: (id) => new Map([[id === 1 ? 't' : 'u', [0]]]),
    onRound: () => rounds++,
    open: brokers.open,
  });
  return { clock, tasks, brokers, offsets, groups, polls, rounds: () => rounds };
}

it('reads the offsets of all brokers before the groups of any, so that lag is of one moment', async () => {
  const { clock, brokers, groups, polls } = polling();
  polls.start();
  await clock.advanceAsync(100);
  const names = brokers.asked.map((asked) => asked.slice(2));
  expect(names.lastIndexOf('ListOffsets')).toBeLessThan(names.indexOf('ListGroups'));
  expect(groups.all.get('readers')).toMatchObject({ coordinatorId: 1, totalLag: 7 });
  expect([polls.of(1).minIsr, polls.of(2).minIsr]).toEqual([2, 3]);
});

it('reads sizes and settings more seldom than offsets', async () => {
  const { clock, brokers, polls } = polling();
  polls.start();
  await clock.advanceAsync(9_000);
  const count = (api: string): number => brokers.asked.filter((asked) => asked === `1 ${api}`).length;
  expect({ groups: count('ListGroups'), configs: count('DescribeConfigs') }).toEqual({ groups: 5, configs: 1 });
  polls.settingsChanged();
  await clock.advanceAsync(2_000);
  expect(count('DescribeConfigs')).toBe(2);
});

it('notes down a broker that is lost, and reads the others all the same', async () => {
  const { clock, brokers, offsets, polls, rounds } = polling();
  brokers.instead.set('2 ListOffsets', () => Promise.reject(new ConnectionError('lost')));
  brokers.instead.set('2 ListGroups', () => Promise.reject(new ConnectionError('lost')));
  polls.start();
  await clock.advanceAsync(100);
  expect(polls.of(2)).toMatchObject({ offsetsAtMs: null, groupsAtMs: null, error: 'lost' });
  expect(polls.of(1)).toMatchObject({ error: null });
  expect(offsets.highWatermark('t', 0)).toBe(10);
  expect(rounds()).toBe(1);
  brokers.instead.clear();
  await clock.advanceAsync(2_000);
  expect(polls.of(2)).toMatchObject({ error: null });
  expect(offsets.highWatermark('u', 0)).toBe(10);
});

it.each(['DescribeGroups', 'OffsetFetch'] as const)(
  'keeps what was known of a group that moves to another coordinator while it is asked for: %s',
  async (api) => {
    const { clock, brokers, groups, polls } = polling();
    polls.start();
    await clock.advanceAsync(100);
    brokers.groupError[api] = 16;
    await clock.advanceAsync(2_000);
    expect(groups.all.get('readers')).toMatchObject({ totalLag: 7, lagHistory: [{ lag: 7 }] });
    brokers.groupError[api] = 0;
    await clock.advanceAsync(2_000);
    expect(groups.all.get('readers')).toMatchObject({ totalLag: 7, lagHistory: [{ lag: 7 }, { lag: 7 }] });
  },
);

it('keeps what was known of groups while their coordinator loads them', async () => {
  const { clock, brokers, groups, polls } = polling();
  polls.start();
  await clock.advanceAsync(100);
  brokers.instead.set('1 ListGroups', () => Promise.reject(new KafkaError('COORDINATOR_LOAD_IN_PROGRESS')));
  await clock.advanceAsync(2_000);
  expect([...groups.all.keys()]).toEqual(['readers']);
  expect(polls.of(1).error).not.toBeNull();
});

it('never begins a round while one is under way, and gives up a broker that was found to hang', async () => {
  const { clock, brokers, polls, rounds } = polling();
  brokers.instead.set('2 ListOffsets', () => new Promise(() => undefined));
  polls.start();
  await clock.advanceAsync(20_000);
  expect(brokers.asked.filter((asked) => asked === '1 ListOffsets')).toHaveLength(2);
  expect(rounds()).toBe(0);
  polls.drop(2);
  await clock.advanceAsync(100);
  expect(rounds()).toBe(1);
});

it('reads anew when asked, also in the middle of a round, and then once for all who asked', async () => {
  const { clock, brokers, groups, polls, rounds } = polling();
  const first = polls.refresh();
  brokers.committed = 9;
  const others = [polls.refresh(), polls.refresh()];
  await clock.advanceAsync(200);
  await Promise.all([first, ...others]);
  expect(rounds()).toBe(2);
  expect(groups.all.get('readers')?.totalLag).toBe(1);
});
