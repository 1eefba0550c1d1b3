import type { Answered, ControllerChannel } from '../../../../broker/cluster-zookeeper/controller-channel';
import { IsrProposals } from '../../../../broker/cluster-zookeeper/isr-proposals';
import type { IsrProposal } from '../../../../broker/cluster/cluster-change';
import { Errors, type Fields, type InputOf } from '../../../../protocol';
import type { AlterPartitionRequest, AlterPartitionResponse } from '../../../../protocol/apis';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';

type Sent = InputOf<AlterPartitionRequest>;

/** Keeps each request until the test answers it. */
class FakeChannel {
  readonly sent: Sent[] = [];
  private readonly answers: ((response: Partial<AlterPartitionResponse>) => void)[] = [];

  constructor(private readonly version = 3) {}

  send(_api: unknown, _newest: number, build: (version: number) => Sent): Promise<Answered<Fields>> {
    this.sent.push(build(this.version));
    return new Promise((resolve) =>
      this.answers.push((response) => resolve({ version: this.version, response } as unknown as Answered<Fields>)),
    );
  }

  async answer(response: Partial<AlterPartitionResponse>): Promise<void> {
    this.answers.shift()?.(response);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Accepts whatever the last request asked for. */
  acceptLast(): Promise<void> {
    const topics = (this.sent.at(-1)?.topics ?? []).map(({ topicId, topicName, partitions }) => ({
      topicId: topicId ?? '',
      topicName: topicName ?? '',
      partitions: (partitions ?? []).map((partition) => ({
        partitionIndex: partition.partitionIndex ?? 0,
        errorCode: 0,
        leaderId: 1,
        leaderEpoch: partition.leaderEpoch ?? 0,
        isr: partition.newIsrWithEpochs?.map(({ brokerId }) => brokerId ?? -1) ?? [...(partition.newIsr ?? [])],
        leaderRecoveryState: 0,
        partitionEpoch: (partition.partitionEpoch ?? 0) + 1,
      })),
    }));
    return this.answer({ errorCode: 0, topics });
  }
}

function setUp(version?: number): {
  channel: FakeChannel;
  proposals: IsrProposals;
  clock: ManualClock;
  epoch: { now: number };
} {
  const channel = new FakeChannel(version);
  const clock = new ManualClock();
  const epoch = { now: 7 };
  const proposals = new IsrProposals({
    clock,
    logger: silentLogger,
    brokerId: 1,
    channel: channel as unknown as ControllerChannel,
    brokerEpoch: () => epoch.now,
  });
  return { channel, proposals, clock, epoch };
}

const proposal = (partition: number, newIsr: readonly number[] = [1, 2]): IsrProposal => ({
  topicPartition: { topic: 'orders', partition },
  topicId: 'JL1ISlCZQx2Pq0bkGU_0Mg',
  leaderEpoch: 3,
  partitionEpoch: 5,
  newIsr,
  leaderRecoveryState: 0,
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('proposals made together share a request, those made meanwhile share the next', async () => {
  const { channel, proposals } = setUp();
  const first = [proposals.propose(proposal(0)), proposals.propose(proposal(1))];
  await turn();
  const second = [proposals.propose(proposal(2)), proposals.propose(proposal(3))];
  await turn();
  expect(channel.sent).toHaveLength(1);
  await channel.acceptLast();
  expect((await Promise.all(first)).every(({ accepted }) => accepted)).toBe(true);
  expect(channel.sent[1]?.topics?.[0]?.partitions?.map(({ partitionIndex }) => partitionIndex)).toEqual([2, 3]);
  await channel.acceptLast();
  expect(await second[0]).toEqual({
    accepted: true,
    leader: 1,
    leaderEpoch: 3,
    isr: [1, 2],
    leaderRecoveryState: 0,
    partitionEpoch: 6,
  });
});

test('a request that is refused as a whole is sent again, with the broker epoch of then', async () => {
  const { channel, proposals, clock, epoch } = setUp();
  const decision = proposals.propose(proposal(0));
  await turn();
  await channel.answer({ errorCode: Errors.STALE_BROKER_EPOCH.code, topics: [] });
  epoch.now = 8;
  await clock.advanceAsync(50);
  expect(channel.sent.map(({ brokerEpoch }) => brokerEpoch)).toEqual([7, 8]);
  await channel.acceptLast();
  expect((await decision).accepted).toBe(true);
});

test('an error for one partition is told to that one', async () => {
  const { channel, proposals } = setUp();
  const decision = proposals.propose(proposal(0));
  await turn();
  const partition = {
    partitionIndex: 0,
    errorCode: Errors.FENCED_LEADER_EPOCH.code,
    leaderId: 0,
    leaderEpoch: 0,
    isr: [],
    leaderRecoveryState: 0,
    partitionEpoch: 0,
  };
  await channel.answer({
    errorCode: 0,
    topics: [{ topicId: 'JL1ISlCZQx2Pq0bkGU_0Mg', topicName: '', partitions: [partition] }],
  });
  expect(await decision).toMatchObject({ accepted: false, error: { name: 'FENCED_LEADER_EPOCH' } });
});

test('a partition that the answer leaves out is asked for again', async () => {
  const { channel, proposals, clock } = setUp();
  const decision = proposals.propose(proposal(0));
  await turn();
  await channel.answer({ errorCode: 0, topics: [] });
  await clock.advanceAsync(50);
  expect(channel.sent).toHaveLength(2);
  await channel.acceptLast();
  expect((await decision).accepted).toBe(true);
});

test('members of the ISR go with an unknown broker epoch, as Kafka sends them', async () => {
  const { channel, proposals } = setUp();
  void proposals.propose(proposal(0));
  await turn();
  expect(channel.sent[0]?.topics?.[0]?.partitions?.[0]).toMatchObject({
    newIsrWithEpochs: [
      { brokerId: 1, brokerEpoch: -1 },
      { brokerId: 2, brokerEpoch: -1 },
    ],
  });
});

test('an old controller is asked in its own version, by topic name', async () => {
  const { channel, proposals } = setUp(1);
  const decision = proposals.propose(proposal(0));
  await turn();
  expect(channel.sent[0]?.topics?.[0]).toMatchObject({ topicName: 'orders', partitions: [{ newIsr: [1, 2] }] });
  await channel.acceptLast();
  expect((await decision).accepted).toBe(true);
});

test('a second proposal for a partition is refused while the first is under way', async () => {
  const { proposals } = setUp();
  void proposals.propose(proposal(0));
  expect(await proposals.propose(proposal(0, [1]))).toMatchObject({
    accepted: false,
    error: { name: 'OPERATION_NOT_ATTEMPTED' },
  });
});

test('a stop answers what waits', async () => {
  const { proposals } = setUp();
  const decision = proposals.propose(proposal(0));
  proposals.stop();
  expect((await decision).accepted).toBe(false);
});
