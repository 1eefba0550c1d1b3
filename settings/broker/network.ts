/** Listeners, connections, sockets and the queue between network and request processing. */
import { INT_MAX, int, long, string } from '../definition';
import { atLeast } from '../validators';

export const networkKeys = [
  string(
    'listeners',
    'PLAINTEXT://:9092',
    'high',
    'Where this broker listens: `NAME://host:port` entries with distinct names and ports. No host means the default interface, 0.0.0.0 means all.',
    { update: 'per-broker' },
  ),
  string(
    'advertised.listeners',
    null,
    'high',
    'Under which addresses clients and other brokers reach those listeners; the same as `listeners` when not set.',
    { update: 'per-broker' },
  ),
  string(
    'listener.security.protocol.map',
    'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'low',
    'Which protocol each listener name speaks, as `NAME:PROTOCOL` pairs.',
    { update: 'per-broker' },
  ),
  string(
    'control.plane.listener.name',
    null,
    'high',
    'Listener that only the controller uses, so that its requests never queue behind those of clients.',
  ),
  string('early.start.listeners', null, 'high', 'Listeners that open before authorization is ready.'),
  int('num.network.threads', 3, 'high', 'Threads of each listener that read requests and write answers.', {
    update: 'cluster-wide',
    valid: atLeast(1),
  }),
  int(
    'queued.max.requests',
    500,
    'high',
    'Requests that may wait for processing before no more are read from the network.',
    { valid: atLeast(1) },
  ),
  long(
    'queued.max.request.bytes',
    -1,
    'medium',
    'Bytes of requests that may wait for processing; no limit when not positive.',
  ),
  int(
    'socket.send.buffer.bytes',
    102_400,
    'high',
    "Size of a connection's send buffer in the operating system; -1 leaves the system's.",
  ),
  int(
    'socket.receive.buffer.bytes',
    102_400,
    'high',
    "Size of a connection's receive buffer in the operating system; -1 leaves the system's.",
  ),
  int(
    'socket.request.max.bytes',
    104_857_600,
    'high',
    'Largest request that is accepted; a longer one closes its connection.',
    { valid: atLeast(1) },
  ),
  int('socket.listen.backlog.size', 50, 'medium', 'New connections that may wait to be accepted.', {
    valid: atLeast(1),
  }),
  int('max.connections', INT_MAX, 'medium', 'Connections of the whole broker at a time.', {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  int('max.connections.per.ip', INT_MAX, 'medium', 'Connections from one address at a time.', {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  string('max.connections.per.ip.overrides', '', 'medium', 'Other limits for single hosts, as `host:count` pairs.', {
    update: 'cluster-wide',
  }),
  int('max.connection.creation.rate', INT_MAX, 'medium', 'New connections per second of the whole broker.', {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  long('connections.max.idle.ms', 600_000, 'medium', 'Connections that were silent for so long are closed.'),
  int(
    'connection.failed.authentication.delay.ms',
    100,
    'low',
    'Wait before a connection whose authentication failed is closed, to slow down guessing.',
    { valid: atLeast(0) },
  ),
] as const;
