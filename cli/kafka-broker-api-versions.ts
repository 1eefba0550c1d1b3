/** kafka-broker-api-versions: which APIs each broker speaks, in which versions (Kafka's BrokerApiVersionsCommand). */
import type { VersionBounds } from '../client';
import { apiOfKey } from '../protocol';
import { openCluster, readPropertiesFile } from './cluster';
import { defineCommand, failureText, startCommand, type CommandIo } from './command';
import { commonOptions, type ParsedOptions, requireOptions, value } from './options';

const options = {
  ...commonOptions,
  'bootstrap-server': value('server(s) to use for bootstrapping', 'REQUIRED: brokers to connect to.'),
  'command-config': value('command config property file', 'File with properties for the connection to the cluster.'),
};

type Given = ParsedOptions<typeof options>;

/** APIs of Kafka 3.9's clients that no broker with ZooKeeper has, by key. */
const KRAFT_APIS: Readonly<Record<number, string>> = {
  55: 'DescribeQuorum',
  64: 'UnregisterBroker',
  71: 'GetTelemetrySubscriptions',
  72: 'PushTelemetry',
  74: 'ListClientMetricsResources',
  75: 'DescribeTopicPartitions',
  76: 'ShareGroupHeartbeat',
  77: 'ShareGroupDescribe',
  78: 'ShareFetch',
  79: 'ShareAcknowledge',
  80: 'AddRaftVoter',
  81: 'RemoveRaftVoter',
  83: 'InitializeShareGroupState',
  84: 'ReadShareGroupState',
  85: 'WriteShareGroupState',
  86: 'DeleteShareGroupState',
  87: 'ReadShareGroupStateSummary',
};

function versionLines(versions: ReadonlyMap<number, VersionBounds>): string[] {
  const keys = new Set([...versions.keys(), ...Object.keys(KRAFT_APIS).map(Number)]);
  return [...keys].toSorted((one, other) => one - other).map((key) => versionLine(key, versions.get(key)));
}

function versionLine(key: number, theirs: VersionBounds | undefined): string {
  const api = apiOfKey(key);
  const name = api?.name ?? KRAFT_APIS[key] ?? 'UNKNOWN';
  if (!theirs) return `${name}(${key}): UNSUPPORTED`;
  const range = theirs.min === theirs.max ? String(theirs.min) : `${theirs.min} to ${theirs.max}`;
  if (!api) return `${name}(${key}): ${range}`;
  const ours = api.request.versions;
  if (ours.max < theirs.min) return `${name}(${key}): ${range} [unusable: node too new]`;
  if (theirs.max < ours.min) return `${name}(${key}): ${range} [unusable: node too old]`;
  return `${name}(${key}): ${range} [usable: ${Math.min(ours.max, theirs.max)}]`;
}

async function run(given: Given, io: CommandIo): Promise<number> {
  requireOptions(given, 'bootstrap-server');
  const file = given.text('command-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  const cluster = await openCluster(given.text('bootstrap-server') ?? '', io, properties);
  try {
    for (const { nodeId, host, port, rack } of (await cluster.metadata([])).brokers) {
      const node = `${host}:${port} (id: ${nodeId} rack: ${rack})`;
      try {
        const { versions } = await cluster.broker(nodeId);
        io.stdout.write(`${node} -> (\n\t${versionLines(versions).join(',\n\t')}\n)\n`);
      } catch (error) {
        io.stdout.write(`${node} -> ERROR: ${failureText(error)}\n`);
      }
    }
    return 0;
  } finally {
    await cluster.close();
  }
}

export const kafkaBrokerApiVersions = defineCommand({
  name: 'kafka-broker-api-versions',
  about: 'This tool shows which APIs each broker speaks, in which versions.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaBrokerApiVersions);
