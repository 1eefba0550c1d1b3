/** The session with ZooKeeper: where it is, how long it may be silent, and how the connection is secured. */
import { boolean, int, list, password, string } from '../definition';
import { atLeast } from '../validators';

export const zookeeperKeys = [
  string(
    'zookeeper.connect',
    null,
    'high',
    'Comma-separated host:port pairs of the ZooKeeper ensemble, optionally followed by one path (a chroot) under which the whole cluster lives, as in `zk1:2181,zk2:2181/kafka`.',
  ),
  int(
    'zookeeper.session.timeout.ms',
    18_000,
    'high',
    "Silence after which ZooKeeper gives this broker up and removes its ephemeral nodes. The server's own limits may narrow it.",
  ),
  int(
    'zookeeper.connection.timeout.ms',
    null,
    'high',
    'How long to wait for the first connection to ZooKeeper at start; the session timeout when not set.',
  ),
  boolean('zookeeper.set.acl', false, 'high', 'Create nodes that only the authenticated brokers may change.'),
  int(
    'zookeeper.max.in.flight.requests',
    10,
    'high',
    'Requests to ZooKeeper that may be unanswered at a time before the next one waits.',
    { valid: atLeast(1) },
  ),
  string(
    'zookeeper.clientCnxnSocket',
    null,
    'medium',
    "Class of the connection that ZooKeeper's Java client should use; must be its Netty one for TLS.",
  ),
  boolean('zookeeper.ssl.client.enable', false, 'medium', 'Talk TLS with ZooKeeper.'),
  string(
    'zookeeper.ssl.keystore.location',
    null,
    'medium',
    "File with this broker's own certificate and key towards ZooKeeper.",
  ),
  password('zookeeper.ssl.keystore.password', null, 'medium', 'Password of that key store.'),
  string(
    'zookeeper.ssl.keystore.type',
    null,
    'medium',
    'Format of that key store; guessed from the file name when not set.',
  ),
  string(
    'zookeeper.ssl.truststore.location',
    null,
    'medium',
    "File with the certificates that ZooKeeper's own certificate is checked against.",
  ),
  password('zookeeper.ssl.truststore.password', null, 'medium', 'Password of that trust store.'),
  string(
    'zookeeper.ssl.truststore.type',
    null,
    'medium',
    'Format of that trust store; guessed from the file name when not set.',
  ),
  string('zookeeper.ssl.protocol', 'TLSv1.2', 'low', 'TLS version to negotiate with ZooKeeper.'),
  list(
    'zookeeper.ssl.enabled.protocols',
    null,
    'low',
    'TLS versions that may be negotiated with ZooKeeper; the one of `zookeeper.ssl.protocol` when not set.',
  ),
  list(
    'zookeeper.ssl.cipher.suites',
    null,
    'low',
    "Cipher suites that may be negotiated with ZooKeeper; the platform's when not set.",
  ),
  string(
    'zookeeper.ssl.endpoint.identification.algorithm',
    'HTTPS',
    'low',
    "Whether the host name in ZooKeeper's certificate is checked: `HTTPS` does, empty does not.",
  ),
  boolean(
    'zookeeper.ssl.crl.enable',
    false,
    'low',
    "Look up certificate revocation lists for ZooKeeper's certificate.",
  ),
  boolean(
    'zookeeper.ssl.ocsp.enable',
    false,
    'low',
    "Ask the certificate authority online whether ZooKeeper's certificate was revoked.",
  ),
  boolean('zookeeper.metadata.migration.enable', false, 'high', 'Take part in a migration from ZooKeeper to KRaft.'),
  int(
    'zookeeper.metadata.migration.min.batch.size',
    200,
    'medium',
    'Records to collect before a migration writes them as one batch.',
    { valid: atLeast(1), internal: true },
  ),
] as const;
