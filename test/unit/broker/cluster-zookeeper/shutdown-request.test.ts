import { requestControlledShutdown } from '../../../../broker/cluster-zookeeper/shutdown-request';
import { MetadataCache } from '../../../../broker/metadata/metadata-cache';
import type { Connect } from '../../../../client/connection';
import { Errors } from '../../../../protocol';
import type { UpdateMetadataRequest } from '../../../../protocol/apis';
import type { Logger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { BrokerConfig } from '../../../../settings';

const BACKOFF_MS = 5_000;
const SETTINGS = {
  'zookeeper.connect': 'localhost',
  'controlled.shutdown.max.retries': '3',
  'controlled.shutdown.retry.backoff.ms': String(BACKOFF_MS),
};
/** The one that stops. */
const BROKER = 1;

/** What the controller answers, attempt by attempt: an error, or how many partitions remain; null for no connection. */
type Answer = { errorCode?: number; remaining?: number } | null;

function setUp(answers: Answer[]) {
  const clock = new ManualClock();
  const metadata = new MetadataCache();
  const askedAtMs: number[] = [];
  const lines: string[] = [];
  const note =
    (level: string) =>
    (text: string): void =>
      void lines.push(`${level} ${text}`);
  const logger = { info: note('INFO'), warn: note('WARN'), error: note('ERROR') } as unknown as Logger;
  const connect = (async () => {
    askedAtMs.push(clock.monotonicMs());
    const answer = answers.shift() ?? null;
    if (answer === null) throw new Error('connect ECONNREFUSED');
    const remainingPartitions = Array.from({ length: answer.remaining ?? 0 }, (_, partitionIndex) => ({
      topicName: 'orders',
      partitionIndex,
    }));
    const response = { errorCode: answer.errorCode ?? 0, remainingPartitions };
    return { send: () => Promise.resolve(response), close: () => undefined };
  }) as unknown as Connect;

  /** The controller tells that it is `controllerId`, and who is alive. */
  const tell = (controllerId: number, brokerIds: readonly number[]): void => {
    const endpoints = [{ listener: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 0 }];
    const liveBrokers = brokerIds.map((id) => ({ id, endpoints, rack: null, v0Host: '', v0Port: 0 }));
    const request = { controllerId, liveBrokers, topicStates: [], ungroupedPartitionStates: [] };
    metadata.apply(request as unknown as UpdateMetadataRequest);
  };
  tell(2, [1, 2]);
  const result = (): Promise<boolean> =>
    requestControlledShutdown({
      clock,
      logger,
      metadata,
      config: BrokerConfig.parse(SETTINGS),
      brokerId: BROKER,
      listenerName: 'PLAINTEXT',
      connect,
      brokerEpoch: () => 7,
    });
  return { clock, tell, askedAtMs, lines, result };
}

const UNCLEAN = 'WARN Proceeding to do an unclean shutdown as all the controlled shutdown attempts failed';

describe('a controlled shutdown', () => {
  it('ends with the first attempt after which nothing remains', async () => {
    const { askedAtMs, lines, result } = setUp([{}]);
    expect(await result()).toBe(true);
    expect(askedAtMs).toEqual([0]);
    expect(lines).toEqual([
      'INFO Starting controlled shutdown',
      'INFO Controlled shutdown request returned successfully',
    ]);
  });

  it('is tried as often as controlled.shutdown.max.retries says, a back-off apart, then given up', async () => {
    const { clock, askedAtMs, lines, result } = setUp([
      { remaining: 2 },
      null,
      { errorCode: Errors.STALE_BROKER_EPOCH.code },
    ]);
    const ended = result();
    await clock.advanceAsync(3 * BACKOFF_MS);
    expect(await ended).toBe(false);
    expect(askedAtMs).toEqual([0, BACKOFF_MS, 2 * BACKOFF_MS]);
    expect(lines).toEqual([
      'INFO Starting controlled shutdown',
      'INFO Controlled shutdown request returned with 2 partitions remaining to move: orders-0, orders-1',
      'INFO Retrying controlled shutdown (2 retries remaining)',
      expect.stringMatching(/^WARN Error during controlled shutdown, .*: connect ECONNREFUSED$/),
      'INFO Retrying controlled shutdown (1 retries remaining)',
      'INFO Controlled shutdown request returned with error STALE_BROKER_EPOCH',
      UNCLEAN,
    ]);
  });

  it('is tried again at once when there is another controller', async () => {
    const { clock, tell, askedAtMs, result } = setUp([null, {}]);
    const ended = result();
    await clock.advanceAsync(100);
    tell(3, [1, 3]);
    expect(await ended).toBe(true);
    expect(askedAtMs).toEqual([0, 100]);
  });

  it('is not tried again when no other broker is left to lead', async () => {
    const { askedAtMs, lines, tell, result } = setUp([{ remaining: 1 }]);
    tell(BROKER, [BROKER]);
    expect(await result()).toBe(false);
    expect(askedAtMs).toEqual([0]);
    expect(lines.at(-1)).toBe('INFO No other broker is alive that could take over leadership; going on');
    expect(lines).not.toContain(UNCLEAN);
  });
});
