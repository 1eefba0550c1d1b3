import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { CommandError, defineCommand } from '../../../cli/command';
import { kafkaTopics } from '../../../cli/kafka-topics';
import { runOurs } from '../../support/run-command';

const failing = defineCommand({
  name: 'kafka-failing',
  about: 'This tool fails.',
  options: {},
  needsArguments: false,
  run: () => Promise.reject(new CommandError('It did not work.')),
});

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a command', () => {
  it('explains itself without arguments and with --help, and ends with 1 as those of Kafka do', async () => {
    for (const args of [[], ['--help'], ['--list', '--help']]) {
      const { code, stderr, stdout } = await runOurs(kafkaTopics, args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^This tool creates, lists, describes, alters and deletes topics\.\nOption/);
    }
  });

  it('tells the version of Kafka whose commands these are', async () => {
    expect(await runOurs(kafkaTopics, ['--version'])).toEqual({ code: 0, stdout: '3.9.1\n', stderr: '' });
  });

  it('reports a failure in one line, without a stack', async () => {
    expect(await runOurs(failing, [])).toEqual({ code: 1, stdout: '', stderr: 'It did not work.\n' });
  });

  it('says how to find its options when it was called wrongly', async () => {
    expect(await runOurs(kafkaTopics, ['--list', '--delete'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Command must include exactly one action: --list, --describe, --create, --alter or --delete\n' +
        'See kafka-topics --help for all options.\n',
    });
  });

  it('gives up on a cluster that is not there, saying what to do', async () => {
    const bootstrap = `127.0.0.1:${await deadPort()}`;
    const { code, stderr } = await runOurs(kafkaTopics, ['--list', '--bootstrap-server', bootstrap]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^No broker answers at 127\.0\.0\.1:\d+ \(connection refused; tried for 5 s\)\. Start one with/,
    );
  }, 20_000);

  it('gives up when it is interrupted while it looks for the cluster', async () => {
    const interrupt = new AbortController();
    const bootstrap = `127.0.0.1:${await deadPort()}`;
    const running = runOurs(kafkaTopics, ['--list', '--bootstrap-server', bootstrap], {
      interrupted: interrupt.signal,
    });
    interrupt.abort();
    expect((await running).code).toBe(130);
  });

  it('says what an address should look like', async () => {
    const { code, stderr } = await runOurs(kafkaTopics, ['--list', '--bootstrap-server', 'localhost']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('Brokers are given as host:port')]);
  });
});
