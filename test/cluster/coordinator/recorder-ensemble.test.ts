/** The flight recorder on the logs of an ensemble: each server writes its own, and all tell the same, over a change of leader. */
import { connectForTest } from '../../support/zookeeper';
import { eventually } from '../../support/eventually';
import { runRecorder, type RunningRecorder } from '../../support/coordinator/running-recorder';
import { fourLetterWord } from '../../../supervisor/zookeeper-process';
import type { ZooKeeperClient } from '../../../zookeeper';
import { startEnsemble, type TestEnsemble } from '../../support/zookeeper-ensemble';

jest.setTimeout(120_000);

let ensemble: TestEnsemble;
let recorders: RunningRecorder[] = [];
let client: ZooKeeperClient;

beforeAll(async () => {
  ensemble = await startEnsemble();
  recorders = ensemble.dataDirs.map((directory) =>
    runRecorder(ensemble.connectString, { 'zookeeper.transaction.log.dir': directory }),
  );
  client = await connectForTest(ensemble.connectString);
});

afterAll(async () => {
  await client?.close();
  await Promise.all(recorders.map((recorder) => recorder.close()));
  await ensemble?.stop();
});

const storyOf = async (recorder: RunningRecorder): Promise<string[]> =>
  (await recorder.all()).map(({ kind, path, zxid, timeMs, session }) => `${zxid} ${timeMs} ${session} ${kind} ${path}`);

async function expectSameStories(of: readonly RunningRecorder[], last: string): Promise<void> {
  await eventually(`${last} is in each log`, async () => {
    const stories = await Promise.all(of.map(storyOf));
    return stories.every((story) => story.some((line) => line.endsWith(last)) && story.length === stories[0]?.length);
  });
  const [first, ...others] = await Promise.all(of.map(storyOf));
  for (const other of others) expect(other).toEqual(first);
  for (const { recorder } of of) expect((await recorder.history({ limit: 10_000 })).gaps).toEqual([]);
}

async function leaderAt(): Promise<number> {
  const modes = await Promise.all(ensemble.servers.map(({ port }) => fourLetterWord(port, 'srvr')));
  return modes.findIndex((answer) => answer.includes('Mode: leader'));
}

it('has the same from each server’s log, from the very first transaction on', async () => {
  await client.session.create('/one', Buffer.from('1'));
  await client.session.setData('/one', Buffer.from('2'), 0);
  await expectSameStories(recorders, 'changed /one');
  const [first] = await storyOf(recorders[0] as RunningRecorder);
  expect(first).toMatch(/^0x100000001 .* session-opened/);
});

it('goes on in the next epoch when the leader has died, without a gap', async () => {
  const leader = await eventually('one of them leads', async () => (await leaderAt()) + 1);
  await ensemble.servers[leader - 1]?.kill();
  const left = recorders.filter((_, index) => index !== leader - 1);
  await client.session.create('/two', Buffer.from('1'), 'ephemeral');
  await expectSameStories(left, 'created /two');
  const story = await storyOf(left[0] as RunningRecorder);
  expect(story.find((line) => line.endsWith('created /two'))).toMatch(/^0x2000000/);
});
