/**
 * The keys of config/coordinator.properties, and the type of their parsed values. What Kafka names already keeps Kafka's
 * name; the rest is Gregor's own.
 */
import { boolean, int, list, long, password, string } from './definition';
import { atLeast, between, oneOf } from './validators';

export const coordinatorKeys = [
  string(
    'zookeeper.connect',
    'localhost:2181',
    'high',
    'ZooKeeper servers of the cluster: host:port,host:port/chroot.',
  ),
  int('zookeeper.session.timeout.ms', 18_000, 'low', 'Time-out of the coordinator’s own session.', {
    valid: atLeast(1),
  }),
  string(
    'zookeeper.transaction.log.dir',
    '',
    'medium',
    'Folder with ZooKeeper’s transaction logs (its dataLogDir or dataDir), when it can be read: then the flight recorder knows the exact transaction, time and session of every change. Empty: it learns of changes by watches.',
  ),
  string(
    'http.host',
    '127.0.0.1',
    'high',
    'Address that the service binds. Anything but loopback lets others see the cluster.',
  ),
  int('http.port', 8080, 'high', 'Port of the service; 0 takes a free one.', { valid: between(0, 65_535) }),
  list(
    'http.allowed.hosts',
    '',
    'medium',
    'Host names under which the service may be called, besides localhost, its own address and IP addresses of loopback. Guards against DNS rebinding. An entry * allows all.',
  ),
  int('http.max.body.bytes', 65_536, 'low', 'Longest request body.', { valid: atLeast(1) }),
  int('http.requests.per.second', 200, 'low', 'Requests that one address may make per second, on average over ten.', {
    valid: atLeast(1),
  }),
  int('http.live.connections', 100, 'low', 'Live streams that may be open at once.', { valid: atLeast(1) }),
  string('data.dir', '/tmp/gregor-coordinator', 'high', 'Folder for the flight recorder and the token.'),
  string(
    'listener.name',
    '',
    'medium',
    'Listener of the brokers to talk to. Empty: the first one in each registration whose protocol is PLAINTEXT.',
  ),
  list(
    'broker.http.listeners',
    '',
    'medium',
    'Where brokers tell their startup events, traces and metrics (their gregor.http.listener): id=host:port,id=host:port.',
  ),
  int('probe.interval.ms', 1_000, 'low', 'How often brokers and ZooKeeper are asked.', { valid: atLeast(50) }),
  int('probe.timeout.ms', 2_000, 'low', 'After this long without an answer a broker counts as silent.', {
    valid: atLeast(10),
  }),
  int('probe.slow.ms', 500, 'low', 'An answer that took longer counts as slow.', { valid: atLeast(1) }),
  int('offsets.interval.ms', 2_000, 'low', 'How often offsets, sizes and groups are read.', { valid: atLeast(100) }),
  boolean(
    'actions.enabled',
    true,
    'high',
    'Whether topics, records and offsets may be changed through the service at all.',
  ),
  password(
    'actions.token',
    '',
    'high',
    'Token that actions need. Empty: one is made at the start and written to the file token in data.dir.',
  ),
  boolean('faults.enabled', false, 'high', 'Whether faults may be made on purpose. For learning and tests only.'),
  string('faults.control', 'none', 'medium', 'What makes the faults: none, supervisor (npm start) or docker.', {
    valid: oneOf('none', 'supervisor', 'docker'),
  }),
  list(
    'docker.containers',
    '',
    'medium',
    'Containers that faults may be made on: zookeeper=name,<broker id>=name. No other container is ever touched.',
  ),
  string('docker.socket', '/var/run/docker.sock', 'low', 'Where the Docker Engine listens.'),
  long('recorder.max.bytes', 67_108_864, 'medium', 'Disk space of the flight recorder; the oldest part goes first.', {
    valid: atLeast(65_536),
  }),
  long('recorder.segment.bytes', 4_194_304, 'low', 'Size at which the flight recorder begins a new file.', {
    valid: atLeast(4_096),
  }),
] as const;

type Key = (typeof coordinatorKeys)[number];
type Value<T> = T extends 'boolean'
  ? boolean
  : T extends 'int' | 'long'
    ? number
    : T extends 'list'
      ? readonly string[]
      : string;

/** Values by key; a long is a number here, as all of them are far below 2^53. */
export type CoordinatorConfig = { readonly [K in Key as K['name']]: Value<K['type']> };
