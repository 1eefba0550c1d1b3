import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../../cli/command';
import { exceptionName } from '../../../cli/exception-name';
import { kafkaDeleteRecords, parseDeletions } from '../../../cli/kafka-delete-records';
import { kafkaLeaderElection, parsePartitions } from '../../../cli/kafka-leader-election';
import { kafkaLogDirs } from '../../../cli/kafka-log-dirs';
import { kafkaMetadataQuorum } from '../../../cli/kafka-metadata-quorum';
import { kafkaReassignPartitions } from '../../../cli/kafka-reassign-partitions';
import { Errors } from '../../../protocol';
import { freePorts } from '../../../supervisor/ports';
import { runOurs } from '../../support/run-command';

const b = ['--bootstrap-server', 'localhost:1'];

it.each<[Command, string[], string]>([
  [kafkaLogDirs, b, 'Missing required argument "[describe]"'],
  [kafkaLogDirs, [...b, '--describe', '--broker-list', 'x'], "'x' is no broker id"],
  [kafkaDeleteRecords, b, 'Missing required argument "[offset-json-file]"'],
  [kafkaDeleteRecords, [...b, '--offset-json-file', '/nowhere'], 'Unable to read file /nowhere: there is no such file'],
  [kafkaLeaderElection, ['--topic', 't'], 'Missing required option(s): bootstrap-server, election-type'],
  [
    kafkaLeaderElection,
    [...b, '--election-type', 'preferred'],
    'One and only one of the following options is required: topic, all-topic-partitions, path-to-json-file',
  ],
  [
    kafkaLeaderElection,
    [...b, '--election-type', 'preferred', '--topic', 't'],
    'Missing required option(s): partition',
  ],
  [
    kafkaLeaderElection,
    [...b, '--election-type', 'preferred', '--partition', '1', '--all-topic-partitions'],
    'Option partition is only allowed if topic is used',
  ],
  [
    kafkaLeaderElection,
    [...b, '--election-type', 'any', '--all-topic-partitions'],
    "Cannot parse argument 'any' of option election-type",
  ],
  [
    kafkaReassignPartitions,
    b,
    'Command must include exactly one action: --generate, --execute, --verify, --cancel, --list',
  ],
  [kafkaReassignPartitions, ['--list'], 'Please specify --bootstrap-server'],
  [
    kafkaReassignPartitions,
    [...b, '--list', '--throttle', '5'],
    'Option "[throttle]" can\'t be used with action "[list]"',
  ],
  [kafkaReassignPartitions, [...b, '--execute'], 'Missing required argument "[reassignment-json-file]"'],
  [kafkaMetadataQuorum, b, 'too few arguments'],
  [
    kafkaMetadataQuorum,
    [...b, 'rename'],
    "invalid choice: 'rename' (choose from 'describe', 'add-controller', 'remove-controller')",
  ],
  [
    kafkaMetadataQuorum,
    [...b, 'describe'],
    'One of --status or --replication must be specified with describe sub-command',
  ],
])('%o %j says what is wrong', async (command, args, problem) => {
  const { code, stderr } = await runOurs(command, args);
  expect(code).toBe(1);
  expect(stderr).toContain(problem);
});

it('offsets to delete before are read, and told when there are two for a partition', () => {
  const entry = (offset: number) => ({ topic: 't', partition: 0, offset });
  expect(parseDeletions(JSON.stringify({ partitions: [entry(5)], version: 1 }))).toEqual([entry(5)]);
  expect(() => parseDeletions(JSON.stringify({ partitions: [entry(5), entry(6)] }))).toThrow(
    'contains duplicate topic partitions: t-0',
  );
  expect(() => parseDeletions('{}')).toThrow('Missing partitions field');
});

it('partitions to elect leaders for are read, and told when there is one twice', () => {
  const text = '{"partitions":[{"topic":"t","partition":0}]}';
  expect(parsePartitions(text)).toEqual([{ topic: 't', partition: 0 }]);
  expect(() => parsePartitions(text.replace('[', '[{"topic":"t","partition":0},'))).toThrow(
    'contains duplicate partitions: [t-0]',
  );
  expect(() => parsePartitions('{}')).toThrow('Replica election data is missing "partitions" field');
});

it("errors have the names of Java's exceptions", () => {
  expect(exceptionName(Errors.OFFSET_OUT_OF_RANGE)).toBe('org.apache.kafka.common.errors.OffsetOutOfRangeException');
  expect(exceptionName(Errors.KAFKA_STORAGE_ERROR)).toBe('org.apache.kafka.common.errors.KafkaStorageException');
});

it('a cluster that is not there is told within the time-out', async () => {
  const [port] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'gregor-tools-'));
  const config = join(folder, 'client.properties');
  writeFileSync(config, 'default.api.timeout.ms=300\n');
  const servers = ['--bootstrap-server', `127.0.0.1:${port}`];
  try {
    for (const [command, args] of [
      [kafkaLogDirs, ['--describe', '--command-config', config]],
      [kafkaLeaderElection, ['--election-type', 'preferred', '--all-topic-partitions', '--admin.config', config]],
      [kafkaReassignPartitions, ['--list', '--command-config', config]],
      [kafkaMetadataQuorum, ['describe', '--status', '--command-config', config]],
    ] as [Command, string[]][]) {
      const { code, stderr } = await runOurs(command, [...servers, ...args]);
      expect(code).toBe(1);
      expect(stderr).toContain(`No broker answers at 127.0.0.1:${port} (connection refused; tried for 0.3 s)`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
